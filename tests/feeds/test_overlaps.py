"""A file in the folder of another supplier counts children twice: it is held, and told so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from register.feeds import (
    Delivery,
    decide_delivery,
    read_hold_decisions,
    read_ledger,
    withdraw_delivery,
)
from register.feeds.assignments import load_assignments
from tests.feeds.deliveries import COMPACT, Home, extract_files, moved, person, police_csv, report

OTHER = next(
    item.supplier_code
    for item in load_assignments()
    if item.layout == "compact"
    and item.valid_to is None
    and item.supplier_code.startswith("E")
    and item.supplier_code != COMPACT
)
DAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
# Children of two forces; the numbers are those of their records.
OWN, FOREIGN = range(100, 130), range(200, 230)
Sent = tuple[str, str, range]


def _rows(numbers: range) -> list[dict[str, str]]:
    born = datetime(2010, 1, 1, tzinfo=UTC)
    return [
        report(n, dob=f"{born + timedelta(days=n):%Y-%m-%d}", sex="F", category="Missing")
        for n in numbers
    ]


def _send(home: Home, sent: list[Sent]) -> dict[tuple[str, str], str | None]:
    """Deliver each force's months in order; the holds of all in the end."""
    for day, (force, period, numbers) in enumerate(sent):
        data = police_csv("compact", moved(_rows(numbers), period))
        home.put_files("police_reports", force, period, {"r.csv": data}, DAY + timedelta(days=day))
        home.load()
    return {
        (entry.supplier_code, entry.period): entry.hold_rule_code
        for entry in read_ledger(home.settings)
    }


HISTORY: list[Sent] = [
    (COMPACT, "2026-08", OWN),
    (COMPACT, "2026-09", OWN),
    (OTHER, "2026-08", FOREIGN),
    (OTHER, "2026-09", FOREIGN),
]
RIGHT, WRONG = (COMPACT, "2026-10", OWN), (OTHER, "2026-10", OWN)


OCTOBER = [(COMPACT, "2026-10"), (OTHER, "2026-10")]


@pytest.mark.parametrize(
    "sent",
    [[*HISTORY, RIGHT, WRONG], [RIGHT, WRONG], [RIGHT, WRONG, *HISTORY],
     [*HISTORY, WRONG, RIGHT], [WRONG, RIGHT], [WRONG, *HISTORY, RIGHT]],
)  # fmt: skip
def test_what_came_first_stays_and_the_newcomer_is_held(home: Home, sent: list[Sent]) -> None:
    """Prevents a file in a wrong folder from taking published children out of the register."""
    holds = _send(home, sent)
    first, newcomer = sorted(OCTOBER, key=[item[:2] for item in sent].index)
    assert {key for key, rule in holds.items() if rule} == {newcomer}
    assert holds[newcomer] == "overlapping_delivery"
    entries = {(e.supplier_code, e.period): e for e in read_ledger(home.settings)}
    rules_by_period = {key: {rule[0] for rule in home.rules(entries[key])} for key in OCTOBER}
    assert "overlapping_delivery" in rules_by_period[newcomer] - rules_by_period[first]


@pytest.mark.parametrize("decision", ["confirm the newcomer", "withdraw the first"])
def test_a_person_decides_which_of_two_it_is(home: Home, decision: str) -> None:
    """Prevents a hold that nobody can end, or that ends with both out of the register."""
    _send(home, [*HISTORY, WRONG, RIGHT])
    wrong, right = (
        next(e for e in read_ledger(home.settings) if (e.supplier_code, e.period) == sent[:2])
        for sent in (WRONG, RIGHT)
    )
    if decision == "confirm the newcomer":
        decide_delivery(home.settings, right.delivery_id, "confirm", "A. Person", "it is theirs")
        assert read_hold_decisions(home.settings) == {right.delivery_id: "confirm"}
        return
    withdraw_delivery(home.settings, wrong.delivery_id, "A. Person", "of the other force")
    assert not any(entry.is_held for entry in read_ledger(home.settings))


