"""What a reader finds out who knows an area's own counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suppression_attack import EVERY_AREA, DescriptionError, Report, attack
from suppression_attack.insider_attack import InsiderAttack, list_insiders
from suppression_attack.search import Search
from suppression_attack.table import Row, Table, Unknown
from tests.suppression_attack.tables import write_release

FEWEST = 5
# By area: all children, looked after, not looked after. The files hide the last two of 201 and 202.
TRUE = {"201": (24, 4, 20), "202": (36, 6, 30), "203": (90, 30, 60)}
FIGURES = {
    "E92000001": ["150", "40", "110"],
    "E12000001": ["150", "40", "110"],
    "201": ["24", "c", "c"],
    "202": ["36", "c", "c"],
    "203": ["90", "30", "60"],
}


def _write_true_counts(path: Path, release: str) -> Path:
    lines = [
        "release,file,time_period,geographic_level,area_code,filter_values,measure,value",
        *(
            f"{release},children,2026,Local authority,{area},care_status={item},child_count,{count}"
            for area, counts in TRUE.items()
            for item, count in zip(
                ("Total", "Looked after", "Not looked after"), counts, strict=True
            )
        ),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A release that is safe unless a reader knows 201 or 202."""
    return write_release(tmp_path / "safe", {"children": FIGURES})


def _attack(release: Path, *insiders: list[str]) -> Report:
    true_counts = _write_true_counts(release.parent / "true.csv", release.name)
    return attack([release], [true_counts], insiders=insiders)


def test_an_insider_of_one_of_two_hidden_counts_finds_the_other(release: Path) -> None:
    """Prevents a pair of hidden counts that one of the two areas can undo."""
    assert _attack(release).is_safe
    report = _attack(release, ["201"])
    assert {(each.kind, each.detail) for each in report.findings} == {
        ("insider", "6 to 6 for 201"),
        ("insider", "30 to 30 for 201"),
    }
    assert all("202" in each.key for each in report.findings)
    assert report.insiders == 1


def test_an_insider_of_another_area_finds_nothing(release: Path) -> None:
    """Prevents findings for each insider, of which none is true."""
    assert _attack(release, ["203"]).is_safe


def test_an_insider_of_both_areas_finds_nothing_about_others(release: Path) -> None:
    """Prevents an area's own counts from being listed as found out."""
    assert _attack(release, ["201", "202"]).is_safe


def test_every_area_that_reports_is_tried(release: Path) -> None:
    """Prevents an area that nobody thought of; a region does not report counts of its own."""
    report = _attack(release, [EVERY_AREA])
    assert report.insiders == 3
    assert {each.detail.rpartition(" ")[2] for each in report.findings} == {"201", "202"}


def test_without_true_counts_an_insider_has_one_set_that_fits(release: Path) -> None:
    """Prevents an attack that only the producer can run."""
    report = attack([release], insiders=[["201"]])
    assert {each.kind for each in report.findings} == {"insider"}
    assert all("202" in each.key for each in report.findings)


def test_an_insider_of_no_area_is_refused(release: Path) -> None:
    """Prevents a slip in a code from being taken for a safe release."""
    with pytest.raises(DescriptionError, match="204"):
        _attack(release, ["204"])


def test_true_counts_that_do_not_fit_are_a_contradiction(release: Path) -> None:
    """Prevents insiders that know counts which the release excludes."""
    true_counts = _write_true_counts(release.parent / "true.csv", release.name)
    text = true_counts.read_text(encoding="utf-8")
    true_counts.write_text(text.replace("child_count,6\n", "child_count,7\n"), encoding="utf-8")
    report = attack([release], [true_counts], insiders=[["201"]])
    assert "contradiction" in {each.kind for each in report.findings}


def test_both_parts_of_an_area_with_two_parts_are_a_pair() -> None:
    """Prevents two areas from computing the rest of a sum together."""
    parents = {"1": "N", "2": "N", "3": "S", "4": "S", "5": "S", "N": "E", "S": "E"}
    table = Table(hierarchies={"regions": parents, "forces": {"1": "F", "F": "E"}})
    assert [sorted(each) for each in list_insiders(table)] == [
        ["1"],
        ["2"],
        ["3"],
        ["4"],
        ["5"],
        ["F"],
        ["1", "2"],
    ]


@pytest.mark.parametrize(("difference", "intervals"), [(0, []), (1, [(0.0, 2.0)])])
def test_an_insider_may_find_a_difference_of_0(
    difference: int, intervals: list[tuple[float, float]]
) -> None:
    """Prevents findings about nobody, and a difference of 1 child from being left out."""
    own = Unknown("r: f: own", 0.0, 8.0, hidden_in=["r: f: own"], areas=frozenset({"own"}))
    other = Unknown("r: f: other", 0.0, 8.0, is_complement=True, areas=frozenset({"other"}))
    table = Table(unknowns=[own, other], rows=[Row("sum", ((0, 1.0), (1, 1.0)), 6.0, 8.0)])
    search = Search(table, FEWEST, lambda _: None)
    search.run()
    findings = InsiderAttack(search, {0: 6.0, 1: float(difference)}).run([frozenset({"own"})])
    assert [(each.lower, each.upper) for each in findings] == intervals


@settings(max_examples=60, deadline=None)
@given(
    truth=st.lists(st.integers(0, 8), min_size=4, max_size=4),
    rows=st.lists(
        st.tuples(st.lists(st.integers(-1, 1), min_size=4, max_size=4), st.integers(0, 3)),
        min_size=1,
        max_size=3,
    ),
)
def test_what_an_insider_finds_is_what_every_set_of_numbers_says(
    truth: list[int], rows: list[tuple[list[int], int]]
) -> None:
    """Prevents a count from being called safe from an insider, or not, against all its values."""
    unknowns = [
        Unknown(f"r: f: {at}", 0.0, 8.0, hidden_in=[f"r: f: {at}"], areas=frozenset({str(at)}))
        for at in range(4)
    ]
    sums = [sum(a * b for a, b in zip(row, truth, strict=True)) for row, _ in rows]
    table = Table(
        unknowns=unknowns,
        rows=[
            Row(
                "row", tuple((at, float(a)) for at, a in enumerate(row) if a), total - 1, total + up
            )
            for (row, up), total in zip(rows, sums, strict=True)
            if any(row)
        ],
    )
    points = np.array(np.meshgrid(*[np.arange(9)] * 4)).reshape(4, -1).T
    for row in table.rows:
        values = sum(points[:, at] * times for at, times in row.terms)
        points = points[(values >= row.lower) & (values <= row.upper)]
    search = Search(table, FEWEST, lambda _: None)
    search.run()
    is_open = np.ptp(points, axis=0) + 1 >= FEWEST
    insider_attack = InsiderAttack(search, {at: float(each) for at, each in enumerate(truth)})
    findings = list(insider_attack.run([frozenset({"0"})]))
    known = points[points[:, 0] == truth[0]]
    expected = {
        (at, float(known[:, at].min()), float(known[:, at].max()))
        for at in range(1, 4)
        if is_open[at] and np.ptp(known[:, at]) + 1 < FEWEST
    }
    assert {(each.unknown, each.lower, each.upper) for each in findings} == expected
    assert all(each.is_proved for each in findings)
