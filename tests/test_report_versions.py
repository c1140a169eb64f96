"""Records under one reference: corrections of one report, or several children and absences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pyarrow as pa
import pytest

from register.report_versions import (
    NUMBERED,
    REUSED,
    UNCLEAR,
    Record,
    SharedDetails,
    divide_records,
    group_repeated_records,
    is_placeholder,
    is_scientific,
    number_records,
)

START = datetime.fromisoformat("2026-03-04T20:15")
# Invented: the child of every record that says nothing else.
CHILD = {
    "person_number": "NOM1",
    "forenames": "Wilhelmina",
    "surname": "Testperson",
    "birth_date": date(2012, 3, 14),
}
OTHER_CHILD = {
    "person_number": "NOM2",
    "forenames": "Bartholomew",
    "surname": "Sampleman",
    "birth_date": date(2015, 11, 30),
}
NEXT_MONTH = {"period": 2}


def _row(number: int, changes: dict[str, Any]) -> dict[str, Any]:
    row = {
        "kind": "report",
        "issuer": "police_reports:E1",
        "supplier_code": "E1",
        "feed": "police_reports",
        "table_name": "reports",
        "column_name": "report_ref",
        "reference": "R1",
        **CHILD,
        "last_seen_at": START - timedelta(hours=3),
        "reported_at": START,
        "found_at": None,
        "returned_at": None,
        "_file": "r.csv",
        "_row_number": number,
        **changes,
    }
    month = int(row.pop("period", 1))
    row["period_start"], row["period_end"] = date(2026, month, 1), date(2026, month, 28)
    row["_delivery_id"] = row.get("_delivery_id", f"d{month}")
    return row


def _numbers(*records: dict[str, Any]) -> list[int]:
    """The report of each record; all of report 1 where they are versions of one."""
    rows = [_row(number, changes) for number, changes in enumerate(records)]
    result = number_records(pa.Table.from_pylist(rows)).to_pylist()
    by_place = {(row["_delivery_id"], row["_row_number"]): row["record_number"] for row in result}
    return [by_place.get((row["_delivery_id"], row["_row_number"]), 1) for row in rows]


def _rules(*records: dict[str, Any]) -> set[str]:
    rows = [_row(number, changes) for number, changes in enumerate(records)]
    return set(number_records(pa.Table.from_pylist(rows))["rule_code"].to_pylist())


END = {"returned_at": START + timedelta(hours=9), "found_at": START + timedelta(hours=8)}
CORRECTIONS: dict[str, dict[str, Any]] = {
    "nothing but the end": END,
    "surname spelt otherwise": {"surname": "Testpersson"},
    "another surname": {"surname": "Newname"},
    "forename spelt otherwise": {"forenames": "Vilhelmina"},
    "short forename": {"forenames": "W."},
    "forename and surname swapped": {"forenames": "Testperson", "surname": "Wilhelmina"},
    "a digit of the birth": {"birth_date": date(2011, 3, 14)},
    "another date of birth": {"birth_date": date(2009, 12, 27)},
    "another number": {"person_number": "NOM7"},
    "another forename of the same number": {"forenames": "Clementine"},
    "start by hours": {"last_seen_at": START - timedelta(hours=9), "reported_at": START},
    "start by a day": {
        "last_seen_at": START - timedelta(hours=27),
        "reported_at": START - timedelta(hours=24),
    },
    "start with day and month swapped": {
        "last_seen_at": None,
        "reported_at": datetime.fromisoformat("2026-04-03"),
    },
    "all of it": {
        "forenames": "Testpersn",
        "surname": "Wilhelmine",
        "birth_date": date(2012, 3, 15),
        "reported_at": START + timedelta(hours=26),
        "last_seen_at": START + timedelta(hours=20),
        **END,
    },
}


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_corrected_record_of_a_later_month_is_the_same_report(name: str) -> None:
    """Prevents a spelling or a time that is corrected from counting a child's absence twice."""
    assert _numbers({}, {**NEXT_MONTH, **CORRECTIONS[name]}) == [1, 1]


def test_day_and_month_of_a_birth_are_swapped_without_a_second_report() -> None:
    """Prevents a date of birth that was typed the other way round from making a second child."""
    before = {"birth_date": date(2012, 3, 4), "person_number": None}
    after = {"birth_date": date(2012, 4, 3), "person_number": None, **NEXT_MONTH}
    assert _numbers(before, after) == [1, 1]


@pytest.mark.parametrize("unknown", [None, "Unknown", "N/A", "-", "unknown female"])
def test_a_name_that_was_not_known_is_filled_in(unknown: str | None) -> None:
    """Prevents a child who was named later from being counted as two."""
    blank = {"forenames": unknown, "surname": unknown, "birth_date": None, "person_number": None}
    assert _numbers(blank, NEXT_MONTH) == [1, 1]


