"""Reference pages built from the code: the commands, and the contracts of the feeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from register.feeds import Column, load_contracts


def build_command_line_page(command_line: Any) -> str:
    """Build the page of all commands with their arguments and options, as `--help` shows them.

    `command_line` is the group of all commands.
    """
    lines = [
        "# Command line",
        "",
        "Every command of `register` with its options, as its `--help` shows them.",
        "",
        command_line.epilog,
        "",
    ]
    root_context = typer.Context(command_line)
    for name in command_line.list_commands(root_context):
        command = command_line.get_command(root_context, name)
        context = typer.Context(command, info_name=f"register {name}")
        lines += [f"## register {name}", "", *_describe_command(command, context)]
        for inner_name, inner in sorted(getattr(command, "commands", {}).items()):
            command_name = f"register {name} {inner_name}"
            lines += [
                f"### {command_name}",
                "",
                *_describe_command(inner, typer.Context(inner, info_name=command_name)),
            ]
    return "\n".join(lines)


def _describe_command(command: Any, context: typer.Context) -> Iterator[str]:
    """Describe one command: what it does, its usage, its arguments and options."""
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
            yield f"| `{_escape_cell(name)}` | {_escape_cell(purpose)} |"
        yield ""


def _escape_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def build_contracts_page() -> str:
    """Build the page of every table and column of every feed, from its contract."""
    lines = [
        "# Contracts",
        "",
        "What each feed delivers: its tables and columns. How a system writes them is a layout.",
        "`register guide` writes templates and sample files, and contracts for tools.",
        "[The contract promise](../docs/reference/contract-promise.md) says what may change.",
        "",
    ]
    for feed, contract in load_contracts().items():
        lines += [f"## {feed}", ""]
        for table in contract.tables:
            lines += [f"### {feed}: {table.name}", "", "| column | type | required | what it is |"]
            lines += [
                "|---|---|---|---|",
                *(_describe_column(column) for column in table.properties),
                "",
            ]
    return "\n".join(lines)


def _describe_column(column: Column) -> str:
    is_required = "yes" if column.required else ""
    description = _escape_cell(column.description)
    return f"| `{column.name}` | {column.logicalType} | {is_required} | {description} |"
