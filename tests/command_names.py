"""The names of all commands, for tables that must name each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from interfaces.command_line import app


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