def test_two_children_of_one_occurrence_are_two_reports() -> None:
    """Prevents the second child of an occurrence from being nowhere in the register."""
    assert sorted(_numbers({}, OTHER_CHILD)) == [1, 2]
    assert _rules({}, OTHER_CHILD) == {REUSED}


@pytest.mark.parametrize(
    "sibling",
    [
        {"forenames": "Clementine", "birth_date": date(2014, 1, 5)},
        {"forenames": "Clementine"},
        {"forenames": "Wilhelmine"},
        {"person_number": "NOM2"},
        {"person_number": None, "forenames": "Clementine", "birth_date": None},
    ],
)
def test_siblings_of_one_occurrence_are_two_reports(sibling: dict[str, Any]) -> None:
    """Prevents twins and siblings, who share a surname or a birthday, from becoming one."""
    assert sorted(_numbers({}, sibling)) == [1, 2]


def test_two_children_who_are_sent_again_stay_two() -> None:
    """Prevents the next month's record of one child from becoming a version of the other's."""
    twin = {"forenames": "Wilhelmine", "person_number": None}
    child = {"person_number": None}
    first, second, again, other = _numbers(
        child, twin, {**twin, **NEXT_MONTH}, {**child, **NEXT_MONTH}
    )
    assert (first, second) == (other, again)
    assert first != second


def test_a_reference_used_again_is_another_report() -> None:
    """Prevents a reference that begins anew after years from hiding the first child."""
    later = {
        "reported_at": START.replace(year=2033),
        "last_seen_at": None,
        "period": 3,
    }
    assert _numbers({}, {**OTHER_CHILD, **later}) == [1, 2]
    assert _numbers({}, later) == [1, 2]
    assert _rules({}, {**OTHER_CHILD, **later}) == {REUSED} == _rules({}, later)


def test_what_may_be_a_correction_is_kept_and_asked_about() -> None:
    """Prevents a guess where only the supplier can tell another child from a corrected name."""
    other_name = {"forenames": "Clementine", "person_number": None, **NEXT_MONTH}
    other_week = {
        "last_seen_at": START + timedelta(days=9),
        "reported_at": START + timedelta(days=9),
        **NEXT_MONTH,
    }
    for unclear in (other_name, other_week):
        assert _numbers({}, unclear) == [1, 2]
        assert _rules({}, unclear) == {UNCLEAR}


def test_a_month_of_shortened_references_is_as_many_reports() -> None:
    """Prevents Excel's display of a number from leaving one child of forty."""
    names = [
        f"{first}{second}"
        for first in "bdfgklmn"
        for second in ("abel", "odwin", "ergus", "ikki", "umba")
    ]
    rows = [
        {
            "reference": "2.60001E+11",
            "person_number": None,
            "forenames": name,
            "birth_date": date(2008 + place % 8, 1 + place % 12, 1 + place % 28),
            "reported_at": START + timedelta(hours=place),
        }
        for place, name in enumerate(names)
    ]
    again = [{**row, **NEXT_MONTH} for row in rows]
    assert len(set(_numbers(*rows))) == len(rows) == 40
    numbers = _numbers(*rows, *again)
    assert numbers[:40] == numbers[40:]


def test_the_same_child_under_a_shortened_reference_has_two_absences() -> None:
    """Prevents two evenings of one child from being taken for a corrected time."""
    next_day = {"reported_at": START + timedelta(days=1), "last_seen_at": None, **NEXT_MONTH}
    shortened = {"reference": "2.60001E+11"}
    assert _numbers(shortened, {**shortened, **next_day}) == [1, 2]


def test_a_repeated_record_is_one_report() -> None:
    """Prevents a line that an export repeats from being counted twice."""
    assert _numbers({}, {}) == [1, 1]
    assert _numbers({"forenames": None, "birth_date": None}, END) == [1, 1]


def test_two_absences_of_one_day_are_two_reports() -> None:
    """Prevents a child who left twice on a day, by dates alone, from having left once."""
    day = {"reported_at": None, "last_seen_at": START.replace(hour=0, minute=0)}
    same, next_day = (
        {**day, "returned_at": day["last_seen_at"] + timedelta(days=days)} for days in (0, 1)
    )
    assert sorted(_numbers(same, next_day)) == [1, 2]
    assert _numbers(same, same) == [1, 1]


