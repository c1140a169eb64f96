"""The data dictionary: a page for each schema and all columns as CSV, from the dbt manifest.

Descriptions, types and constraints belong in the YAML of the models; here they are only set out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from register.spreadsheet import safe_row

KINDS = ("model", "seed")
# Schemas in the order in which a reader of the published files needs them; others follow by name.
FIRST_SCHEMAS = ("bi", "register", "agreement", "quality", "operations", "reference")
COLUMNS_FILE = "columns.csv"
FIRST_SENTENCE = re.compile(r"^(.+?[.!?])(?=\s+[A-Z]|$)")
REFERENCE = re.compile(r"ref\('([^']+)'\)")


@dataclass(frozen=True)
class Column:
    """One column; `data_type` is blank where no contract states it."""

    name: str
    data_type: str
    keys: tuple[str, ...]
    is_required: bool
    description: str


@dataclass(frozen=True)
class Table:
    """One table with its columns in order; `keys` are those of more than one column."""

    schema: str
    name: str
    description: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def first_sentence(self) -> str:
        """What a row is, as the description begins."""
        found = FIRST_SENTENCE.match(self.description)
        return found.group(1) if found else self.description


@dataclass(frozen=True)
class _Rules:
    """What the data tests of one relation state: unique column lists and references."""

    unique: frozenset[tuple[str, ...]]
    required: frozenset[str]
    references: Mapping[str, str]


def write_data_dictionary(manifest: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write `<schema>.md` for each schema, `index.md` and `columns.csv`; return the pages.

    `manifest` is dbt's `manifest.json`, read. Ephemeral models are no tables and are left out.
    Pages of an earlier run are replaced, and those of schemas that are gone are removed.
    """
    by_schema: dict[str, list[Table]] = {}
    for table in read_tables(manifest):
        by_schema.setdefault(table.schema, []).append(table)
    folder.mkdir(parents=True, exist_ok=True)
    _write_columns(folder / COLUMNS_FILE, by_schema)
    for old in folder.glob("*.md"):
        old.unlink()
    schemas = sorted(by_schema, key=_schema_rank)
    pages = {"index.md": _index(schemas, by_schema)}
    pages.update({f"{schema}.md": _page(schema, by_schema[schema]) for schema in schemas})
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in pages]


def read_tables(manifest: Mapping[str, Any]) -> list[Table]:
    """Return the tables of the project, by schema and name."""
    rules = _rules_by_relation(manifest)
    tables = [
        _table(node, rules.get(key, _Rules(frozenset(), frozenset(), {})))
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in KINDS and node["config"]["materialized"] != "ephemeral"
    ]
    return sorted(tables, key=lambda table: (table.schema, table.name))


def _table(node: Mapping[str, Any], rules: _Rules) -> Table:
    primary = _primary_key(node)
    unique = sorted(rules.unique - {primary})
    keys = [f"primary key: {', '.join(primary)}"] if len(primary) > 1 else []
    keys.extend(f"unique: {', '.join(columns)}" for columns in unique if len(columns) > 1)
    columns = []
    for column in node["columns"].values():
        name = column["name"]
        constraints = {constraint["type"] for constraint in column.get("constraints", [])}
        of_column = ["primary key"] if primary == (name,) else []
        of_column.extend(["unique"] if (name,) in unique else [])
        of_column.extend([f"→ {rules.references[name]}"] if name in rules.references else [])
        columns.append(
            Column(
                name=name,
                data_type=column.get("data_type") or "",
                keys=tuple(of_column),
                is_required=name in primary or name in rules.required or "not_null" in constraints,
                description=_one_line(column["description"]),
            )
        )
    return Table(
        schema=node["schema"],
        name=node["name"],
        description=_one_line(node["description"]),
        keys=tuple(keys),
        columns=tuple(columns),
    )


def _primary_key(node: Mapping[str, Any]) -> tuple[str, ...]:
    for constraint in node.get("constraints", []):
        if constraint["type"] == "primary_key":
            return tuple(constraint["columns"])
    return tuple(
        column["name"]
        for column in node["columns"].values()
        if any(constraint["type"] == "primary_key" for constraint in column.get("constraints", []))
    )


