"""`register metrics`: whose words go to MetricFlow, and what it says with nothing to ask."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from orchestration import metrics as project
from register.publishing import Generation
from register.settings import Settings

runner = CliRunner()


@pytest.fixture
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty home, which the command finds."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    return settings


def test_without_a_generation_it_says_to_load(home: Settings) -> None:
    """Prevents a message of MetricFlow about a file that no operator knows."""
    outcome = runner.invoke(app, ["metrics", "list", "metrics"])
    assert outcome.exit_code == 1
    assert "run `register load`" in outcome.output


def test_every_word_is_handed_on_and_a_file_is_written_where_one_stands(
    home: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Prevents an answer that is written below the home instead of where it was asked for."""
    calls: list[Any] = []
    generation = Generation("20260101T000000-000000", tmp_path, is_current=True)
    monkeypatch.setattr("register.publishing.current_generation", lambda _: generation)
    monkeypatch.setattr(project, "create_metrics_project", lambda *_: tmp_path)

    def run(command: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
        calls.append((command[1:], more["cwd"]))
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.chdir(tmp_path)
    words = ["query", "--metrics", "episodes", "--explain", "--csv", "answer.csv"]
    outcome = runner.invoke(app, ["metrics", *words])
    assert calls == [([*words[:-1], str(tmp_path / "answer.csv")], tmp_path)]
    assert outcome.exit_code == 3
