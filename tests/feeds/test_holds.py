"""What holds a delivery until a person decides: what is in it, and what came around it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from register.feeds import (
    Delivery,
    LedgerError,
    decide_delivery,
    read_hold_decisions,
    read_ledger,
    reinstate_delivery,
    withdraw_delivery,
)
from register.feeds.layout import load_layouts
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    Home,
    as_csv,
    extract_files,
    person,
    police_csv,
    police_rows,
    report,
)


def _children(count: int) -> dict[str, bytes]:
    return extract_files(ssd_person=[person(n) for n in range(count)])


def _extract(home: Home, period: str, count: int, month: int) -> Delivery:
    received = datetime(2026, month, 15, 9, 0, tzinfo=UTC)
    home.put_files("authority_extract", AUTHORITY, period, _children(count), received)
    return home.load().landed[-1]


def test_an_extract_that_loses_children_is_accepted_but_held(home: Home) -> None:
    """Prevents half an authority's children from leaving the register without a question."""
    assert not _extract(home, "2026-Q1", 100, 4).is_held
    assert not _extract(home, "2026-Q2", 75, 7).is_held
    held_delivery = _extract(home, "2026-Q3", 40, 10)
    assert (held_delivery.outcome, held_delivery.is_held) == ("accepted", True)
    assert held_delivery.hold_rule_code == "shrunk_delivery"
    assert ("shrunk_delivery", "", "", "") in home.rules(held_delivery)
    assert len(home.rows(held_delivery, "ssd_person")) == 40


def test_an_extract_of_an_earlier_period_is_not_measured_by_a_later_one(home: Home) -> None:
    """Prevents a backfill whose past is held because the authority has grown since."""
    _extract(home, "2026-Q3", 100, 4)
    assert not _extract(home, "2026-Q1", 40, 7).is_held
    assert not _extract(home, "2026-Q2", 35, 8).is_held
    assert _extract(home, "2026-Q4", 40, 10).is_held


def test_a_held_delivery_is_no_measure_for_the_next_until_it_is_confirmed(home: Home) -> None:
    """Prevents a mistake from becoming the new normal by being sent twice."""
    _extract(home, "2026-Q1", 100, 4)
    held_delivery = _extract(home, "2026-Q2", 40, 7)
    assert _extract(home, "2026-07", 41, 8).is_held
    decide_delivery(
        home.settings, held_delivery.delivery_id, "confirm", "A. Person", "children left care"
    )
    assert not _extract(home, "2026-Q3", 40, 10).is_held


def test_a_resubmission_that_loses_reports_is_held(home: Home) -> None:
    """Prevents a corrected month from losing most of its reports unseen."""
    home.put_reports([report(n) for n in range(1, 41)])
    assert not home.load().landed[0].is_held
    home.put_reports([report(n) for n in range(1, 11)])
    assert home.load().landed[0].is_held


def test_a_month_that_loses_nearly_everything_is_held(home: Home) -> None:
    """Prevents a failed export from passing as a quiet month."""
    home.put_reports([report(n) for n in range(1, 61)], period="2026-08")
    home.load()
    home.put_reports([report(n) for n in range(1, 11)], period="2026-09")
    assert home.load().landed[0].is_held


