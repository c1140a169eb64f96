"""Reference pages made from the code: command line, contracts of the feeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from register.feeds import Column, load_contracts


def command_line_page(command_line: Any) -> str:
    """Every command of `register` with its arguments and options, as its `--help` says.

    `command_line` is the group of all commands.
    """
    lines = [
        "# Command line",
        "",
        "Every command of `register`, made from the commands themselves. Each has `--help`.",
        "",
        command_line.epilog,
        "",
    ]
    whole = typer.Context(command_line)
    for name in command_line.list_commands(whole):
        command = command_line.get_command(whole, name)
        context = typer.Context(command, info_name=f"register {name}")
        lines += [f"## register {name}", "", *_command(command, context)]
        for inner_name, inner in sorted(getattr(command, "commands", {}).items()):
            called = f"register {name} {inner_name}"
            lines += [f"### {called}", "", *_command(inner, typer.Context(inner, info_name=called))]
    return "\n".join(lines)


def _command(command: Any, context: typer.Context) -> Iterator[str]:
    """The lines of one command: what it does, how it is called, its arguments and options."""
    yield " ".join((command.help or "").split("\n\n")[0].split())
    yield ""
    for paragraph in (command.help or "").split("\n\n")[1:]:
        yield " ".join(paragraph.split())
        yield ""
    pieces = " ".join(command.collect_usage_pieces(context))
    yield from ("```", f"{context.info_name} {pieces}".strip(), "```", "")
    records = [
        (record[0], record[1])
        for parameter in command.get_params(context)
        if (record := parameter.get_help_record(context)) is not None
        and not record[0].startswith("--help")
    ]
    if records:
        yield from ("| | |", "|---|---|")
        for name, purpose in records:
            yield f"| `{_cell(name)}` | {_cell(purpose)} |"
        yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def contracts_page() -> str:
    """Every table and column of every feed, as its contract says."""
    lines = [
        "# Contracts",
        "",
        "What each feed delivers: its tables and columns. How a system writes them is a layout.",
        "`register guide` writes templates and sample files.",
        "",
    ]
    for feed, contract in load_contracts().items():
        lines += [f"## {feed}", ""]
        for table in contract.tables:
            lines += [f"### {feed}: {table.name}", "", "| column | type | required | what it is |"]
            lines += ["|---|---|---|---|", *(_column(column) for column in table.properties), ""]
    return "\n".join(lines)


def _column(column: Column) -> str:
    needed = "yes" if column.required else ""
    return f"| `{column.name}` | {column.logicalType} | {needed} | {_cell(column.description)} |"
