"""A delivery much smaller than the supplier's last is held until a person decides."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from register.feeds import (
    Delivery,
    LedgerError,
    decide_delivery,
    decided_deliveries,
    reinstate_delivery,
    withdraw_delivery,
)
from tests.feeds.deliveries import AUTHORITY, Home, extract_files, report


def _children(count: int) -> dict[str, bytes]:
    return extract_files(ssd_person=[{"pers_person_id": f"P{n}"} for n in range(count)])


def _extract(home: Home, period: str, count: int, month: int) -> Delivery:
    received = datetime(2026, month, 15, 9, 0, tzinfo=UTC)
    home.put("authority_extract", AUTHORITY, period, _children(count), received)
    return home.load().landed[-1]


def test_an_extract_that_loses_children_is_accepted_but_held(home: Home) -> None:
    """Prevents half an authority's children from leaving the register without a question."""
    assert not _extract(home, "2026-Q1", 100, 4).is_held
    assert not _extract(home, "2026-Q2", 75, 7).is_held
    held = _extract(home, "2026-Q3", 40, 10)
    assert (held.outcome, held.is_held) == ("accepted", True)
    assert held.hold_rule_code == "shrunk_delivery"
    assert ("shrunk_delivery", "", "", "") in home.rules(held)
    assert len(home.rows(held, "ssd_person")) == 40


def test_an_extract_of_an_earlier_period_is_not_measured_by_a_later_one(home: Home) -> None:
    """Prevents a backfill whose past is held because the authority has grown since."""
    _extract(home, "2026-Q3", 100, 4)
    assert not _extract(home, "2026-Q1", 40, 7).is_held
    assert not _extract(home, "2026-Q2", 35, 8).is_held
    assert _extract(home, "2026-Q4", 40, 10).is_held


def test_a_held_delivery_is_no_measure_for_the_next_until_it_is_confirmed(home: Home) -> None:
    """Prevents a mistake from becoming the new normal by being sent twice."""
    _extract(home, "2026-Q1", 100, 4)
    held = _extract(home, "2026-Q2", 40, 7)
    assert _extract(home, "2026-07", 41, 8).is_held
    decide_delivery(home.settings, held.delivery_id, "confirm", "A. Person", "children left care")
    assert not _extract(home, "2026-Q3", 40, 10).is_held


def test_a_resubmission_that_loses_reports_is_held(home: Home) -> None:
    """Prevents a corrected month from losing most of its reports unseen."""
    home.put_reports([report(n) for n in range(1, 41)])
    assert not home.load().landed[0].is_held
    home.put_reports([report(n) for n in range(1, 11)])
    assert home.load().landed[0].is_held


def test_a_quiet_month_of_a_small_force_is_not_held(home: Home) -> None:
    """Prevents chance from filling the list of things that a person must decide."""
    home.put_reports([report(n) for n in range(1, 31)], period="2026-08")
    home.load()
    home.put_reports([report(n) for n in range(1, 19)], period="2026-09")
    assert not home.load().landed[0].is_held
    home.put_reports([report(1)], period="2026-10")
    assert not home.load().landed[0].is_held


def test_a_month_that_loses_nearly_everything_is_held(home: Home) -> None:
    """Prevents a failed export from passing as a quiet month."""
    home.put_reports([report(n) for n in range(1, 61)], period="2026-08")
    home.load()
    home.put_reports([report(n) for n in range(1, 11)], period="2026-09")
    assert home.load().landed[0].is_held


