"""Commands of the register: the names of all, and running one in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from interfaces.command_line import app
from register.settings import PROJECT_ROOT


def list_commands() -> list[str]:
    """The words of every command, such as `access grant`."""
    return sorted(_list_words(typer.main.get_command(app)))


def _list_words(group: Any, path: str = "") -> Iterator[str]:
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        words = f"{path} {name}".strip()
        if hasattr(command, "list_commands"):
            if command.invoke_without_command:
                yield words
            yield from _list_words(command, words)
        else:
            yield words


def run_register(environment: Mapping[str, str], *words: str) -> str:
    """Run a command with more variables of the environment; return all that it printed."""
    run = subprocess.run(
        [sys.executable, "-m", "interfaces.command_line", *words],
        cwd=PROJECT_ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return run.stdout + run.stderr
