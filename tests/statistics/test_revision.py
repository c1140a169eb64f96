"""A revision that differs from what is public by a few children is found, and its cells named."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from official_statistics.checks.revision_checks import find_partial_revisions
from official_statistics.releases import Version

MOST = 7
AUTHORITIES = {"301": 20, "302": 20}


def _version(folder: Path, number: int, children: dict[str, int]) -> Version:
    """A version whose base has an episode of each of so many children, by authority."""
    version = Version(2026, number, folder / f"v{number}")
    version.internal.mkdir(parents=True)
    with duckdb.connect(str(version.internal / "cells.duckdb")) as connection:
        connection.execute("""
            create schema statistics;
            create table base(
                episode_id_register varchar, child_id_register varchar, reporting_year integer,
                authority_code_dfe varchar, care_status varchar
            );
            create table statistics.protected_cells(
                dataset varchar, reporting_year integer, geographic_level varchar,
                area_code varchar, filter_values varchar, measure varchar, counted_on varchar,
                value bigint
            );
        """)
        for area, count in children.items():
            connection.execute(
                "insert into base select $area || 'E' || n, $area || 'C' || n, 2026, $area,"
                " case when n % 2 = 0 then 'looked_after' else 'not_looked_after' end"
                " from range($count) as numbers(n)",
                {"area": area, "count": count},
            )
        for data_set in ("missing_children_by_area", "agreement_by_area"):
            for item, which in (("Total", "true"), ("Looked after", "care_status='looked_after'")):
                connection.execute(
                    "insert into statistics.protected_cells"
                    f" select '{data_set}', 2026, 'Local authority', authority_code_dfe,"
                    f" 'care_status={item}', 'episode_count', 'base', count(*)"
                    f" from base where {which} group by authority_code_dfe"
                )
        connection.execute(f"copy base to '{version.internal / 'base.parquet'}' (format parquet)")
    return version


def test_a_year_revised_by_one_child_is_caught_and_named_by_file_and_cell(tmp_path: Path) -> None:
    """Prevents two releases whose difference is one child, whatever rounding leaves of it."""
    before = _version(tmp_path, 1, AUTHORITIES)
    now = _version(tmp_path, 2, AUTHORITIES | {"302": 21})
    place = "episode_count at 2026 Local authority 302"
    assert list(find_partial_revisions(before, now, MOST)) == [
        "2026 of 302 differs from 2026/v1 for 1 children: it must be carried over whole",
        f"agreement_by_area: {place} care_status=Looked after is not what it was in 2026/v1",
        f"agreement_by_area: {place} care_status=Total is not what it was in 2026/v1",
        f"missing_children_by_area: {place} care_status=Looked after is not what it was in 2026/v1",
        f"missing_children_by_area: {place} care_status=Total is not what it was in 2026/v1",
    ]


@pytest.mark.parametrize(("added", "is_caught"), [(0, False), (7, True), (8, False), (-1, True)])
def test_a_year_is_carried_whole_or_replaced_for_more_than_seven_children(
    tmp_path: Path, added: int, is_caught: bool
) -> None:
    """Prevents a boundary of the rule that is off by one, and children who left unseen."""
    before = _version(tmp_path, 1, AUTHORITIES)
    now = _version(tmp_path, 2, AUTHORITIES | {"302": 20 + added})
    assert bool(list(find_partial_revisions(before, now, MOST))) == is_caught


def test_an_authority_whose_year_is_new_is_no_revision(tmp_path: Path) -> None:
    """Prevents an authority that delivers for the first time from stopping a release."""
    before = _version(tmp_path, 1, AUTHORITIES)
    now = _version(tmp_path, 2, AUTHORITIES | {"303": 12})
    assert list(find_partial_revisions(before, now, MOST)) == []
