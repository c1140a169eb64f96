"""The data dictionary states what the manifest states, in every form that tests take there."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from interfaces.documentation.generated_tables import list_joins
from orchestration.data_dictionary import (
    COLUMNS_FILE,
    read_tables,
    write_data_dictionary,
)


def _column(name: str, data_type: str | None = None, *constraints: str) -> dict[str, Any]:
    return {
        "name": name,
        "description": f"The {name}\nin full | a bar.",
        "data_type": data_type,
        "constraints": [{"type": kind} for kind in constraints],
    }


def _relation(name: str, schema: str, *columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "schema": schema,
        "description": "One row per absence (e.g. a night). More.",
        "config": {"materialized": "table"},
        "constraints": [],
        "columns": {column["name"]: column for column in columns},
        **more,
    }


def _test(relation: str, kind: str, **arguments: Any) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "attached_node": f"model.{relation}",
        "test_metadata": {"name": kind, "kwargs": arguments},
    }


def _manifest() -> dict[str, Any]:
    facts = _relation(
        "fct_absences",
        "register",
        _column("absence_id", "varchar", "not_null", "primary_key"),
        _column("child_id", "varchar", "not_null"),
        _column("source_line", "bigint"),
    )
    staged = _relation("stg_absences", "staging", _column("report_id"), _column("line"))
    parts = _relation(
        "bridge_parts",
        "register",
        _column("left_id", "varchar"),
        _column("right_id", "varchar"),
        constraints=[{"type": "primary_key", "columns": ["left_id", "right_id"]}],
    )
    rule = _relation("int_rule", "intermediate", config={"materialized": "ephemeral"})
    return {
        "nodes": {
            "model.staged": staged,
            "model.facts": facts,
            "model.parts": parts,
            "model.rule": rule,
            "test.1": _test(
                "facts", "relationships", column_name="child_id", to="ref('dim_c')", field="id"
            ),
            "test.2": _test("facts", "unique", column_name="source_line"),
            "test.3": _test(
                "staged",
                "rules",
                not_null=["line"],
                unique=["report_id"],
                unique_combination=[["report_id", "line"]],
                relationships={"line": "stg_files.line"},
            ),
            "test.4": {"resource_type": "test", "attached_node": None, "test_metadata": None},
        }
    }


def test_keys_are_those_of_constraints_and_of_tests() -> None:
    """Prevents a dictionary that forgets keys when tests of a relation change their form."""
    parts, facts, staged = read_tables(_manifest())
    assert [(column.name, column.keys, column.is_required) for column in facts.columns] == [
        ("absence_id", ("primary key",), True),
        ("child_id", ("→ dim_c.id",), True),
        ("source_line", ("unique",), False),
    ]
    assert [(column.name, column.keys, column.is_required) for column in staged.columns] == [
        ("report_id", ("unique",), False),
        ("line", ("→ stg_files.line",), True),
    ]
    assert staged.keys == ("unique: report_id, line",)
    assert parts.keys == ("primary key: left_id, right_id",)
    assert all(column.is_required for column in parts.columns)


def test_a_page_for_each_schema_and_an_index_of_first_sentences(tmp_path: Path) -> None:
    """Prevents pages of schemas that are gone, and a table cell that a text breaks in two."""
    (tmp_path / "gone.md").write_text("# Schema `gone`\n", encoding="utf-8")
    written = write_data_dictionary(_manifest(), tmp_path)
    names = ["index.md", "register.md", "staging.md"]
    assert [path.name for path in written] == names
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, COLUMNS_FILE])
    index = (tmp_path / "index.md").read_text(encoding="utf-8")
    row = "| [fct_absences](register.md#fct_absences) | One row per absence (e.g. a night). |"
    assert row in index.splitlines()
    page = (tmp_path / "register.md").read_text(encoding="utf-8")
    row = "| absence_id | varchar | no | primary key | The absence_id in full \\| a bar. |"
    assert row in page.splitlines()
    assert "int_rule" not in page + index


def test_every_column_is_a_line_of_one_csv(tmp_path: Path) -> None:
    """Prevents a dictionary that a catalogue or a spreadsheet cannot take in."""
    write_data_dictionary(_manifest(), tmp_path)
    with (tmp_path / COLUMNS_FILE).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    result = {(row["table"], row["column"]): row for row in rows}
    assert len(result) == len(rows)
    key = result["fct_absences", "absence_id"]
    assert (key["schema"], key["type"], key["required"]) == ("register", "varchar", "yes")
    assert key["key"] == "primary key"
    assert key["description"] == "The absence_id in full | a bar."


def test_the_star_has_a_key_of_a_fact_and_what_it_leads_to() -> None:
    """Prevents a star without the joins that the models declare."""
    joins = list_joins(read_tables(_manifest()))
    assert joins == [("fct_absences", "dim_c", ("child_id",), True)]
