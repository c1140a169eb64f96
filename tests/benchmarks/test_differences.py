"""Two generations that differ in one thing: the comparison finds it, and nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.same.announced import Announcement, Varying
from benchmarks.same.differences import compare_generations

SOUND = (
    "create schema register",
    "create table register.dim_areas as select * from (values"
    " (1, 'North', cast(0.25 as double), 'g1'), (2, 'South', null, 'g1'), (2, 'South', null, 'g1')"
    ") as given (area_number, area_name, away_share, generation_id)",
)
LISTS = ("create schema operations", "create table operations.case_list as select 1 as child")
VARYING = (Varying("register.dim_areas", "generation_id", "named for its load"),)
TABLE = "register.dim_areas"


def _generation(folder: Path, *changes: str, lists: tuple[str, ...] = ()) -> Path:
    folder.mkdir()
    for name, statements in (
        ("national_register", (*SOUND, *changes)),
        ("case_lists", (*LISTS, *lists)),
    ):
        with duckdb.connect(str(folder / f"{name}.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)
    return folder


def _found(
    tmp_path: Path,
    *changes: str,
    lists: tuple[str, ...] = (),
    announced: tuple[Announcement, ...] = (),
) -> set[tuple[str, str]]:
    before = _generation(tmp_path / "before")
    after = _generation(tmp_path / "after", *changes, lists=lists)
    compared = compare_generations(before, after, VARYING, announced)
    return {(found.table, found.detail) for found in compared.differences}


def test_two_generations_that_are_the_same_have_no_difference(tmp_path: Path) -> None:
    """Prevents a proof that fails whatever is compared, or that looked at nothing."""
    before, after = _generation(tmp_path / "before"), _generation(tmp_path / "after")
    compared = compare_generations(before, after, VARYING, ())
    assert compared.differences == ()
    assert (compared.table_count, compared.row_count) == (2, 4)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (
            "alter table register.dim_areas alter area_number type bigint",
            "area_number was INTEGER and is BIGINT",
        ),
        ("alter table register.dim_areas drop area_name", "columns missing after: area_name"),
        ("alter table register.dim_areas add area_code text", "columns missing before: area_code"),
        (
            "create or replace table register.dim_areas as"
            " select area_name, area_number, away_share, generation_id from register.dim_areas",
            "the columns are in another order",
        ),
        (
            "delete from register.dim_areas where area_number = 1",
            "rows only before: 1, rows only after: 0",
        ),
        (
            "insert into register.dim_areas values (2, 'South', null, 'g1')",
            "rows only before: 0, rows only after: 1",
        ),
        ("drop table register.dim_areas", "the table is missing after"),
        (
            "update register.dim_areas set away_share = 0.2500000003 where area_number = 1",
            "rows with other fractions: 1, in away_share (1)",
        ),
        (
            "update register.dim_areas set away_share = null",
            "rows with other fractions: 1, in away_share (1)",
        ),
    ],
)
def test_every_kind_of_difference_is_found(tmp_path: Path, change: str, detail: str) -> None:
    """Prevents a refactoring that is called proven although something published has changed."""
    assert _found(tmp_path, change) == {(TABLE, detail)}


def test_a_changed_value_is_named_with_its_column(tmp_path: Path) -> None:
    """Prevents a report from which nobody can tell where to look."""
    found = _found(tmp_path, "update register.dim_areas set area_name = 'West' where area_number=1")
    assert found == {
        (TABLE, "rows only before: 1, rows only after: 1"),
        (TABLE, "columns whose values differ: area_name"),
    }


def test_a_row_that_is_there_twice_is_not_the_same_as_once(tmp_path: Path) -> None:
    """Prevents duplicates that a comparison of sets cannot see."""
    once = "create or replace table register.dim_areas as select distinct * from register.dim_areas"
    assert _found(tmp_path, once) == {(TABLE, "rows only before: 1, rows only after: 0")}


def test_a_new_table_is_a_difference(tmp_path: Path) -> None:
    """Prevents a comparison that looks at the tables of one side only."""
    found = _found(tmp_path, "create table register.dim_days as select 1 as day_number")
    assert found == {("register.dim_days", "the table is missing before")}


def test_case_lists_are_compared_too(tmp_path: Path) -> None:
    """Prevents lists of children that change because only the register is looked at."""
    found = _found(tmp_path, lists=("insert into operations.case_list values (2)",))
    assert found == {("operations.case_list", "rows only before: 0, rows only after: 1")}


@pytest.mark.parametrize("value", ["0.25000000001", "0.25 - 1e-12"])
def test_fractions_are_the_same_to_nine_digits(tmp_path: Path, value: str) -> None:
    """Prevents a difference that is only the order in which threads added up."""
    change = f"update register.dim_areas set away_share = {value} where area_number = 1"
    assert _found(tmp_path, change) == set()


def test_a_column_that_varies_by_its_nature_is_compared_by_its_blanks(tmp_path: Path) -> None:
    """Prevents both an alarm for every load's own name, and a name that is no longer recorded."""
    assert _found(tmp_path, "update register.dim_areas set generation_id = 'g2'") == set()


def test_a_varying_column_that_becomes_blank_is_found(tmp_path: Path) -> None:
    """Prevents an exclusion behind which a column can vanish."""
    found = _found(tmp_path, "update register.dim_areas set generation_id = null")
    assert (TABLE, "rows only before: 3, rows only after: 3") in found


def test_announced_names_are_compared_with_the_old_ones(tmp_path: Path) -> None:
    """Prevents a rename that changes values on the way."""
    rename = "alter table register.dim_areas rename area_name to name_of_area"
    announced = (
        Announcement(f"{TABLE}.area_name", f"{TABLE}.name_of_area", "clearer"),
        Announcement(TABLE, "register.dim_places", "clearer"),
    )
    assert _found(tmp_path, rename, announced=announced[:1]) == set()


def test_an_announced_name_does_not_hide_a_changed_value(tmp_path: Path) -> None:
    """Prevents an announcement that excuses more than a name."""
    changes = (
        "alter table register.dim_areas rename area_name to name_of_area",
        "update register.dim_areas set name_of_area = 'West' where area_number = 1",
    )
    announced = (Announcement(f"{TABLE}.area_name", f"{TABLE}.name_of_area", "clearer"),)
    found = _found(tmp_path, *changes, announced=announced)
    assert (TABLE, "rows only before: 1, rows only after: 1") in found


def test_an_announced_table_and_a_kept_alias_are_the_same(tmp_path: Path) -> None:
    """Prevents a rename with an alias from reading as a new column of unknown content."""
    changes = (
        "alter table register.dim_areas add name_of_area text",
        "update register.dim_areas set name_of_area = area_name",
        "create or replace table register.dim_areas as"
        " select area_number, area_name, name_of_area, away_share, generation_id"
        " from register.dim_areas",
        "alter table register.dim_areas rename to dim_places",
    )
    announced = (
        Announcement(TABLE, "register.dim_places", "clearer"),
        Announcement(f"{TABLE}.area_name", "register.dim_places.name_of_area", "clearer"),
    )
    varying = (Varying("register.dim_places", "generation_id", "named for its load"),)
    before = _generation(tmp_path / "before")
    after = _generation(tmp_path / "after", *changes)
    assert compare_generations(before, after, varying, announced).differences == ()
