"""Numbers of persons and references within a delivery: what is none, and whom it would join."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from register.feeds import Delivery
from register.feeds.layout import load_layouts
from register.feeds.numbers import SUSPECT
from register.report_versions import PLACEHOLDERS, is_placeholder, is_scientific
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    MONTH,
    QUARTER,
    YEAR,
    Home,
    extract_files,
    person,
    police_csv,
    report,
    table_csv,
)

SHORT = "4.41E+11"
SURNAMES = ("Quartz", "Umbra", "Vellum", "Wicker", "Xylo", "Zephyr")
FORENAMES = ("Wilhelmina", "Bartholomew", "Clementine", "Ignatius", "Rosalind", "Thaddeus")


def _children(count: int, **changes: str) -> list[dict[str, str]]:
    """Reports of as many different children."""
    return [
        report(
            number,
            forenames=FORENAMES[number % 6] + "abcdefghijklmnop"[number % 16] * (number // 6),
            surname=SURNAMES[(number * 5) % 6],
            dob=f"{2008 + number % 7}-0{1 + number % 9}-{10 + number % 18}",
            **changes,
        )
        for number in range(count)
    ]


def _person_refs(home: Home, delivery: Delivery) -> list[str | None]:
    return [row["person_ref"] for row in home.rows(delivery, "reports")]


@pytest.mark.parametrize("none", ["N/A", "-", "Unknown", "NULL", "none", "0", "TBC", ".", "n/k"])
def test_a_word_in_place_of_a_number_is_no_number(home: Home, none: str) -> None:
    """Prevents all children without a number from becoming one child."""
    home.put_reports([report(1, person_ref=none), report(2, person_ref=none), report(3)])
    delivery = home.land_one()
    assert _person_refs(home, delivery) == [None, None, "NOM3"]
    assert not delivery.is_held
    # What the layout names as empty is no fault of the cell.
    feedback = [] if none in load_layouts()["compact"].null_texts else ["2", "3"]
    result = [(rule, line) for rule, _, line, _ in home.rules(delivery)]
    assert result == [("placeholder_number", line) for line in feedback]


@given(st.one_of(st.sampled_from(sorted(PLACEHOLDERS)), st.text("0189Ee+-., xNA", min_size=1)))
@example("999999")
@example("9-9-9-9-9-9")
@example("4,41e+11")
@example("4.41e11")
@example("to follow")
def test_every_text_that_is_no_number_is_a_suspect(text: str) -> None:
    """Prevents a placeholder from joining children because the first search leaves it out."""
    is_suspect = pc.match_substring_regex(pa.scalar(text), SUSPECT).as_py()
    assert is_suspect or not (is_placeholder(text) or is_scientific(text))


def test_a_file_of_shortened_person_numbers_is_held(home: Home) -> None:
    """Prevents forty children from becoming one because a spreadsheet shortened their numbers."""
    home.put_reports(_children(40, person_ref=SHORT))
    delivery = home.land_one()
    assert (delivery.is_held, delivery.hold_rule_code) == (True, "unusable_numbers")
    assert _person_refs(home, delivery) == [None] * 40
    rules = [rule for rule, _, line, column in home.rules(delivery) if line and column]
    assert rules == ["scientific_number"] * 40
    assert SHORT not in str(home.feedback(delivery))


def test_a_month_of_shortened_references_is_held_and_kept(home: Home) -> None:
    """Prevents a month of forty reports from landing as one without a word."""
    home.put_reports([{**row, "report_ref": "2.60001E+11"} for row in _children(40)])
    delivery = home.land_one()
    assert delivery.hold_rule_code == "unusable_numbers"
    assert delivery.landed_row_count == 40
    assert "scientific_number" in {rule for rule, *_ in home.rules(delivery)}


def test_one_shortened_number_is_flagged_and_not_used(home: Home) -> None:
    """Prevents one cell from holding back a month, and from being taken for a person."""
    home.put_reports([*_children(40), report(99, person_ref=SHORT)])
    delivery = home.land_one()
    assert not delivery.is_held
    assert _person_refs(home, delivery)[-1] is None
    ((rule, _, line, column),) = home.rules(delivery)
    assert (rule, line) == ("scientific_number", "42")
    assert column


def test_a_number_of_clearly_different_persons_is_not_used(home: Home) -> None:
    """Prevents two children under one mistyped number from becoming one child."""
    rows = _children(40)
    rows[1]["person_ref"] = rows[0]["person_ref"]
    home.put_reports(rows)
    delivery = home.land_one()
    assert not delivery.is_held
    assert _person_refs(home, delivery)[:3] == [None, None, "NOM2"]
    assert [(rule, line) for rule, _, line, _ in home.rules(delivery)] == [
        ("conflicting_number", "2"),
        ("conflicting_number", "3"),
    ]


def test_a_number_of_twins_in_one_occurrence_is_not_used(home: Home) -> None:
    """Prevents twins from becoming one child where a force numbers families."""
    home.put_reports([report(1), report(1, forenames="Clementine"), report(2)])
    delivery = home.land_one()
    assert _person_refs(home, delivery) == [None, None, "NOM2"]
    rules = {(rule, line) for rule, _, line, _ in home.rules(delivery)}
    assert ("conflicting_number", "2") in rules
    assert ("reused_reference", "3") in rules


def _put_files(home: Home, *files: list[dict[str, str]]) -> None:
    coded = [[{"sex": "F", "category": "Missing", **row} for row in rows] for rows in files]
    named = {f"part_{n}.csv": police_csv("compact", rows) for n, rows in enumerate(coded)}
    home.put_files("police_reports", COMPACT, MONTH, named)


def test_a_number_of_different_persons_in_two_files_is_not_used(home: Home) -> None:
    """Prevents two children from becoming one because a delivery came in two files."""
    rows = _children(8)
    rows[5]["person_ref"] = rows[1]["person_ref"]
    _put_files(home, rows[:4], rows[4:])
    delivery = home.land_one()
    result = _person_refs(home, delivery)
    assert result == ["NOM0", None, "NOM2", "NOM3", "NOM4", None, "NOM6", "NOM7"]
    assert home.rules(delivery) == [
        ("conflicting_number", "part_0.csv", "3", "Nominal Ref"),
        ("conflicting_number", "part_1.csv", "3", "Nominal Ref"),
    ]


def test_a_reference_in_two_files_is_told(home: Home) -> None:
    """Prevents a force from hearing nothing of a reference that it gave to two children."""
    rows = _children(6)
    rows[4]["report_ref"] = rows[1]["report_ref"]
    _put_files(home, rows[:3], [*rows[3:], dict(rows[0])])
    delivery = home.land_one()
    assert delivery.landed_row_count == 7
    assert home.rules(delivery) == [
        ("repeated_record", "part_0.csv", "2", "Case Ref"),
        ("reused_reference", "part_0.csv", "3", "Case Ref"),
        ("reused_reference", "part_1.csv", "3", "Case Ref"),
        ("repeated_record", "part_1.csv", "5", "Case Ref"),
    ]


def test_a_default_number_of_all_holds_the_delivery(home: Home) -> None:
    """Prevents a file in which every child has the same number from being accepted."""
    home.put_reports(_children(12, person_ref="NOM9"))
    assert home.land_one().hold_rule_code == "unusable_numbers"


@pytest.mark.parametrize(
    "other",
    [
        {"surname": "Testpersson"},
        {"surname": "Newname"},
        {"forenames": "Testperson", "surname": "Wilhelmina"},
        {"dob": "2012-04-03"},
        {"dob": "2009-12-27"},
        {"forenames": "Clementine"},
        {"forenames": "", "surname": "", "dob": ""},
    ],
)
def test_a_number_of_one_person_written_otherwise_is_used(
    home: Home, other: dict[str, str]
) -> None:
    """Prevents a spelling or a date that differs from taking a child's number away."""
    home.put_reports([report(1), report(2, person_ref="NOM1", **other)])
    delivery = home.land_one()
    assert _person_refs(home, delivery) == ["NOM1", "NOM1"]
    assert "conflicting_number" not in {rule for rule, *_ in home.rules(delivery)}


