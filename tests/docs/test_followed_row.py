"""The page that follows a row names tables as they are, and shows what its reader gets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import expressions

from tests.docs.followed_row import PAGE, fill_in_answers, mask_generations
from tests.docs.page_reader import Reader

QUERY = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
WAREHOUSE = "warehouse"
STEPS = {"staging", "intermediate", "identity", "register", "agreement"}


def _tables() -> set[tuple[str, str, str]]:
    """Database (blank for the published file), schema and name of each table that is queried."""
    return {
        (table.catalog, table.db, table.name)
        for query in QUERY.findall(PAGE.read_text(encoding="utf-8"))
        for table in sqlglot.parse_one(query, dialect="duckdb").find_all(expressions.Table)
        if not table.name.endswith(".parquet")
    }


def test_every_table_that_is_followed_is_in_the_project(manifest: dict[str, Any]) -> None:
    """Prevents a page whose queries fail, since a model was renamed or moved to another schema."""
    known = {
        (
            WAREHOUSE if node["database"] == WAREHOUSE else "",
            node["schema"],
            node["name"],
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] in {"model", "seed"}
        and node["config"]["materialized"] != "ephemeral"
    }
    followed = _tables()
    assert {schema for _, schema, _ in followed} >= STEPS
    assert followed - known == set()


def test_every_query_is_followed_by_what_it_shows() -> None:
    """Prevents steps that a reader cannot check without a home of their own."""
    text = PAGE.read_text(encoding="utf-8")
    shown = re.findall(r"^```sql\n.*?^```\n\n```\n", text, re.MULTILINE | re.DOTALL)
    assert len(shown) == len(QUERY.findall(text)) > 10


def test_the_page_shows_no_personal_field() -> None:
    """Prevents names, dates of birth, postcodes and references in a page, though invented."""
    text = PAGE.read_text(encoding="utf-8")
    queries = "\n".join(QUERY.findall(text))
    fields = re.compile(
        r"\b(forenames?|surname|aliases|dob\w*|birth_dates?|\w*postcodes?|\w+_ref)\b"
    )
    assert fields.findall(queries) == []
    assert re.findall(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", text) == []
    assert "*" not in re.sub(r"count\(\*\)", "", queries)


@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_the_page_shows_what_its_commands_print(tmp_path: Path) -> None:
    """Prevents a tutorial whose reader sees other figures than those that it explains."""
    reader = Reader(tmp_path / "home")
    for command in ("register simulate", "register load"):
        reader.run(command)
    text = PAGE.read_text(encoding="utf-8")
    assert mask_generations(fill_in_answers(text, reader.home)) == mask_generations(text)
