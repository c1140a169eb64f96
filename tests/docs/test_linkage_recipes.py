"""Recipes of linkage and of the audit sample: their commands are those that there are."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from interfaces.command_line import app
from tests.docs.page_reader import read_blocks_of_shell
from tests.docs.test_tasks import _read
from tests.module_commands import unknown_words

PAGES = ("how-to/train-and-judge-linkage.md", "how-to/audit-a-sample.md")


def _lines(page: str) -> list[str]:
    return [line for _, block in read_blocks_of_shell(page) for line in block.splitlines()]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_understood(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents recipes with commands and options that are gone."""
    monkeypatch.chdir(tmp_path)
    commands = [words for words in map(shlex.split, _lines(page)) if words[0] == "register"]
    assert len(commands) > 2
    for words in commands:
        _read(get_command(app), words[1:])


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_is_run_has_its_options(page: str) -> None:
    """Prevents recipes that run a benchmark or a simulation as it was."""
    runs = [line for line in _lines(page) if line.startswith("python -m ")]
    assert {line: unknown_words(line) for line in runs if unknown_words(line)} == {}
