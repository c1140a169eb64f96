"""The coarse form: what it shows of each column, in which order, and what it leaves out."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from register.access import COARSE_FORM, EXACT_FORM
from register.publishing.coarse_form import CoarseFormError, write_coarse_form
from register.settings import Settings

JULY, AUGUST = (datetime.fromisoformat(f"2025-{month}-01") for month in ("07", "08"))
LEVELS = {
    "register.fct_episodes": {
        "start_date": "month",
        "started_at": "month",
        "file_name": "omitted",
        "days_open": "month",
    },
    "bi.episodes": {"started_at": "month"},
}
KEYS = {"register.fct_episodes": ("episode_id_register",)}
TABLES = """
    create schema register;
    create schema bi;
    create table register.fct_episodes as
    select * from (values
        ('E3', date '2025-07-01', timestamp '2025-07-01 10:00:00', 'b.csv', 59, 'x'),
        ('E2', date '2025-08-01', timestamp '2025-07-31 23:30:00', 'a.csv', 60, 'y'),
        ('E1', null, null, null, null, 'z')
    ) as rows (episode_id_register, start_date, started_at, file_name, days_open, note);
    comment on column register.fct_episodes.start_date is 'Start date.';
    create view bi.episodes as
    select started_at, hour(started_at) > 12 as is_late from register.fct_episodes;
    create table register.undeclared as select date '2025-07-09' as day;
"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build with an exact form."""
    folder = tmp_path / "build"
    folder.mkdir()
    with duckdb.connect(str(folder / EXACT_FORM)) as connection:
        connection.execute(TABLES)
    return folder


def _read(folder: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(folder / COARSE_FORM), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_dates_are_months_of_london_and_positions_are_left_out(
    settings: Settings, build: Path
) -> None:
    """Prevents a time that reveals its hour because its month is not the month of its date."""
    write_coarse_form(settings, build, LEVELS, KEYS)
    assert _read(build, "from register.fct_episodes") == [
        ("E1", None, None, None, "z"),
        ("E2", date(2025, 8, 1), AUGUST, 60, "y"),
        ("E3", date(2025, 7, 1), JULY, 30, "x"),
    ]
    types = _read(build, "select data_type from duckdb_columns() where table_name = 'fct_episodes'")
    assert [name for (name,) in types] == ["VARCHAR", "DATE", "TIMESTAMP", "INTEGER", "VARCHAR"]
    comment = "select comment from duckdb_columns() where column_name = 'start_date'"
    assert _read(build, comment) == [("Start date. Given as the first day of the month.",)]


def test_a_view_is_computed_from_exact_times(settings: Settings, build: Path) -> None:
    """Prevents an answer of a view that is wrong because it was computed from months."""
    write_coarse_form(settings, build, LEVELS, KEYS)
    assert (AUGUST, True) in _read(build, "from bi.episodes")


def test_small_counts_are_shown_as_they_are(settings: Settings, build: Path) -> None:
    """Prevents rounding that a page denies: only a release and some roles round counts."""
    with duckdb.connect(str(build / EXACT_FORM)) as connection:
        connection.execute("create schema agreement")
        connection.execute("create table agreement.agg_by_area as select '370' as a, 1 as n")
    write_coarse_form(settings, build, {**LEVELS, "agreement.agg_by_area": {}}, KEYS)
    assert _read(build, "from agreement.agg_by_area") == [("370", 1)]


def test_rows_are_in_no_order_of_time(settings: Settings, build: Path) -> None:
    """Prevents the place of a row in its table from telling the day."""
    write_coarse_form(settings, build, LEVELS, KEYS)
    keys = [key for (key,) in _read(build, "select episode_id_register from register.fct_episodes")]
    assert keys == ["E1", "E2", "E3"]


def test_a_relation_without_levels_is_left_out(settings: Settings, build: Path) -> None:
    """Prevents a table that no contract describes from showing its dates."""
    write_coarse_form(settings, build, LEVELS, KEYS)
    assert _read(build, "select table_name from duckdb_tables() order by all") == [
        ("episodes",),
        ("fct_episodes",),
    ]
    # A second attempt at the same build replaces the file.
    write_coarse_form(settings, build, {}, KEYS)
    assert _read(build, "select table_name from duckdb_tables()") == []


@pytest.mark.parametrize("level", ["monthly", "month"])
def test_a_level_that_a_column_cannot_have_is_refused(
    settings: Settings, build: Path, level: str
) -> None:
    """Prevents a misspelt level from showing a column as it is."""
    with pytest.raises(CoarseFormError, match=r"fct_episodes\.note of type VARCHAR"):
        write_coarse_form(settings, build, {"register.fct_episodes": {"note": level}}, KEYS)
