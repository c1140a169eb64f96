"""Two loads of one landing: what the second publishes is what the first did, to the last bit.

A drill: it builds the nation once more.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from register.feeds import read_ledger
from register.publishing import publish
from tests.dbt.runs import next_folder
from tests.end_to_end.conftest import GENERATION, Nation
from tests.end_to_end.registers import build, land, tables

pytestmark = pytest.mark.drill
PUBLISHED_FILES = ("national_register.duckdb", "case_lists.duckdb")
# One row for each load that took place, and which of them is the last.
OF_LOADS = "quality.agg_identity_churn_by_generation"
# What tells one load's files from another's.
OF_ONE_LOAD = {OF_LOADS, "register.published_generation", "operations.published_generation"}


@pytest.fixture(scope="module")
def loads(nation: Nation, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders that two loads published, one after the other, with nothing new between them."""
    settings = nation.copy(tmp_path_factory.mktemp("two") / "home").settings
    first = publish(settings, next_folder(settings, GENERATION))
    before = len(read_ledger(settings))
    land(settings)
    assert len(read_ledger(settings)) == before
    return first.folder, publish(settings, build(settings, "second")).folder


def _both(loads: tuple[Path, Path], file: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for folder, alias in zip(loads, ("first", "second"), strict=True):
        connection.execute(f"attach '{folder / file}' as {alias}_load (read_only)")
    return connection


@pytest.mark.parametrize("file", PUBLISHED_FILES)
def test_a_second_load_publishes_the_same_rows(loads: tuple[Path, Path], file: str) -> None:
    """Prevents a figure, a key or a date that says something else after a load of nothing new."""
    names = tables(loads[0], Path(file).stem)
    assert names == tables(loads[1], Path(file).stem)
    with _both(loads, file) as connection:
        changed = {
            name: connection.execute(
                f"select count(*) from (from {one}_load.{name} except all from {other}_load.{name})"
            ).fetchall()[0][0]
            for name in names
            if name not in OF_ONE_LOAD
            for one, other in (("first", "second"), ("second", "first"))
        }
    assert changed
    assert {name: rows for name, rows in changed.items() if rows} == {}


def test_a_second_load_says_that_it_took_place(loads: tuple[Path, Path]) -> None:
    """Prevents a history of loads that changes what it said of an earlier one."""
    with _both(loads, "national_register.duckdb") as connection:
        first, second = (
            connection.execute(
                f"select * exclude (is_this_generation) from {load}_load.{OF_LOADS}"
                " order by generation_id"
            ).fetchall()
            for load in ("first", "second")
        )
        last = connection.execute(
            f"select generation_id from second_load.{OF_LOADS} where is_this_generation"
        ).fetchall()
    assert len(first) == 1
    assert second[:-1] == first
    assert last == [(loads[1].name,)]
