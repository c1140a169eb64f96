"""The backups that hold a child after an erasure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interfaces.command_line.commands.erase import show_backups
from register.backup import take_backup
from register.settings import Settings
from tests.backup.conftest import with_backup


def test_backups_that_keep_the_child_are_listed_with_their_dates(
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prevents an erasure after which nobody knows where the child still is, and until when."""
    monkeypatch.setattr("register.backup.backups.is_restic_installed", lambda: False)
    show_backups(settings)
    assert "backups made otherwise keep the child" in capsys.readouterr().out
    home = with_backup(settings, tmp_path / "backups")
    run = take_backup(home, datetime(2099, 6, 1, 2, tzinfo=UTC))
    show_backups(home)
    shown = capsys.readouterr().out
    assert run.backup.backup_id in shown
    assert "2099-06-15" in shown
    show_backups(replace(home, backup=replace(home.backup, key="another key of forty characters")))
    assert "cannot be listed" in capsys.readouterr().out
