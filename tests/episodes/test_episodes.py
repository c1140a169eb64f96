"""From reports to episodes, through the models: what must hold whatever the reports are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.episodes.chain import episodes_of

START = datetime.fromisoformat("2026-01-05")
FEEDS = {
    "police_reports": "police",
    "authority_extract": "authority",
    "authority_return": "authority",
}
SWAPPED = {"police_reports": "authority_extract", "authority_extract": "police_reports"}


def build_report(
    key: str, feed: str, start: float, end: float | None, *, is_date: bool = False,
    child: str = "C", supplier: str = "S",
) -> dict[str, Any]:  # fmt: skip
    """A report by its start and end in hours; as dates, a whole day of each."""
    lower = _record_moment(start, is_date=is_date)
    ended = None if end is None else _record_moment(end, is_date=is_date)
    day = timedelta(days=1 if is_date else 0)
    return {
        "report_key": key,
        "child_id_register": child,
        "supplier_code": supplier,
        "source": FEEDS[feed],
        "feed": feed,
        "start_lower_at": lower,
        "start_upper_at": lower + day,
        "end_lower_at": ended,
        "end_upper_at": None if ended is None else ended + day,
        "end_precision": None if ended is None else ("date" if is_date else "minute"),
        "eighteenth_birthday_date": datetime.fromisoformat("2030-01-01"),
    }


def _record_moment(hours: float, *, is_date: bool) -> datetime:
    drawn = START + timedelta(hours=hours)
    return drawn.replace(hour=0, minute=0) if is_date else drawn


@st.composite
def reports(draw: st.DrawFn, feeds: tuple[str, ...] = tuple(FEEDS)) -> list[dict[str, Any]]:
    """Up to ten reports of two children within a fortnight, some open, some by dates alone."""
    drawn = []
    for number in range(draw(st.integers(1, 10))):
        feed = draw(st.sampled_from(feeds))
        start = draw(st.integers(0, 14 * 24))
        length = draw(st.one_of(st.none(), st.integers(0, 90)))
        is_date = feed == "authority_return" or (
            feed == "authority_extract" and draw(st.booleans())
        )
        end = None if length is None else start + length
        child = draw(st.sampled_from(["C", "D"]))
        key = f"{feed[:1]}{number}"
        drawn.append(build_report(key, feed, start, end, is_date=is_date, child=child))
    return drawn


@settings(max_examples=15)
@given(reports())
def test_every_report_is_in_one_episode_of_its_own_child(drawn: list[dict[str, Any]]) -> None:
    """Prevents a report from being lost, counted twice, or joined to another child's absence."""
    placed = episodes_of(drawn)
    assert set(placed) == {row["report_key"] for row in drawn}
    child = {row["report_key"]: row["child_id_register"] for row in drawn}
    assert all(child[key] == child[first] for key, first in placed.items())


@settings(max_examples=15)
@given(reports(), st.randoms(use_true_random=False))
def test_reports_in_any_order_make_the_same_episodes(
    drawn: list[dict[str, Any]], random: Any
) -> None:
    """Prevents episodes that depend on the order in which files were delivered."""
    shuffled = list(drawn)
    random.shuffle(shuffled)
    assert episodes_of(shuffled) == episodes_of(drawn)


@settings(max_examples=15)
@given(reports(("police_reports", "authority_extract")))
def test_the_sources_may_change_places(drawn: list[dict[str, Any]]) -> None:
    """Prevents one source from being preferred where neither is more exact."""
    apart = _by_the_minute_and_apart(drawn)
    swapped = [{**row, "feed": SWAPPED[row["feed"]]} for row in apart]
    swapped = [{**row, "source": FEEDS[row["feed"]]} for row in swapped]
    assert episodes_of(swapped) == episodes_of(apart)