def test_decisions_are_appended_and_the_last_one_counts(home: Home) -> None:
    """Prevents a decision from being overwritten, or made without a name and a reason."""
    _extract(home, "2026-Q1", 100, 4)
    held_delivery = _extract(home, "2026-Q2", 40, 7)
    settings = home.settings
    for decision in ("refuse", "confirm"):
        decide_delivery(
            settings, held_delivery.delivery_id, decision, "A. Person", "checked, by phone"
        )
    lines = (settings.decisions / "deliveries.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert read_hold_decisions(settings) == {held_delivery.delivery_id: "confirm"}


@pytest.mark.parametrize(
    ("decision", "who", "why"),
    [("confirm", " ", "reason"), ("confirm", "A. Person", ""), ("perhaps", "A. Person", "reason")],
)
def test_a_decision_needs_to_be_one(home: Home, decision: str, who: str, why: str) -> None:
    """Prevents a decision that cannot be accounted for."""
    _extract(home, "2026-Q1", 100, 4)
    held_delivery = _extract(home, "2026-Q2", 40, 7)
    with pytest.raises(LedgerError):
        decide_delivery(home.settings, held_delivery.delivery_id, decision, who, why)  # type: ignore[arg-type]


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
    home.put_files("authority_extract", AUTHORITY, "2026-Q3", _absences(*starts))
    return home.land_one()


@pytest.mark.parametrize("readable", [(), ("2026-08-28T09:00:00",)], ids=["none", "a_quarter"])
def test_a_delivery_of_whose_starts_most_cannot_be_read_is_rejected(
    home: Home, readable: tuple[str, ...]
) -> None:
    """Prevents a supplier's new date format from losing every start unseen."""
    starts = ("30 Aug 26, 12h11", "31 Aug 26, 09h05", "1 Sep 26, 20h40", *readable)
    rejected = _land_absences(home, *starts)
    assert (rejected.outcome, rejected.reject_rule_code) == ("rejected", "unreadable_starts")
    feedback = home.rules(rejected)
    assert feedback == [
        ("unreadable_starts", "ssd_missing.csv", "", "miss_missing_episode_start_date")
    ]


def test_a_delivery_of_whose_other_dates_most_cannot_be_read_is_held(home: Home) -> None:
    """Prevents the ends of absences from being lost with a new form of dates."""
    absence = {"miss_person_id": "P1", "miss_missing_episode_start_date": "2026-08-30T09:00:00"}
    ends = ["31 Aug 26, 09h05"] * 3 + ["2026-09-01T20:40:00"] * 2
    rows = [
        {**absence, "miss_table_id": f"A{number}", "miss_missing_episode_end_date": end}
        for number, end in enumerate(ends)
    ]
    home.put_files(
        "authority_extract", AUTHORITY, "2026-Q3", extract_files("Liquidlogic", ssd_missing=rows)
    )
    held_delivery = home.land_one()
    assert (held_delivery.outcome, held_delivery.hold_rule_code) == ("accepted", "unreadable_dates")
    feedback = [rule for rule in home.rules(held_delivery) if rule[0] == "unreadable_dates"]
    assert feedback == [
        ("unreadable_dates", "ssd_missing.csv", "", "miss_missing_episode_end_date")
    ]
    decide_delivery(
        home.settings, held_delivery.delivery_id, "confirm", "A. Person", "ends are lost"
    )
    assert read_hold_decisions(home.settings) == {held_delivery.delivery_id: "confirm"}


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


def _hold_of(home: Home, delivery: Delivery) -> str | None:
    """Why a delivery is held by what is known now."""
    return next(
        entry.hold_rule_code
        for entry in read_ledger(home.settings)
        if entry.delivery_id == delivery.delivery_id
    )


def _levels(home: Home, counts: dict[str, int], order: tuple[str, ...]) -> dict[str, str | None]:
    """Months of a force with so many reports, received in an order: their holds in the end."""
    landed = {}
    for day, period in enumerate(order, start=1):
        rows = [report(n) for n in range(1, counts[period] + 1)]
        home.put_reports(rows, period=period, received=datetime(2026, 11, day, 9, 0, tzinfo=UTC))
        (landed[period],) = home.load().landed
    return {period: _hold_of(home, landed[period]) for period in sorted(landed)}


REAL_FALL = {"2026-05": 90, "2026-06": 90, "2026-07": 20, "2026-08": 22, "2026-09": 21}


@pytest.mark.parametrize(
    "order",
    [
        ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09"),
        ("2026-09", "2026-08", "2026-07", "2026-06", "2026-05"),
        ("2026-07", "2026-05", "2026-09", "2026-06", "2026-08"),
    ],
    ids=["first_to_last", "last_to_first", "mixed"],
)
def test_what_is_held_does_not_depend_on_the_order_of_arrival(
    home: Home, order: tuple[str, ...]
) -> None:
    """Prevents two registers of the same files; and one real fall from holding all that follows."""
    shrunk = "shrunk_delivery"
    expected = {
        "2026-05": None,
        "2026-06": None,
        "2026-07": shrunk,
        "2026-08": shrunk,
        "2026-09": None,
    }
    assert _levels(home, REAL_FALL, order) == expected


def test_a_person_decides_once_on_a_fall(home: Home) -> None:
    """Prevents one real fall from asking for a decision on each later delivery."""
    order = ("2026-05", "2026-06", "2026-07", "2026-08")
    assert _levels(home, REAL_FALL, order)["2026-08"] == "shrunk_delivery"
    first = next(e for e in read_ledger(home.settings) if e.period == "2026-07")
    decide_delivery(home.settings, first.delivery_id, "confirm", "A. Person", "a home was closed")
    later = next(e for e in read_ledger(home.settings) if e.period == "2026-08")
    assert not later.is_held


def _history(home: Home) -> list[tuple[str, str, str]]:
    """Period, day and rule of each change of a hold, as the dbt project reads them."""
    periods = {entry.delivery_id: entry.period for entry in read_ledger(home.settings)}
    with (home.settings.landing / "holds.csv").open(encoding="utf-8", newline="") as file:
        return [
            (periods[row["delivery_id"]], row["known_from"][:10], row["hold_rule_code"])
            for row in csv.DictReader(file)
        ]


def test_since_when_a_delivery_is_held_is_written_for_a_look_back(home: Home) -> None:
    """Prevents a look back that knows by what came later, or forgets what a person decided."""
    counts = {"2026-05": 90, "2026-06": 90, "2026-08": 20, "2026-07": 21, "2026-09": 20}
    _levels(home, counts, ("2026-05", "2026-06", "2026-08", "2026-07", "2026-09"))
    expected = [
        ("2026-08", "2026-11-03", "shrunk_delivery"),
        ("2026-07", "2026-11-04", "shrunk_delivery"),
    ]
    assert _history(home) == expected
    july = next(entry for entry in read_ledger(home.settings) if entry.period == "2026-07")
    decide_delivery(home.settings, july.delivery_id, "confirm", "A. Person", "a home was closed")
    home.load()
    assert [(period, rule) for period, _, rule in _history(home)[2:]] == [("2026-08", "")]
    last = {period: rule for period, _, rule in _history(home)}
    assert {e.period: e.hold_rule_code for e in read_ledger(home.settings) if e.is_held} == {
        period: rule for period, rule in last.items() if rule
    }


@pytest.mark.parametrize(
    ("now", "rule"),
    [
        ({"found_at": ""}, "lost_values"),
        ({"ethnicity": "a local code"}, "unknown_codes"),
        ({"surname": ""}, "empty_column"),
        ({"dob": "not known to us"}, "unreadable_dates"),
        ({}, None),
    ],
    ids=["emptied", "codes_all_fail", "empty_that_never_is", "dates_fail", "as_before"],
)
def test_a_column_that_lost_its_values_is_held(
    home: Home, now: dict[str, str], rule: str | None
) -> None:
    """Prevents a column that went empty, or whose codes all fail, from passing as data."""
    usual = {"found_at": "2026-10-03T08:00", "ethnicity": "A1"}
    home.put_reports([report(n, **usual) for n in range(1, 31)], period="2026-09")
    home.load()
    home.put_reports([report(n, **{**usual, **now}) for n in range(1, 31)], period="2026-10")
    (delivery,) = home.load().landed
    assert (delivery.outcome, delivery.hold_rule_code) == ("accepted", rule)
    feedback = {row["rule_code"]: row["column"] for row in home.feedback(delivery)}
    assert (rule is None) or feedback[rule]


def _days_of_october(count: int) -> list[str]:
    return [f"2026-10-{1 + number % 28:02d}T10:00" for number in range(count)]


def test_american_dates_are_refused_or_held(home: Home) -> None:
    """Prevents half of the dates from being null, and the other half wrong by months."""
    rows = police_rows(load_layouts()["compact"], [report(n) for n in range(1, 41)])
    reported, born = rows[0].index("Reported"), rows[0].index("Date of Birth")
    for row, day in zip(rows[1:], _days_of_october(40), strict=True):
        row[reported] = datetime.fromisoformat(day).strftime("%m/%d/%Y %H:%M")
    home.put_reports(as_csv(rows, load_layouts()["compact"]))
    (rejected,) = home.load().landed
    assert (rejected.outcome, rejected.reject_rule_code) == ("rejected", "unreadable_starts")

    rows = police_rows(load_layouts()["compact"], [report(n) for n in range(1, 8)])
    days = ("03/01/2011", "04/02/2011", "05/03/2011", "06/04/2011", "07/05/2011", "08/13/2011",
            "09/30/2011")  # fmt: skip
    for row, day in zip(rows[1:], days, strict=True):
        row[born] = day
    home.put_reports(as_csv(rows, load_layouts()["compact"]))
    (held_delivery,) = home.load().landed
    assert held_delivery.hold_rule_code == "day_month_swapped"
    assert ("day_month_swapped", "reports.csv", "", "Date of Birth") in home.rules(held_delivery)


@pytest.mark.parametrize(
    "moments",
    [
        {"reported_at": "2026-09-02T01:30", "last_seen_at": "2026-09-01T20:15"},
        # The fifth of October, read as the tenth of May.
        {"reported_at": "2026-05-10T01:30", "last_seen_at": "2026-05-10T00:15"},
    ],
    ids=["the_month_before", "days_that_are_months"],
)
def test_a_file_of_another_month_is_held(home: Home, moments: dict[str, str]) -> None:
    """Prevents a month's file in the folder of another from standing for it."""
    rows = [report(n, **moments) for n in range(1, 9)]
    home.put_files("police_reports", COMPACT, "2026-10", {"r.csv": police_csv("compact", rows)})
    held_delivery = home.land_one()
    assert (held_delivery.outcome, held_delivery.hold_rule_code) == ("accepted", "outside_period")
    assert ("outside_period", "", "", "") in home.rules(held_delivery)


def test_reports_that_changed_in_the_month_are_of_the_month(home: Home) -> None:
    """Prevents a month in which old reports were closed from passing for another month's file."""
    old = {"reported_at": "2026-08-02T01:30", "last_seen_at": "2026-08-01T20:15"}
    rows = [report(n, **old, closed_at="2026-10-20T09:00") for n in range(1, 9)]
    home.put_files("police_reports", COMPACT, "2026-10", {"r.csv": police_csv("compact", rows)})
    assert not home.land_one().is_held


def test_an_extract_made_before_its_period_is_held(home: Home) -> None:
    """Prevents last quarter's extract from passing for this quarter's."""
    version = {"case_system": "Mosaic", "extracted_at": "2026-06-30T09:00:00"}
    home.put_files("authority_extract", AUTHORITY, "2026-Q3", extract_files(ssd_version=[version]))
    assert home.land_one().hold_rule_code == "outside_period"


@pytest.mark.parametrize(
    ("case_system", "start"),
    [
        ("Mosaic", "30/08/2026 12:11"),
        ("Mosaic", "30/08/2026 12:11:00"),
        ("Mosaic", "30/08/2026 12:11 PM"),
        ("Mosaic", "2026-08-30 12:11:00.000"),
        ("Mosaic", "2026-08-30T11:11:00Z"),
        ("Liquidlogic", "30/08/2026 12:11"),
        ("Liquidlogic", "2026-08-30T12:11:00.123+01:00"),
    ],
)
def test_a_case_system_is_read_in_every_form_that_it_writes(
    home: Home, case_system: str, start: str
) -> None:
    """Prevents an extract in its database's own form from losing every start and end."""
    absence = {"miss_table_id": "A1", "miss_person_id": "P1"}
    rows = [{**absence, "miss_missing_episode_start_date": start}]
    home.put_files(
        "authority_extract", AUTHORITY, "2026-Q3", extract_files(case_system, ssd_missing=rows)
    )
    (landed,) = home.rows(home.land_one(), "ssd_missing")
    assert landed["miss_missing_episode_start_date"] == "2026-08-30T12:11:00"
