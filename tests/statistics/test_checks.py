"""The checks of a release find figures, sums and small counts that are not as they must be."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pytest

from official_statistics import DataSet, data_set_named, read_data_sets
from official_statistics.checks import CheckResult, add_note, read_checks, read_notes
from official_statistics.checks.all_checks import CHECKS
from official_statistics.checks.figure_checks import (
    find_broken_sums,
    find_narrow_intervals,
    find_unprotected_cells,
    find_wrong_figures,
)
from official_statistics.checks.revision_checks import find_unexplained_changes
from official_statistics.data_files import Release, write_files
from official_statistics.drafting import read_proofs
from official_statistics.public_figures import ShownCounts
from official_statistics.releases import Version
from official_statistics.screening import Pair, read_pairs, screen_house, screen_pair
from tests.statistics.screening_files import PLACES

RULES = {
    "few_children_most": 7,
    "dominance_share": 0.9,
    "rounding_unit_authority": 5,
    "rounding_unit_area": 10,
}
BY_SOURCE = "agreement_by_area"
SOURCES = {"Total": 400, "Both sources": 100, "Police only": 200, "Authority only": 100}


def _release() -> Release:
    """0 everywhere, but for a table of episodes by source that adds up."""
    cells = []
    for data_set in read_data_sets():
        for place in PLACES:
            for combination in data_set.combinations():
                count = 0
                if data_set.name == BY_SOURCE:
                    count = SOURCES[combination.values["source_status"]]
                    count *= {"Total": 2}.get(combination.values["care_status"], 1)
                cells += [
                    {
                        "dataset": data_set.name,
                        "reporting_year": place.reporting_year,
                        "geographic_level": place.level,
                        "area_code": place.code,
                        "filter_values": combination.filter_values,
                        "measure": indicator.name,
                        "shown": count,
                        "symbol": None,
                    }
                    for indicator in data_set.counts
                    if indicator.exists_on(combination.values)
                ]
    return Release(PLACES, ShownCounts(cells), low_denominator=20)


@pytest.fixture
def version(tmp_path: Path) -> Version:
    """A version whose files are written, and right."""
    version = Version(2026, 1, tmp_path / "v1")
    version.data.mkdir(parents=True)
    version.internal.mkdir()
    write_files(read_data_sets(), _release(), version.data)
    return version


def _change(version: Version, line: int, column: str, value: str) -> None:
    path = version.data / f"{BY_SOURCE}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows[line][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def test_a_figure_that_the_counts_do_not_give_is_named(version: Version) -> None:
    """Prevents a percentage of true counts, or of another row, from being published."""
    assert list(find_wrong_figures(version, _release())) == []
    _change(version, 2, "episode_percent", "25.1")
    assert list(find_wrong_figures(version, _release())) == [
        "agreement_by_area line 3: episode_percent cannot be made again"
    ]


def test_files_that_are_not_written_as_all_are_are_found(version: Version) -> None:
    """Prevents another line ending, quotes or a lost meta file that a reader's tool stumbles on."""
    pairs = {pair.name: pair for pair in read_pairs(version.data)}
    assert list(pairs) == sorted(data_set.name for data_set in read_data_sets())
    assert screen_house(pairs[BY_SOURCE], data_set_named(BY_SOURCE), RULES) == []
    path = version.data / f"{BY_SOURCE}.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    findings = screen_house(pairs[BY_SOURCE], data_set_named(BY_SOURCE), RULES)
    assert [one.text for one in findings] == [
        f"the bytes of {BY_SOURCE}.csv are not as every file is written"
    ]
    path.with_name(f"{BY_SOURCE}.meta.csv").unlink()
    (pair,) = (one for one in read_pairs(version.data) if one.name == BY_SOURCE)
    (missing,) = screen_pair(pair)
    assert asdict(missing) == {
        "file": BY_SOURCE,
        "rule": 1,
        "severity": "failure",
        "text": "the data file or its meta file is missing",
    }


def test_a_file_of_another_description_is_found(version: Version) -> None:
    """Prevents columns or a meta file of a release before from going out with these figures."""
    (pair,) = (one for one in read_pairs(version.data) if one.name == BY_SOURCE)
    other = screen_house(pair, data_set_named("category_agreement"), RULES)
    assert [one.text for one in other] == [
        "the columns are not those of the data set, in its order"
    ]
    meta = [list(row) for row in pair.meta]
    meta[1][2] = "Another label"
    findings = screen_house(Pair(pair.name, pair.data, meta), data_set_named(BY_SOURCE), RULES)
    assert [one.text for one in findings] == ["the meta file is not that of the data set"]