def _by_the_minute_and_apart(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The reports without those that one source's own tolerance would join with another."""
    apart: list[dict[str, Any]] = []
    for row in sorted(drawn, key=lambda row: (row["start_lower_at"], row["report_key"])):
        end = row["end_lower_at"]
        precision = None if end is None else "minute"
        exact = {"start_upper_at": row["start_lower_at"], "end_upper_at": end}
        before = [
            other["end_lower_at"] or other["start_lower_at"]
            for other in apart
            if (other["feed"], other["child_id_register"])
            == (row["feed"], row["child_id_register"])
        ]
        if not before or row["start_lower_at"] - max(before) > timedelta(hours=7):
            apart.append({**row, **exact, "end_precision": precision})
    return apart


@settings(max_examples=10)
@given(reports())
def test_another_child_changes_nothing(drawn: list[dict[str, Any]]) -> None:
    """Prevents the absences of one child from depending on those of another in the same load."""
    own = [row for row in drawn if row["child_id_register"] == "C"]
    all_episodes = episodes_of(drawn)
    assert episodes_of(own) == {
        key: all_episodes[key] for key in (row["report_key"] for row in own)
    }


def test_nights_in_a_row_stay_nights_and_an_extract_is_its_return() -> None:
    """Prevents a child who leaves every evening from being missing once, or twice a night."""
    rows = []
    for night in range(4):
        hour = night * 24 + 20
        rows += [
            build_report(f"p{night}", "police_reports", hour, hour + 6),
            build_report(f"e{night}", "authority_extract", hour + 1, hour + 7),
            build_report(f"r{night}", "authority_return", hour, hour + 6, is_date=True),
        ]
    placed = episodes_of(rows)
    for night in range(4):
        assert {key for key, first in placed.items() if first == f"e{night}"} == {
            f"p{night}", f"e{night}", f"r{night}"
        }  # fmt: skip


def test_several_against_one_is_one_episode_whichever_source_is_the_longer() -> None:
    """Prevents short records from being attached to a long one of the authority only."""
    for long, short in (
        ("authority_extract", "police_reports"),
        ("police_reports", "authority_extract"),
    ):
        rows = [build_report("a", long, 10, 200)]
        rows += [build_report(f"b{number}", short, 12 + number * 50, 40 + number * 50)
                 for number in range(3)]  # fmt: skip
        assert set(episodes_of(rows).values()) == {"a"}


def test_what_is_open_meets_only_what_starts_near_it() -> None:
    """Prevents a record without an end from absorbing the absences of later weeks."""
    rows = [
        build_report("a0", "authority_extract", 0, None),
        build_report("p0", "police_reports", 46, 75),
        build_report("p1", "police_reports", 170, 175),
    ]
    assert episodes_of(rows) == {"a0": "a0", "p0": "a0", "p1": "p1"}
    rows[1] = build_report("p0", "police_reports", 49, 75)
    assert episodes_of(rows)["p0"] == "p0"


WORK = {"W": 48.0}


def _night_and_work(lag: float, supplier: str) -> list[dict[str, Any]]:
    return [
        build_report("p", "police_reports", 20, 27),
        build_report("e", "authority_extract", 20 + lag, 27 + lag, supplier=supplier),
    ]


def test_work_after_a_weekend_is_what_happened_before_it() -> None:
    """Prevents a second absence where a case system enters on Monday what ended on Saturday."""
    for lag in (8, 50, 55):
        drawn = episodes_of(_night_and_work(lag, "W"), WORK)
        assert set(drawn.values()) == {"e"}, lag
    for lag in (56, 120, -8, -50):
        assert len(set(episodes_of(_night_and_work(lag, "W"), WORK).values())) == 2, lag


def test_slack_is_no_other_suppliers() -> None:
    """Prevents one supplier's entry delay from widening the matching of every supplier."""
    for lag in (30, 50, 55):
        assert len(set(episodes_of(_night_and_work(lag, "M"), WORK).values())) == 2, lag


def test_work_does_not_chain_nights() -> None:
    """Prevents an entry delay of two days from mixing up or joining a child's nights."""
    rows = []
    for night in range(5):
        hour = night * 24 + 20
        rows.append(build_report(f"p{night}", "police_reports", hour, hour + 6))
        if night != 2:
            rows.append(
                build_report(f"e{night}", "authority_extract", hour + 13, hour + 14, supplier="W")
            )
    placed = episodes_of(rows, WORK)
    for night in (0, 1, 3, 4):
        members = {key for key, first in placed.items() if first == f"e{night}"}
        assert members == {f"p{night}", f"e{night}"}
    assert placed["p2"] == "p2"


def test_an_open_record_of_work_is_as_late_as_a_closed_one() -> None:
    """Prevents an entry delay from being allowed only for records with an end."""
    rows = [
        build_report("p", "police_reports", 20, 27),
        build_report("e", "authority_extract", 73, None, supplier="W"),
    ]
    assert set(episodes_of(rows, WORK).values()) == {"e"}
    assert len(set(episodes_of(rows).values())) == 2


@settings(max_examples=15)
@given(reports())
def test_slack_of_a_supplier_that_sends_nothing_changes_nothing(
    drawn: list[dict[str, Any]],
) -> None:
    """Prevents an entry delay from being allowed to suppliers that record events."""
    assert episodes_of(drawn, WORK) == episodes_of(drawn)


def _two_of_one_day(keys: tuple[str, str], feed: str, categories: tuple[str, str]) -> list[Any]:
    """Two absences of 6 January, the first from 9 to 12, the second from 14 to 17."""
    return [
        build_report(key, feed, start, start + 3, is_date=feed == "authority_return")
        | {"category_code": category}
        for key, start, category in zip(keys, (33, 38), categories, strict=True)
    ]


def test_a_missing_and_an_away_absence_of_one_day_stay_what_they_are() -> None:
    """Prevents the two from becoming two missing ones where the return gives only their day."""
    extract = _two_of_one_day(("e1", "e2"), "authority_extract", ("missing", "away"))
    for keys in (("r1", "r2"), ("r2", "r1")):
        for categories in (("missing", "away"), ("away", "missing")):
            returned = _two_of_one_day(keys, "authority_return", categories)
            placed = episodes_of(extract + returned)
            kind = {row["report_key"]: row["category_code"] for row in extract + returned}
            assert len(set(placed.values())) == 2
            assert {kind[key] == kind[first] for key, first in placed.items()} == {True}


def test_the_nearer_day_counts_before_the_category() -> None:
    """Prevents a category that was corrected from moving an absence to another day."""
    extract = [
        build_report("e1", "authority_extract", 33, 36) | {"category_code": "missing"},
        build_report("e2", "authority_extract", 57, 60) | {"category_code": "away"},
    ]
    returned = [
        build_report("r1", "authority_return", 33, 36, is_date=True) | {"category_code": "away"},
        build_report("r2", "authority_return", 57, 60, is_date=True) | {"category_code": "missing"},
    ]
    placed = episodes_of(extract + returned)
    assert placed["e1"] == placed["r1"]
    assert placed["e2"] == placed["r2"]