def _rules_by_relation(manifest: Mapping[str, Any]) -> dict[str, _Rules]:
    unique: dict[str, set[tuple[str, ...]]] = {}
    required: dict[str, set[str]] = {}
    references: dict[str, dict[str, str]] = {}
    for node in manifest["nodes"].values():
        relation = node.get("attached_node")
        if node["resource_type"] != "test" or not relation or not node.get("test_metadata"):
            continue
        test, arguments = node["test_metadata"]["name"], node["test_metadata"]["kwargs"]
        unique.setdefault(relation, set()).update(_unique(test, arguments))
        required.setdefault(relation, set()).update(_required(test, arguments))
        references.setdefault(relation, {}).update(_references(test, arguments))
    return {
        relation: _Rules(frozenset(unique[relation]), frozenset(required[relation]), found)
        for relation, found in references.items()
    }


def _unique(test: str, arguments: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    if test == "unique":
        return [(arguments["column_name"],)]
    if test == "unique_combination":
        return [tuple(arguments["columns"])]
    if test == "rules":
        singles = [(column,) for column in arguments.get("unique", [])]
        return [*singles, *(tuple(columns) for columns in arguments.get("unique_combination", []))]
    return []


def _required(test: str, arguments: Mapping[str, Any]) -> Iterable[str]:
    if test == "not_null":
        return [arguments["column_name"]]
    return list(arguments.get("not_null", [])) if test == "rules" else []


def _references(test: str, arguments: Mapping[str, Any]) -> Mapping[str, str]:
    if test == "relationships":
        parent = REFERENCE.search(arguments["to"])
        name = parent.group(1) if parent else arguments["to"]
        return {arguments["column_name"]: f"{name}.{arguments['field']}"}
    return dict(arguments.get("relationships", {})) if test == "rules" else {}


def _schema_rank(schema: str) -> tuple[int, str]:
    known = schema in FIRST_SCHEMAS
    return (FIRST_SCHEMAS.index(schema) if known else len(FIRST_SCHEMAS), schema)


def _index(schemas: Iterable[str], by_schema: Mapping[str, list[Table]]) -> str:
    lines = ["# Data dictionary", "", "Written by `register docs` from the models."]
    for schema in schemas:
        lines += ["", f"## [{schema}]({schema}.md)", "", "| table | a row |", "|---|---|"]
        lines += [
            f"| [{table.name}]({schema}.md#{table.name}) | {_cell(table.first_sentence)} |"
            for table in by_schema[schema]
        ]
    return "\n".join(lines) + "\n"


def _page(schema: str, tables: Iterable[Table]) -> str:
    lines = [f"# Schema `{schema}`", "", "[All schemas](index.md)"]
    for table in tables:
        lines += ["", f"## {table.name}", ""]
        lines += [table.description or "Not described.", ""]
        lines += [f"- {key}" for key in table.keys] + ([""] if table.keys else [])
        lines += ["| column | type | null | key | description |", "|---|---|---|---|---|"]
        lines += [
            f"| {column.name} | {_cell(column.data_type)} | {'no' if column.is_required else 'yes'}"
            f" | {_cell('; '.join(column.keys))} | {_cell(column.description)} |"
            for column in table.columns
        ]
    return "\n".join(lines) + "\n"


def _write_columns(path: Path, by_schema: Mapping[str, list[Table]]) -> None:
    """Every column of every table as one CSV, for a catalogue or a spreadsheet."""
    heading = ("schema", "table", "column", "type", "required", "key", "description")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(safe_row(heading))
        for schema in sorted(by_schema, key=_schema_rank):
            for table in by_schema[schema]:
                for column in table.columns:
                    required = "yes" if column.is_required else "no"
                    key = "; ".join(column.keys)
                    row = (schema, table.name, column.name, column.data_type, required, key)
                    writer.writerow(safe_row([*row, column.description]))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