def test_a_row_that_is_missing_is_counted(version: Version) -> None:
    """Prevents a table that lost a row from being compared line by line with another."""
    path = version.data / f"{BY_SOURCE}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    (fault,) = find_wrong_figures(version, _release())
    assert fault == f"{BY_SOURCE} has {len(lines) - 2} rows and not {len(lines) - 1}"


@pytest.mark.parametrize(
    ("total", "is_found"), [("800", False), ("810", False), ("820", False), ("830", True)]
)
def test_a_sum_that_rounding_cannot_explain_is_named(
    version: Version, total: str, is_found: bool
) -> None:
    """Prevents a Total that is not of its items: four roundings to 10 explain 20, and no more."""
    _change(version, 1, "episode_count", total)
    faults = list(find_broken_sums(version, RULES))
    place = "at 2026 National E92000001 is not the sum of its items"
    over_sources = f"agreement_by_area: episode_count over source_status {place}"
    assert (over_sources in faults) == is_found
    # Two care statuses and their Total are three roundings.
    over_care = f"agreement_by_area: episode_count over care_status {place}"
    assert (over_care in faults) == (int(total) - 800 > 15)


def test_how_often_a_child_was_missing_adds_up_in_a_care_status_alone(
    version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a fault for a child of two episodes, one in care and one not, in every nation."""
    data_set = data_set_named("children_by_frequency")

    def cells(_: Version, read: DataSet) -> list[dict[str, Any]]:
        usual = {"reporting_year": 2026, "geographic_level": "National", "area_code": "E92000001"}
        return [
            usual
            | {
                "filter_values": each.filter_values,
                "measure": "episode_count",
                "shown": counts[each.values["care_status"]][each.values["absence_frequency"]],
            }
            for each in read.combinations()
            if read.name == data_set.name
        ]

    often = ["Total", "1", "2", "3 to 5", "6 to 10", "11 or more"]
    counts = {
        "Total": dict(zip(often, [400, 0, 400, 0, 0, 0], strict=True)),
        "Looked after": dict(zip(often, [200, 200, 0, 0, 0, 0], strict=True)),
        "Not looked after": dict(zip(often, [200, 200, 0, 0, 0, 0], strict=True)),
    }
    monkeypatch.setattr("official_statistics.checks.figure_checks.read_cells", cells)
    assert list(find_broken_sums(version, RULES)) == []
    counts["Total"] |= {"Total": 500, "2": 500}
    assert list(find_broken_sums(version, RULES)) == [
        "children_by_frequency: episode_count over care_status at 2026 National E92000001"
        " is not the sum of its items"
    ]


def test_a_sum_of_which_a_part_is_hidden_is_not_asked(version: Version) -> None:
    """Prevents a fault for every sum with a hidden count."""
    _change(version, 1, "episode_count", "990")
    _change(version, 2, "episode_count", "c")
    faults = list(find_broken_sums(version, RULES))
    assert not any("over source_status" in fault for fault in faults)


def _cells(version: Version, *cells: Mapping[str, Any]) -> None:
    """Protected cells of one authority, each 40 episodes of 20 children unless it says else."""
    usual = {
        "dataset": BY_SOURCE, "reporting_year": 2026, "geographic_level": "Local authority",
        "area_code": "301", "filter_values": "source_status=Total", "measure": "episode_count",
        "unit": "episodes", "counted_on": "base", "condition_id": "every row", "value": 40,
        "child_count": 20, "top_two_share": 0.2, "shown": 40, "symbol": None,
    }  # fmt: skip
    with duckdb.connect(str(version.internal / "cells.duckdb")) as connection:
        connection.execute("""
            create schema statistics;
            create table statistics.protected_cells(
                dataset varchar, reporting_year integer, geographic_level varchar,
                area_code varchar, filter_values varchar, measure varchar, unit varchar,
                counted_on varchar, condition_id varchar, value bigint, child_count bigint,
                top_two_share double, shown bigint, symbol varchar
            );
        """)
        for number, cell in enumerate(cells):
            row = usual | {"condition_id": f"condition {number}"} | cell
            marks = ", ".join("?" for _ in row)
            connection.execute(
                f"insert into statistics.protected_cells values ({marks})", list(row.values())
            )


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ({"child_count": 8}, None),
        ({"child_count": 7}, "is shown although few children are behind it"),
        ({"value": 0, "child_count": 0, "shown": 0, "top_two_share": None}, None),
        ({"top_two_share": 0.89}, None),
        ({"top_two_share": 0.9}, "is shown although two children dominate it"),
        ({"value": 42}, None),
        ({"value": 43}, "is not its true count to the nearest unit"),
        ({"value": 45, "geographic_level": "National", "shown": 50}, None),
        ({"value": 44, "geographic_level": "National", "shown": 50}, "to the nearest unit"),
        ({"child_count": 3, "shown": None, "symbol": "c"}, None),
    ],
)
def test_a_count_that_is_shown_against_a_rule_is_named_by_file_and_cell(
    version: Version, cell: dict[str, Any], fault: str | None
) -> None:
    """Prevents a slip in the protection, at the boundary of each rule, from going out."""
    _cells(version, cell)
    faults = list(find_unprotected_cells(version, RULES))
    if fault is None:
        assert faults == []
    else:
        level = cell.get("geographic_level", "Local authority")
        where = f"{BY_SOURCE}: episode_count at 2026 {level} 301 source_status=Total"
        assert (
            [one for one in faults if one.startswith(where) and one.endswith(fault)] == faults != []
        )


def test_one_number_that_two_files_show_in_two_ways_is_named(version: Version) -> None:
    """Prevents a count that is hidden in one file and printed in another."""
    same = {"condition_id": "every row"}
    hidden = {"dataset": "missing_children_by_area", "shown": None, "symbol": "c"}
    _cells(version, same, same | hidden)
    assert list(find_unprotected_cells(version, RULES)) == [
        f"{BY_SOURCE}: episode_count at 2026 Local authority 301 is shown in two ways"
    ]


@pytest.mark.parametrize(
    ("too_narrow", "exact", "faults"),
    [
        (0, 0, []),
        (1, 0, ["2026: 1 hidden counts have too few possible values, 0 of them only one"]),
        (0, 1, ["2026: 0 hidden counts have too few possible values, 1 of them only one"]),
    ],
)
def test_a_hidden_count_that_the_audit_does_not_prove_is_a_fault(
    version: Version, too_narrow: int, exact: int, faults: list[str]
) -> None:
    """Prevents the signature of a release whose own audit found counts too close."""
    audit = {"years": [{"year": 2026, "too_narrow": too_narrow, "exact": exact}]}
    (version.internal / "audit.json").write_text(json.dumps(audit), encoding="utf-8")
    assert list(find_narrow_intervals(version)) == faults


def test_a_year_that_an_earlier_version_proved_has_the_figures_of_its_audit(
    version: Version,
) -> None:
    """Prevents a revision from stating fewer narrow counts than the version that it repeats."""
    audit = {"years": [{"year": 2026, "too_narrow": 2}, {"year": 2025, "too_narrow": 3}]}
    (version.internal / "audit.json").write_text(json.dumps(audit), encoding="utf-8")
    renewed, repeated = {"year": 2026, "too_narrow": 0}, {"year": 2025, "proved_in": version.name}
    assert read_proofs({"years": [renewed, repeated]}, [version]) == {
        "years": [renewed, {**repeated, "too_narrow": 3}]
    }


def test_a_change_beyond_the_tolerance_needs_a_note(version: Version, tmp_path: Path) -> None:
    """Prevents figures that move by half between two versions without a word."""
    now = Version(2026, 2, tmp_path / "v2")
    now.data.mkdir(parents=True)
    now.internal.mkdir()
    write_files(read_data_sets(), _release(), now.data)
    assert list(find_unexplained_changes(version, now, 10)) == []
    _change(now, 1, "episode_count", "1200")
    assert list(find_unexplained_changes(version, now, 10)) == [
        "agreement_by_area changed by up to 50 %, and no note says why"
    ]
    assert list(find_unexplained_changes(version, now, 50)) == []
    add_note(now, BY_SOURCE, " A force delivered late. ")
    assert read_notes(now) == {BY_SOURCE: "A force delivered late."}
    assert list(find_unexplained_changes(version, now, 10)) == []


def test_a_note_is_of_a_file_and_says_why(version: Version) -> None:
    """Prevents a note that excuses nothing, and one that a spreadsheet would run."""
    assert read_notes(version) == {}
    with pytest.raises(ValueError, match="says why"):
        add_note(version, BY_SOURCE, "  ")
    with pytest.raises((KeyError, ValueError)):
        add_note(version, "another_file", "Late")
    add_note(version, BY_SOURCE, "=1+1")
    assert not read_notes(version)[BY_SOURCE].startswith("=")


def test_results_of_checks_are_read_as_they_were_kept(version: Version) -> None:
    """Prevents a signature on results that are not those of the check."""
    assert read_checks(version) == []
    text = (
        '[{"name": "sums", "title": "Sums within rounding", "fault_count": 2, "faults": ["a"]},'
        ' {"name": "attack", "title": "Attack", "fault_count": 0, "faults": []}]'
    )
    (version.internal / CHECKS).write_text(text, encoding="utf-8")
    failed, passed = read_checks(version)
    assert failed == CheckResult("sums", "Sums within rounding", 2, ("a",))
    assert (failed.is_passed, passed.is_passed) == (False, True)