def test_the_order_of_rows_and_deliveries_does_not_matter() -> None:
    """Prevents another child's key after a file was sorted or a home was built again."""
    records = [
        {},
        OTHER_CHILD,
        {**OTHER_CHILD, **NEXT_MONTH, **END},
        {"reported_at": START.replace(year=2033), "last_seen_at": None, "period": 3},
    ]
    expected = _numbers(*records)
    for order in permutations(range(len(records))):
        result = _numbers(*(records[place] for place in order))
        assert [result[order.index(place)] for place in range(len(records))] == expected


NO_TIMES = dict.fromkeys(("last_seen_at", "reported_at", "found_at", "returned_at"))


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """With how many reports each record was compared."""
    counts: list[int] = []
    real = SharedDetails.find_sharing

    def counted(self: SharedDetails, details: Sequence[object]) -> set[int]:
        result = real(self, details)
        counts.append(len(result))
        return result

    monkeypatch.setattr(SharedDetails, "find_sharing", counted)
    return counts


@pytest.mark.parametrize("name", ["person_number", "birth_date", "reported_at"])
def test_of_thousands_of_records_under_one_reference_few_are_compared(
    name: str, compared: list[int]
) -> None:
    """Prevents a feed without references, or without times, from stopping a load for hours."""
    unknown = dict.fromkeys(CHILD) | NO_TIMES
    values: dict[str, Any] = {
        "person_number": lambda number: f"NOM{number}",
        "birth_date": lambda number: date(1990, 1, 1) + timedelta(days=number),
        "reported_at": lambda number: START + timedelta(minutes=number),
    }
    records = [
        Record.from_row(_row(number, unknown | {"reference": "N/A", name: values[name](number)}))
        for number in range(12_000)
    ]
    reports = group_repeated_records([*records, *records])
    assert 0 < sum(compared) <= 2 * len(records)
    assert len(reports) == 12_000
    assert {len(report) for report in reports} == {2}


def test_of_thousands_of_records_without_reference_few_are_compared_over_months(
    compared: list[int],
) -> None:
    """Prevents a feed that writes N/A for each reference from stopping every later load."""
    unknown = dict.fromkeys(CHILD) | NO_TIMES | {"reference": "N/A"}
    records = [
        Record.from_row(
            _row(number, unknown | {"person_number": f"NOM{number // 2}", "period": month})
        )
        for month in (1, 2)
        for number in range(6_000)
    ]
    reports = divide_records(records)
    assert 0 < sum(compared) <= 2 * len(records)
    assert {len(report) for report in reports} == {4}


def test_records_without_times_are_of_as_many_persons() -> None:
    """Prevents records that say little from joining reports that contradict each other."""
    first = _row(1, {**NO_TIMES, "forenames": None})
    second = _row(2, {**NO_TIMES, "person_number": None})
    third = _row(3, {**NO_TIMES, "person_number": None, "forenames": "Clementine"})
    fourth = _row(4, {**NO_TIMES, "person_number": "NOM1", "forenames": "Clementine"})
    result = group_repeated_records(map(Record.from_row, (first, second, third, fourth)))
    assert [[record.row["_row_number"] for record in report] for report in result] == [
        [1, 2],
        [3, 4],
    ]


def test_only_references_of_several_reports_are_numbered() -> None:
    """Prevents the key of a report from changing where nothing was ambiguous."""
    rows = [_row(1, {}), _row(2, {**NEXT_MONTH, **END}), _row(3, {"reference": "R2"})]
    result = number_records(pa.Table.from_pylist(rows))
    assert result.num_rows == 0
    assert result.schema == NUMBERED


@pytest.mark.parametrize(
    "text",
    [
        "N/A",
        "n/a",
        "-",
        "--",
        "Unknown",
        "NULL",
        "none",
        "0",
        "0000",
        "TBC",
        ".",
        "#N/A",
        "Not known",
        "?",
        "To follow",
        "not on system",
        "see log",
        "New",
        "999999",
    ],
)
def test_what_stands_for_no_number_is_known(text: str) -> None:
    """Prevents all persons without a number from becoming one person."""
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text", ["NOM0004567", "0004567", "7", "MP26000123", "E0", "A-1", "NA7", "4E11", "99", "ABC"]
)
def test_a_number_is_no_placeholder(text: str) -> None:
    """Prevents a short number of a person from being taken for none."""
    assert not is_placeholder(text)
    assert not is_scientific(text)


@pytest.mark.parametrize("text", ["2.60001E+11", "4.41E+11", "1E+12", "4,41e+11", "4.41E11"])
def test_a_shortened_number_is_known(text: str) -> None:
    """Prevents numbers that a spreadsheet made the same from being taken for one."""
    assert is_scientific(text)