def test_decisions_are_appended_and_the_last_one_counts(home: Home) -> None:
    """Prevents a decision from being overwritten, or made without a name and a reason."""
    _extract(home, "2026-Q1", 100, 4)
    held = _extract(home, "2026-Q2", 40, 7)
    settings = home.settings
    for decision in ("refuse", "confirm"):
        decide_delivery(settings, held.delivery_id, decision, "A. Person", "checked, by phone")
    lines = (settings.decisions / "deliveries.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert decided_deliveries(settings.decisions) == {held.delivery_id: "confirm"}


@pytest.mark.parametrize(
    ("decision", "who", "why"),
    [("confirm", " ", "reason"), ("confirm", "A. Person", ""), ("perhaps", "A. Person", "reason")],
)
def test_a_decision_needs_to_be_one(home: Home, decision: str, who: str, why: str) -> None:
    """Prevents a decision that cannot be accounted for."""
    _extract(home, "2026-Q1", 100, 4)
    held = _extract(home, "2026-Q2", 40, 7)
    with pytest.raises(LedgerError):
        decide_delivery(home.settings, held.delivery_id, decision, who, why)  # type: ignore[arg-type]


def test_only_a_held_delivery_can_be_decided(home: Home) -> None:
    """Prevents a decision on the wrong delivery."""
    accepted = _extract(home, "2026-Q1", 100, 4)
    with pytest.raises(LedgerError, match="not held"):
        decide_delivery(home.settings, accepted.delivery_id, "confirm", "A. Person", "reason")
    with pytest.raises(LedgerError, match="no delivery"):
        decide_delivery(home.settings, "police_reports-none", "confirm", "A. Person", "reason")


def test_what_was_withdrawn_is_no_measure_for_what_comes_next(home: Home) -> None:
    """Prevents a delivery that was set aside as wrong from holding the right one after it."""
    wrong = _extract(home, "2026-Q1", 100, 4)
    withdraw_delivery(home.settings, wrong.delivery_id, "A. Person", "another authority's children")
    assert not _extract(home, "2026-Q2", 40, 7).is_held
    reinstate_delivery(home.settings, wrong.delivery_id, "A. Person", "they were theirs")
    assert _extract(home, "2026-Q3", 20, 10).is_held


def _absences(*starts: str) -> dict[str, bytes]:
    rows = [
        {
            "miss_table_id": f"A{number}",
            "miss_person_id": "P1",
            "miss_missing_episode_start_date": start,
        }
        for number, start in enumerate(starts)
    ]
    return extract_files("Liquidlogic", ssd_missing=rows)


def _land_absences(home: Home, *starts: str) -> Delivery:
    home.put("authority_extract", AUTHORITY, "2026-Q3", _absences(*starts))
    return home.land_one()


def test_a_delivery_of_whose_dates_none_can_be_read_is_held(home: Home) -> None:
    """Prevents a supplier's new date format from losing every start unseen."""
    held = _land_absences(home, "30 Aug 26, 12h11", "31 Aug 26, 09h05", "1 Sep 26, 20h40")
    assert (held.outcome, held.is_held) == ("accepted", True)
    assert held.hold_rule_code == "unreadable_dates"
    told = [rule for rule in home.rules(held) if rule[0] == "unreadable_dates"]
    assert told == [("unreadable_dates", "ssd_missing.csv", "", "miss_missing_episode_start_date")]
    decide_delivery(home.settings, held.delivery_id, "confirm", "A. Person", "starts are lost")
    assert decided_deliveries(home.settings.decisions) == {held.delivery_id: "confirm"}


@pytest.mark.parametrize(
    "starts",
    [
        ("30 Aug 26, 12h11", "31 Aug 26, 09h05"),
        ("30 Aug 26, 12h11", "31 Aug 26, 09h05", "2026-09-01T20:40:00"),
        ("", "", ""),
    ],
    ids=["two_prove_nothing", "one_can_be_read", "none_given"],
)
def test_dates_that_prove_no_new_format_hold_nothing(home: Home, starts: tuple[str, ...]) -> None:
    """Prevents a few broken dates from keeping a whole delivery out of the register."""
    assert not _land_absences(home, *starts).is_held


def test_a_time_that_the_clocks_skip_is_kept_and_flagged(home: Home) -> None:
    """Prevents a time that no clock showed from passing as exact, on that night alone."""
    times = ("2026-03-29T01:30:00", "2026-03-29T02:00:00", "2026-03-29T00:59:00",
             "2026-03-28T01:30:00", "2026-10-25T01:30:00")  # fmt: skip
    delivery = _land_absences(home, *times)
    rows = home.rows(delivery, "ssd_missing")
    assert [row["miss_missing_episode_start_date"] for row in rows] == list(times)
    flagged = [rule for rule in home.rules(delivery) if rule[0] == "skipped_time"]
    start = "miss_missing_episode_start_date"
    assert flagged == [("skipped_time", "ssd_missing.csv", "2", start)]
    assert not delivery.is_held
