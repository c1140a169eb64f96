"""A file in the folder of another supplier counts children twice: it is held, and told so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from register.feeds import Delivery, decide_delivery, read_ledger
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
        home.put("police_reports", force, period, {"r.csv": data}, DAY + timedelta(days=day))
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


@pytest.mark.parametrize(
    "sent",
    [[*HISTORY, RIGHT, WRONG], [*HISTORY, WRONG, RIGHT], [WRONG, RIGHT, *HISTORY]],
    ids=["right_first", "wrong_first", "history_last"],
)
def test_a_file_in_another_forces_folder_is_held_there_alone(home: Home, sent: list[Sent]) -> None:
    """Prevents children from counting twice; and the right file from being held for the wrong."""
    holds = _send(home, sent)
    assert {key for key, rule in holds.items() if rule} == {(OTHER, "2026-10")}
    assert holds[OTHER, "2026-10"] == "overlapping_delivery"


def test_without_a_history_both_wait_for_a_person(home: Home) -> None:
    """Prevents chance from deciding which of two forces a file belongs to."""
    holds = _send(home, [RIGHT, WRONG])
    assert set(holds.values()) == {"overlapping_delivery"}
    wrong = next(e for e in read_ledger(home.settings) if e.supplier_code == OTHER)
    told = {rule for entry in read_ledger(home.settings) for rule in home.rules(entry)}
    assert ("overlapping_delivery", "", "", "") in told
    decide_delivery(home.settings, wrong.delivery_id, "refuse", "A. Person", "of the other force")
    right = next(e for e in read_ledger(home.settings) if e.supplier_code == COMPACT)
    assert not right.is_held


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
        home.put("police_reports", COMPACT, period, {"r.csv": data})
        home.load()
    assert [entry.hold_rule_code for entry in read_ledger(home.settings)] == [None, None]


def _extract(home: Home, authority: str, period: str, first: int) -> Delivery:
    persons = [person(number) for number in range(first, first + 30)]
    home.put("authority_extract", authority, period, extract_files(ssd_person=persons))
    return home.load().landed[-1]


def test_another_authoritys_extract_is_held(home: Home) -> None:
    """Prevents the children of one authority from being those of two."""
    _extract(home, "373", "2026-Q2", 0)
    _extract(home, "330", "2026-Q2", 500)
    assert not _extract(home, "373", "2026-Q3", 0).is_held
    held = _extract(home, "330", "2026-Q3", 0)
    assert held.hold_rule_code == "overlapping_delivery"


def test_an_authority_that_took_over_from_another_has_its_children(home: Home) -> None:
    """Prevents the children of an authority that was dissolved from holding its successor."""
    _extract(home, "928", "2021-Q1", 0)
    assert not _extract(home, "940", "2021-Q2", 0).is_held