def test_two_children_under_one_reference_are_told(home: Home) -> None:
    """Prevents a force from learning only by a missing child that a reference was given twice."""
    rows = _children(3)
    rows[1]["report_ref"] = rows[0]["report_ref"]
    home.put_reports([*rows, dict(rows[2])])
    delivery = home.land_one()
    assert [(rule, line) for rule, _, line, _ in home.rules(delivery)] == [
        ("reused_reference", "2"),
        ("reused_reference", "3"),
        ("repeated_record", "4"),
        ("repeated_record", "5"),
    ]


def test_persons_of_an_extract_need_a_number(home: Home) -> None:
    """Prevents the children of an authority from becoming one child under a shortened number."""
    people = [person(n, pers_forename=FORENAMES[n]) for n in range(6)]
    people += [
        person(n, pers_person_id=SHORT, pers_forename=FORENAMES[n - 6]) for n in range(6, 12)
    ]
    absences = [{"miss_table_id": f"A{n}", "miss_person_id": SHORT} for n in range(4)]
    absences += [{"miss_table_id": f"B{n}", "miss_person_id": "P1"} for n in range(4)]
    files = extract_files(ssd_person=people, ssd_missing=absences)
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    delivery = home.land_one()
    assert delivery.hold_rule_code == "unusable_numbers"
    assert delivery.quarantined_row_count == 10
    assert {row["pers_person_id"] for row in home.rows(delivery, "ssd_person")} == {
        f"P{n}" for n in range(6)
    }