def test_what_came_first_may_be_sent_again(home: Home) -> None:
    """Prevents a correction of a published month from being held for a newcomer of another."""
    holds = _send(home, [*HISTORY, RIGHT, WRONG, (COMPACT, "2026-10", range(100, 131))])
    assert {key for key, rule in holds.items() if rule} == {(OTHER, "2026-10")}
    current = [e for e in read_ledger(home.settings) if e.period == "2026-10" and not e.is_held]
    assert {entry.supplier_code for entry in current} == {COMPACT}


def test_a_newcomer_with_older_files_is_a_newcomer(home: Home) -> None:
    """Prevents a file that lay somewhere for a week from coming before what is published."""
    for force, received in ((COMPACT, DAY), (OTHER, DAY - timedelta(days=7))):
        data = {"r.csv": police_csv("compact", moved(_rows(OWN), "2026-10"))}
        home.put_files("police_reports", force, "2026-10", data, received)
        home.load()
    held_suppliers = [entry.supplier_code for entry in read_ledger(home.settings) if entry.is_held]
    assert held_suppliers == [OTHER]


def test_what_waits_itself_keeps_no_newcomer_out(home: Home) -> None:
    """Prevents a wrong file that was never published from holding the right one."""
    emptied = [{**row, "surname": ""} for row in moved(_rows(OWN), "2026-10")]
    data = {"r.csv": police_csv("compact", emptied)}
    home.put_files("police_reports", OTHER, "2026-10", data, DAY)
    assert home.load().landed[0].hold_rule_code == "empty_column"
    holds = _send(home, [(COMPACT, "2026-10", OWN)])
    assert holds == {(OTHER, "2026-10"): "empty_column", (COMPACT, "2026-10"): None}


@pytest.mark.parametrize(
    ("numbers", "is_held"),
    [(range(106, 136), True), (range(126, 156), False), (range(128, 131), False)],
    ids=["most", "a_few_that_were_passed_on", "two_of_three"],
)
def test_a_few_shared_records_hold_nothing(home: Home, numbers: range, is_held: bool) -> None:
    """Prevents reports that one force passed to another from holding both."""
    sent = [*HISTORY, RIGHT, (OTHER, "2026-10", numbers)]
    assert (_send(home, sent)[OTHER, "2026-10"] == "overlapping_delivery") is is_held


def test_a_report_that_is_sent_again_in_a_later_month_holds_nothing(home: Home) -> None:
    """Prevents a force's own updates, or a cumulative file, from being held."""
    reports = _rows(range(100, 140))
    later = moved(_rows(range(140, 150)), "2026-10")
    for period, rows in (("2026-09", moved(reports, "2026-09")),
                         ("2026-10", [*moved(reports, "2026-09"), *later])):  # fmt: skip
        data = police_csv("compact", [{**row, "found_at": f"{period}-05T10:00"} for row in rows])
        home.put_files("police_reports", COMPACT, period, {"r.csv": data})
        home.load()
    assert [entry.hold_rule_code for entry in read_ledger(home.settings)] == [None, None]


def _extract(home: Home, authority: str, period: str, first: int) -> Delivery:
    persons = [person(number) for number in range(first, first + 30)]
    home.put_files("authority_extract", authority, period, extract_files(ssd_person=persons))
    return home.load().landed[-1]


def test_another_authoritys_extract_is_held(home: Home) -> None:
    """Prevents the children of one authority from being those of two."""
    _extract(home, "373", "2026-Q2", 0)
    _extract(home, "330", "2026-Q2", 500)
    assert not _extract(home, "373", "2026-Q3", 0).is_held
    held_suppliers = _extract(home, "330", "2026-Q3", 0)
    assert held_suppliers.hold_rule_code == "overlapping_delivery"


def test_an_authority_that_took_over_from_another_has_its_children(home: Home) -> None:
    """Prevents the children of an authority that was dissolved from holding its successor."""
    _extract(home, "928", "2021-Q1", 0)
    assert not _extract(home, "940", "2021-Q2", 0).is_held
