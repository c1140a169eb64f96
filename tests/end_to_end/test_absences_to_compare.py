"""The lists of a whole nation: each has exactly the absences and references that it should.

What should be in them is worked out again, from the published tables and the landed files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from register.feeds import ABSENCE_LIST, AbsenceLine, write_absence_lists
from register.parquet_files import read_parquet
from register.publishing import Generation, read_absence_lines, read_statuses
from register.settings import Settings
from register.spreadsheet import read_rows
from tests.end_to_end.conftest import Nation

pytestmark = pytest.mark.slow

AGREEMENT = """
    select episode_id_register, source_status, is_in_scope, is_police_expected,
        is_authority_expected, reason_code, authority_code_dfe, police_force_code
    from agreement.fct_agreement
    where episode_id_register is not null
"""
REPORTS = """
    select episode_id_register, child_id_register, feed, supplier_code, delivery_id, file_name,
        row_number
    from register.fct_reports
"""
# The landed table of absences of each feed: its name, the reference of the record (a return has
# none) and the reference of the child.
LANDED = {
    "police_reports": ("reports", "report_ref", "person_ref"),
    "authority_extract": ("ssd_missing", "miss_table_id", "miss_person_id"),
    "authority_return": ("missing", None, "child"),
}
# The landed tables that name every child of an authority, with the column that does.
CHILDREN = {
    "authority_extract": ("ssd_person", "pers_person_id"),
    "authority_return": ("header", "child"),
}


def _fetch(folder: Path, query: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(folder / "national_register.duckdb"), read_only=True) as connection:
        return connection.execute(query).to_arrow_table().to_pylist()


def find_expected(settings: Settings, folder: Path) -> Iterator[tuple[str, str, bool, str]]:
    """Yield receiver, episode, whether the receiver recorded it, and the other organisation."""
    actions = {
        (row["reason_code"], row["source_status"], row["body_type_code"])
        for row in read_rows(settings.seeds / "ref__reason_actions.csv")
    }
    for row in _fetch(folder, AGREEMENT):
        status = row["source_status"]
        is_due = {
            "police_only": row["is_authority_expected"],
            "authority_only": row["is_police_expected"],
        }
        if not row["is_in_scope"] or not is_due.get(status):
            continue
        bodies = {"police": row["police_force_code"], "authority": row["authority_code_dfe"]}
        for kind, other in (("police", "authority"), ("authority", "police")):
            if (row["reason_code"], status, kind) in actions:
                has_it = status.startswith(kind)
                yield bodies[kind], row["episode_id_register"], has_it, bodies[other]


def read_references(
    settings: Settings, folder: Path
) -> tuple[dict[tuple[str, str], set[str]], dict[tuple[str, str], set[str]]]:
    """Return references of records by receiver and episode, and of children by both."""

    @cache
    def read_landed(feed: str, delivery_id: str) -> dict[tuple[str, int], dict[str, Any]]:
        path = settings.landing / feed / delivery_id / f"{LANDED[feed][0]}.parquet"
        rows = read_parquet(settings.data_keys, path).to_pylist()
        return {(row["_file"], row["_row_number"]): row for row in rows}

    records, children = defaultdict(set), defaultdict(set)
    for row in _fetch(folder, REPORTS):
        _, record, child = LANDED[row["feed"]]
        landed = read_landed(row["feed"], row["delivery_id"])[row["file_name"], row["row_number"]]
        key = (row["supplier_code"], row["episode_id_register"])
        if record:
            records[key].add(landed[record])
        if landed[child]:
            children[row["supplier_code"], row["child_id_register"]].add(landed[child])
    return records, children


def list_own_children(settings: Settings, supplier_code: str) -> set[str]:
    """Return the references of all persons whom a supplier delivered."""
    tables = [(feed, table, child) for feed, (table, _, child) in LANDED.items()]
    tables += [(feed, *names) for feed, names in CHILDREN.items()]
    return {
        reference
        for feed, table, child in tables
        for path in settings.landing.glob(f"{feed}/{feed}-{supplier_code}-*/{table}.parquet")
        for reference in read_parquet(settings.data_keys, path, columns=[child])
        .column(child)
        .to_pylist()
    }


def check_lines(settings: Settings, folder: Path, lines: list[AbsenceLine]) -> None:
    """Fail unless the lines are those that should be in the lists, with the right references."""
    expected = sorted(find_expected(settings, folder))
    assert expected == sorted(
        (line.body_code, line.episode_id_register, line.is_recorded_by_body, line.other_body_code)
        for line in lines
    )
    records, children = read_references(settings, folder)
    episodes = {
        row["episode_id_register"]: row["child_id_register"]
        for row in _fetch(
            folder, "select episode_id_register, child_id_register from register.fct_episodes"
        )
    }
    for line in lines:
        key = (line.body_code, line.episode_id_register)
        assert _split(line.report_references) == records.get(key, set())
        of_child = _split(line.child_references)
        assert of_child >= children.get((line.body_code, episodes[line.episode_id_register]), set())
    for body_code in {line.body_code for line in lines}:
        own = list_own_children(settings, body_code)
        for line in lines:
            if line.body_code == body_code:
                assert _split(line.child_references) <= own


def _split(references: str | None) -> set[str]:
    return set(references.split(" | ")) if references else set()


def test_each_list_has_exactly_the_absences_to_compare(nation: Nation, tmp_path: Path) -> None:
    """Prevents an absence of another organisation in a list, and one that no list has."""
    home = replace(nation.settings, home=tmp_path)
    home.landing.symlink_to(nation.settings.landing)
    generation = Generation(nation.generation_id, nation.built, is_current=True)
    lines = read_absence_lines(generation)
    assert {line.is_recorded_by_body for line in lines} == {True, False}
    check_lines(nation.settings, nation.built, lines)
    counts = write_absence_lists(home, generation.generation_id, lines, read_statuses(generation))
    assert sum(counts.values()) == len(lines) > 50
    for body_code, count in counts.items():
        rows = read_rows(home.outbox / body_code / ABSENCE_LIST)
        own = [line for line in lines if line.body_code == body_code]
        assert len(own) == count
        assert [row["line_reference"] for row in rows if row["line_reference"]] == [
            line.line_reference for line in own
        ]


def test_the_two_organisations_of_an_absence_have_one_reference(nation: Nation) -> None:
    """Prevents a reference by which a force and an authority talk about different absences."""
    lines = read_absence_lines(Generation(nation.generation_id, nation.built, is_current=True))
    by_reference = defaultdict(set)
    for line in lines:
        by_reference[line.line_reference].add(line.episode_id_register)
    assert all(len(episodes) == 1 for episodes in by_reference.values())
    published = {line.episode_id_register for line in lines}
    assert not any(line.line_reference in key for line in lines for key in published)
