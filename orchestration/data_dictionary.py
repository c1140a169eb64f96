"""Writer of the data dictionary: a page for each schema, and a CSV file of all columns.

Its source is the dbt manifest. Descriptions, types and constraints belong in the YAML of the
models.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from register.spreadsheet import safe_row

KINDS = ("model", "seed")
# These schemas come first, in the order in which readers need them. All others follow by name.
FIRST_SCHEMAS = ("bi", "register", "agreement", "quality", "operations", "reference")
COLUMNS_FILE = "columns.csv"
FIRST_SENTENCE = re.compile(r"^(.+?[.!?])(?=\s+[A-Z]|$)")
REFERENCE = re.compile(r"ref\('([^']+)'\)")


@dataclass(frozen=True)
class Column:
    """A column. `data_type` is empty if no contract states the type."""

    name: str
    data_type: str
    keys: tuple[str, ...]
    is_required: bool
    description: str


@dataclass(frozen=True)
class Table:
    """A table with its columns in order. `keys` lists its keys that have several columns."""

    schema: str
    name: str
    description: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def first_sentence(self) -> str:
        """The first sentence of the description, which says what one row is."""
        sentence = FIRST_SENTENCE.match(self.description)
        return sentence.group(1) if sentence else self.description


@dataclass
class _Rules:
    """Rules about a relation's columns, collected from its data tests.

    References have the form `table.column`.
    """

    unique: set[tuple[str, ...]] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    references: dict[str, str] = field(default_factory=dict)


def write_data_dictionary(manifest: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write `index.md`, `<schema>.md` for each schema and `columns.csv`; return the pages.

    `manifest` is the content of dbt's `manifest.json`. Ephemeral models are left out. Pages of an
    earlier run are replaced or removed.
    """
    by_schema: dict[str, list[Table]] = {}
    for table in read_tables(manifest):
        by_schema.setdefault(table.schema, []).append(table)
    folder.mkdir(parents=True, exist_ok=True)
    _write_columns_csv(folder / COLUMNS_FILE, by_schema)
    for old in folder.glob("*.md"):
        old.unlink()
    schemas = sorted(by_schema, key=_rank_schema)
    pages = {"index.md": _render_index(schemas, by_schema)}
    pages.update({f"{schema}.md": _render_page(schema, by_schema[schema]) for schema in schemas})
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in pages]


def read_tables(manifest: Mapping[str, Any]) -> list[Table]:
    """Return the tables of the project, sorted by schema and name."""
    rules = _read_rules(manifest)
    tables = [
        _build_table(node, rules[key])
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in KINDS and node["config"]["materialized"] != "ephemeral"
    ]
    return sorted(tables, key=lambda table: (table.schema, table.name))


def _build_table(node: Mapping[str, Any], rules: _Rules) -> Table:
    primary = find_primary_key(node)
    unique = sorted(rules.unique - {primary})
    keys = [f"primary key: {', '.join(primary)}"] if len(primary) > 1 else []
    keys.extend(f"unique: {', '.join(columns)}" for columns in unique if len(columns) > 1)
    columns = []
    for column in node["columns"].values():
        name = column["name"]
        constraints = {constraint["type"] for constraint in column.get("constraints", [])}
        column_keys = ["primary key"] if primary == (name,) else []
        column_keys.extend(["unique"] if (name,) in unique else [])
        column_keys.extend([f"→ {rules.references[name]}"] if name in rules.references else [])
        columns.append(
            Column(
                name=name,
                data_type=column.get("data_type") or "",
                keys=tuple(column_keys),
                is_required=name in primary or name in rules.required or "not_null" in constraints,
                description=_join_lines(column["description"]),
            )
        )
    return Table(
        schema=node["schema"],
        name=node["name"],
        description=_join_lines(node["description"]),
        keys=tuple(keys),
        columns=tuple(columns),
    )


