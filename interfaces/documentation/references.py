"""Reference pages made from the code: command line, settings, contracts of the feeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

import typer

from orchestration.data_dictionary import Column as DescribedColumn
from orchestration.data_dictionary import Table, read_tables
from register.feeds import Column, load_contracts
from register.settings import load_settings
from register.variables import OTHER_VARIABLES, Variable

STAR_SCHEMAS = ("register", "agreement")
FACTS = ("fct_", "bridge_")


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


def describe_variables() -> list[Variable]:
    """Return every variable that an operator can set, with its default in words."""
    usual = load_settings({})
    described = []
    for part in (usual, usual.limits, usual.web):
        for declared in fields(part):
            variable = declared.metadata.get("variable")
            if variable is not None:
                value = variable.usual or _format_default(getattr(part, declared.name))
                described.append(replace(variable, usual=value))
    return [*described, *OTHER_VARIABLES]


def _format_default(value: Any) -> str:
    """Return a default as an operator would write it, or `none`."""
    if isinstance(value, tuple):
        return " ".join(value) or "none"
    return (str(value) if not isinstance(value, float) else f"{value:g}") or "none"


def settings_page() -> str:
    """Every variable of the environment that an operator can set, from the settings classes."""
    return "\n".join(
        [
            "# Settings",
            "",
            "Variables of the environment that an operator can set. The table is generated from",
            "`register/settings.py`; `register doctor` says what is missing.",
            "",
            "| variable | type | default | purpose |",
            "|---|---|---|---|",
            *(
                f"| `{each.name}` | {_cell(each.kind)} | {_cell(each.usual)} |"
                f" {_cell(each.purpose)} |"
                for each in describe_variables()
            ),
            "",
        ]
    )


def star_page(manifest: Mapping[str, Any]) -> str:
    """Every join from a fact of the register to what its keys lead to, from dbt's manifest."""
    lines = [
        "# The star",
        "",
        "The facts of the register, and the dimensions that their keys lead to. A join is always",
        "there where its key is required.",
        "",
        "| fact | leads to | by | required |",
        "|---|---|---|---|",
    ]
    for fact, parent, columns, is_required in list_joins(read_tables(manifest)):
        needed = "yes" if is_required else ""
        lines.append(f"| `{fact}` | `{parent}` | `{', '.join(columns)}` | {needed} |")
    return "\n".join([*lines, ""])


def list_joins(tables: Iterable[Table]) -> list[tuple[str, str, tuple[str, ...], bool]]:
    """Return fact, parent table, key columns, and whether any of them is required."""
    joins = []
    for table in tables:
        if table.schema not in STAR_SCHEMAS or not table.name.startswith(FACTS):
            continue
        by_parent: dict[str, list[DescribedColumn]] = {}
        for column in table.columns:
            for parent in (key.removeprefix("→ ") for key in column.keys if "→" in key):
                by_parent.setdefault(parent.split(".")[0], []).append(column)
        for parent, columns in by_parent.items():
            names = tuple(column.name for column in columns)
            joins.append((table.name, parent, names, any(column.is_required for column in columns)))
    return joins


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
