"""Kinds of files in a home: every file that a load writes is of a known kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from interfaces.command_line.commands.doctor import CHECKS, DEEP_CHECKS
from register.home_files import KINDS, FileKind, find_kind, list_unknown_files
from register.settings import Settings
from tests.orchestration.conftest import Place


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.pattern)
def test_every_kind_says_what_notices_a_change(kind: FileKind) -> None:
    """Prevents a kind of file that may be changed unseen without anybody having said why."""
    checks = {*CHECKS, *DEEP_CHECKS, "statistics verify", "access verify"}
    assert kind.noticed_by in {*checks, None}
    assert bool(kind.why_unnoticed) is (kind.noticed_by is None)


def test_a_load_writes_only_files_of_known_kinds(loaded: Place) -> None:
    """Prevents files of which nobody knows what they say about children."""
    assert list(list_unknown_files(loaded.settings.home)) == []


def test_a_file_of_no_kind_is_counted_and_not_named(settings: Settings) -> None:
    """Prevents a copy of children's rows that lies in a home unseen, and its name in a report."""
    check = CHECKS["unknown files"]
    assert check(settings)[0]
    path = settings.published / "Okonkwo, export.csv"
    path.write_text("a child's row", encoding="utf-8")
    is_well, message = check(settings)
    assert not is_well
    assert "1 in published" in message
    assert "Okonkwo" not in message


def test_the_first_pattern_that_fits_decides(tmp_path: Path) -> None:
    """Prevents a raw copy from being taken for landed rows because it ends alike."""
    kind = find_kind(tmp_path, tmp_path / "landing/police_reports/D1/raw/reports.parquet")
    assert kind is not None
    assert kind.description == "a delivered file as it was received"