def test_an_id_of_two_children_names_neither(home: Home) -> None:
    """Prevents two children of an authority from becoming one under one id."""
    people = [
        person(n, pers_forename=FORENAMES[n % 6], pers_surname=f"Name{'abcdefgh'[n % 8] * 5}")
        for n in range(40)
    ]
    people[2]["pers_person_id"] = "P1"
    people[2]["pers_dob"] = "27/11/2011"
    # Another spelling, and another forename with the same date of birth, are one child's.
    people[4] = {**people[3], "pers_forename": "Ottoline"}
    home.put_files("authority_extract", AUTHORITY, QUARTER, extract_files(ssd_person=people))
    delivery = home.land_one()
    assert not delivery.is_held
    assert delivery.quarantined_row_count == 2
    assert {rule for rule, *_ in home.rules(delivery)} == {"conflicting_number", "repeated_record"}


def test_identifiers_of_health_and_school_are_not_shared_by_default(home: Home) -> None:
    """Prevents children from being linked by an NHS number that a spreadsheet shortened."""
    people = [
        person(n, pers_common_child_id=SHORT if n == 3 else f"94347651{n}9") for n in range(9)
    ]
    links = [
        {"link_person_id": "P1", "link_identifier_type": "NHS Number", "link_identifier_value": no}
        for no in ("N/A", SHORT, "9434765919")
    ]
    files = extract_files(ssd_person=people, ssd_linked_identifiers=links)
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    delivery = home.land_one()
    assert home.rows(delivery, "ssd_person")[3]["pers_common_child_id"] is None
    values = [row["link_identifier_value"] for row in home.rows(delivery, "ssd_linked_identifiers")]
    assert values == [None, None, "9434765919"]


def test_a_child_twice_in_a_return_is_told(home: Home) -> None:
    """Prevents a child whose header comes twice from being read without a word."""
    header = [
        {"child": child, "sex": "1", "dob": f"0{day}/03/2012", "ethnic": "WBRI", "upn": "UN1"}
        for day, child in enumerate(("1001", "1002", "1001"), start=1)
    ]
    episodes = [{"child": "1001", "decom": "01/04/2025"}]
    missing = [
        {"child": "1001", "dob": "01/03/2012", "missing": "M", "mis_start": start}
        for start in ("01/06/2025", "02/06/2025", "01/06/2025")
    ]
    files = {
        f"{name}.csv": table_csv("authority_return", name, rows)
        for name, rows in (("header", header), ("episodes", episodes), ("missing", missing))
    }
    home.put_files("authority_return", AUTHORITY, YEAR, files)
    delivery = home.land_one()
    feedback = [
        (file, line) for rule, file, line, _ in home.rules(delivery) if rule == "repeated_record"
    ]
    assert feedback == [
        ("header.csv", "2"),
        ("header.csv", "4"),
        ("missing.csv", "2"),
        ("missing.csv", "4"),
    ]
