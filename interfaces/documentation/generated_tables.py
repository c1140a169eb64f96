"""Reference pages made of one table each: the settings, and the joins of the star schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from orchestration.data_dictionary import Column, Table, read_tables
from register.settings import load_settings
from register.variables import OTHER_VARIABLES, Variable

STAR_SCHEMAS = ("register", "agreement")
FACTS = ("fct_", "bridge_")


def describe_variables() -> list[Variable]:
    """Return every variable that an operator can set, with its default in words."""
    usual = load_settings({})
    described = []
    parts = (
        *(usual.limits, usual.inbox_settings, usual.served_copy, usual.lake, usual.web),
        *(usual.oidc, usual.watch, usual.backup),
    )
    for part in (usual, *parts):
        for declared in fields(part):
            variable = declared.metadata.get("variable")
            if variable is not None:
                value = variable.usual or _format_default(getattr(part, declared.name))
                described.append(replace(variable, usual=value))
    return [*described, *OTHER_VARIABLES]


def _format_default(value: Any) -> str:
    """Return a default in the form in which an operator would write it, or `none`."""
    if isinstance(value, tuple):
        return " ".join(value) or "none"
    return (str(value) if not isinstance(value, float) else f"{value:g}") or "none"


def build_settings_page() -> str:
    """Build the page of every environment variable that an operator can set."""
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
                f"| `{each.name}` | {_escape_cell(each.kind)} | {_escape_cell(each.usual)} |"
                f" {_escape_cell(each.purpose)} |"
                for each in describe_variables()
            ),
            "",
        ]
    )


def build_star_page(manifest: Mapping[str, Any]) -> str:
    """Build the page of every join from a fact table to the tables its foreign keys refer to."""
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
    """Return each join: fact table, parent table, foreign key columns, and whether required."""
    joins = []
    for table in tables:
        if table.schema not in STAR_SCHEMAS or not table.name.startswith(FACTS):
            continue
        by_parent: dict[str, list[Column]] = {}
        for column in table.columns:
            for parent in (key.removeprefix("→ ") for key in column.keys if "→" in key):
                by_parent.setdefault(parent.split(".")[0], []).append(column)
        for parent, columns in by_parent.items():
            names = tuple(column.name for column in columns)
            joins.append((table.name, parent, names, any(column.is_required for column in columns)))
    return joins


def _escape_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
