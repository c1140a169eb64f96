"""Every macro returns what it should: one query a sentence, its reason in its first line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt.macros.conftest import QUERIES, Verdict, run_queries

NAMES = sorted(path.stem for path in QUERIES.rglob("assert_*.sql"))


@pytest.mark.parametrize("name", NAMES)
def test_a_macro_returns_what_it_should(verdicts: dict[str, Verdict], name: str) -> None:
    """Prevents what the first line of the query says."""
    assert verdicts[name] == Verdict("pass", 0, None), name


def test_every_query_says_when_it_fails() -> None:
    """Prevents a failing query whose reason has to be guessed."""
    assert len(NAMES) > 15
    first_lines = {
        path.stem: path.read_text("utf-8").splitlines()[0] for path in QUERIES.rglob("*.sql")
    }
    silent = {name for name, line in first_lines.items() if not line.startswith("-- Fails ")}
    assert silent == set()


def test_a_broken_macro_is_found(root: Path, verdicts: dict[str, Verdict]) -> None:
    """Prevents queries that pass because they ask nothing of the macros."""
    begins = "assert_collection_years_begin_in_april"
    assert verdicts[begins].status == "pass"
    years = root / "functions" / "dates" / "collection_year_of.sql"
    text = years.read_text(encoding="utf-8")
    assert ">= 4" in text, "the year begins in April"
    years.write_text(text.replace(">= 4", ">= 5"), encoding="utf-8")
    found = run_queries(root)
    years.write_text(text, encoding="utf-8")
    assert {name for name, verdict in found.items() if verdict.status == "fail"} >= {begins}
    assert found["assert_days_are_counted_by_midnights"].status == "pass"