def find_primary_key(node: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns of the primary key that a model's contract declares, if any."""
    for constraint in node.get("constraints", []):
        if constraint["type"] == "primary_key":
            return tuple(constraint["columns"])
    return tuple(
        column["name"]
        for column in node["columns"].values()
        if any(constraint["type"] == "primary_key" for constraint in column.get("constraints", []))
    )


def _read_rules(manifest: Mapping[str, Any]) -> defaultdict[str, _Rules]:
    """Return the rules in data tests, by the relation that each test checks."""
    by_relation: defaultdict[str, _Rules] = defaultdict(_Rules)
    for node in manifest["nodes"].values():
        relation = node.get("attached_node")
        if node["resource_type"] != "test" or not relation or not node.get("test_metadata"):
            continue
        arguments = _convert_to_rules(
            node["test_metadata"]["name"], node["test_metadata"]["kwargs"]
        )
        rules = by_relation[relation]
        rules.unique.update((column,) for column in arguments.get("unique", []))
        rules.unique.update(tuple(columns) for columns in arguments.get("unique_combination", []))
        rules.required.update(arguments.get("not_null", []))
        rules.references.update(arguments.get("relationships", {}))
    return by_relation


def _convert_to_rules(test: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments of a generic test in the form that the test `rules` uses."""
    if test == "rules":
        return arguments
    if test == "unique_combination":
        return {test: [arguments["columns"]]}
    if test in {"unique", "not_null"}:
        return {test: [arguments["column_name"]]}
    if test == "relationships":
        parent = REFERENCE.search(arguments["to"])
        name = parent.group(1) if parent else arguments["to"]
        return {test: {arguments["column_name"]: f"{name}.{arguments['field']}"}}
    return {}


def _rank_schema(schema: str) -> tuple[int, str]:
    known = schema in FIRST_SCHEMAS
    return (FIRST_SCHEMAS.index(schema) if known else len(FIRST_SCHEMAS), schema)


def _render_index(schemas: Iterable[str], by_schema: Mapping[str, list[Table]]) -> str:
    lines = ["# Data dictionary", "", "Written by `register docs` from the models."]
    for schema in schemas:
        lines += ["", f"## [{schema}]({schema}.md)", "", "| table | a row |", "|---|---|"]
        lines += [
            f"| [{table.name}]({schema}.md#{table.name}) | {_escape_cell(table.first_sentence)} |"
            for table in by_schema[schema]
        ]
    return "\n".join(lines) + "\n"


def _render_page(schema: str, tables: Iterable[Table]) -> str:
    lines = [f"# Schema `{schema}`", "", "[All schemas](index.md)"]
    for table in tables:
        lines += ["", f"## {table.name}", ""]
        lines += [table.description or "Not described.", ""]
        lines += [f"- {key}" for key in table.keys] + ([""] if table.keys else [])
        lines += ["| column | type | null | key | description |", "|---|---|---|---|---|"]
        for column in table.columns:
            null, keys = "no" if column.is_required else "yes", "; ".join(column.keys)
            cells = [column.name, column.data_type, null, keys, column.description]
            lines.append(f"| {' | '.join(map(_escape_cell, cells))} |")
    return "\n".join(lines) + "\n"


def _write_columns_csv(path: Path, by_schema: Mapping[str, list[Table]]) -> None:
    """Write one CSV with every column of every table, for a catalogue or a spreadsheet."""
    heading = ("schema", "table", "column", "type", "required", "key", "description")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(safe_row(heading))
        for schema in sorted(by_schema, key=_rank_schema):
            for table in by_schema[schema]:
                for column in table.columns:
                    required = "yes" if column.is_required else "no"
                    key = "; ".join(column.keys)
                    row = (schema, table.name, column.name, column.data_type, required, key)
                    writer.writerow(safe_row([*row, column.description]))


def _join_lines(text: str) -> str:
    return " ".join(text.split())


def _escape_cell(text: str) -> str:
    return text.replace("|", "\\|")
