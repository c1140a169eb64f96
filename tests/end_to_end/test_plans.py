"""How the database would build each model: no join compares all rows with all.

DuckDB joins by key only where every condition is a comparison of the two sides. One condition on a
single side of a left join, or an `or`, and it compares each row with each: seconds on a small
nation, hours on a large one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import compiled_models

KEYED = re.compile(r"\(\w+ = \w+\)")
# Look-ups of so few rows may be compared with everything.
FEW_ROWS = 100
# Models whose join has no key by its nature, with the relation that is one side of it. A condition
# on public counts is about any columns; there are 1,364 of them in a release of any size: one
# for each combination of the items of its filters.
WITHOUT_KEY = {"fct_publication_counts": "int_publication_conditions"}
SOME_ROWS = 1_500


def all_with_all(db: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    """Conditions of the joins of a query that have a key and do not use it."""
    row = db.execute(f"explain (format json) {query}").fetchone()
    assert row is not None
    return [found for root in json.loads(row[1]) for found in _conditions(root)]


def _conditions(node: dict[str, Any]) -> Iterator[str]:
    condition = str(node["extra_info"].get("Condition", ""))
    is_blind = node["name"].strip() == "BLOCKWISE_NL_JOIN" and KEYED.search(condition)
    if is_blind and min(_row_count(side) for side in node["children"]) > FEW_ROWS:
        yield condition
    for child in node["children"]:
        yield from _conditions(child)


def _row_count(node: dict[str, Any]) -> int:
    """Rows of the largest table below; what comes of a join or a filter is only guessed."""
    if node["children"]:
        return max(map(_row_count, node["children"]))
    return int(node["extra_info"].get("Estimated Cardinality") or 0)


@pytest.mark.parametrize(
    ("condition", "is_found"),
    [
        ("l.key = r.key and l.day >= r.day", False),
        ("l.key = r.key and l.day > 5", True),
        ("l.key = r.key and (l.day > 5 or l.day <= r.day)", True),
    ],
)
def test_a_join_that_compares_all_with_all_is_found(condition: str, is_found: bool) -> None:
    """Prevents the next test from passing because it finds nothing."""
    with duckdb.connect(":memory:") as db:
        for side in "lr":
            db.execute(f"create table {side} as select range as key, range as day from range(999)")
        query = f"select l.* from l left join r on {condition}"
        assert bool(all_with_all(db, query)) is is_found


@pytest.mark.slow
def test_no_model_compares_all_rows_with_all(nation: Nation) -> None:
    """Prevents a load that takes minutes on a small nation and never ends on a large one."""
    compiled = compiled_models(nation.settings)
    # Models that read landed files have no table to look at.
    queries = {name: sql for name, sql in compiled.items() if "getvariable(" not in sql}
    assert len(queries) > 100
    with duckdb.connect(":memory:") as db:
        nation.attach(db)
        found = {name: all_with_all(db, query) for name, query in queries.items()}
        for side in WITHOUT_KEY.values():
            (count,) = db.execute(f"select count(*) from statistics.{side}").fetchone() or (0,)
            assert 0 < count <= SOME_ROWS, side
    assert {
        name: conditions
        for name, conditions in found.items()
        if conditions and name not in WITHOUT_KEY
    } == {}
