"""Rows of totals in tables that require only one column, and children who look like one."""

from __future__ import annotations

import pytest

from register.feeds.layout import load_layouts
from tests.feeds.deliveries import (
    AUTHORITY,
    MONTH,
    QUARTER,
    YEAR,
    Home,
    as_csv,
    extract_files,
    force_of,
    person,
    police_rows,
    report,
    table_csv,
)

# In this table a reference alone makes a record.
TABLE, REFERENCE = "ssd_person", "pers_person_id"
TOTAL = {"pers_person_id": "Total", "pers_sex": "3"}


def _land_persons(home: Home, rows: list[dict[str, str]]) -> tuple[list[str], list[tuple]]:
    """Return the references of the children that land, and rule, line and column of findings."""
    files = extract_files(ssd_person=rows)
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    delivery = home.land_one()
    landed = [row[REFERENCE] for row in home.rows(delivery, TABLE)]
    found = [(rule, line, column) for rule, file, line, column in home.rules(delivery)
             if file == f"{TABLE}.csv"]  # fmt: skip
    assert delivery.received_row_count == delivery.landed_row_count + delivery.quarantined_row_count
    assert delivery.quarantined_row_count == len(rows) - len(landed)
    return landed, found


@pytest.mark.parametrize(
    "total",
    [
        TOTAL,
        {
            "pers_person_id": "TOTALS",
            "pers_surname": "3",
            "pers_forename": "1,203",
            "pers_sex": "3",
        },
        {"pers_person_id": "Subtotal:", "pers_dob": "3"},
        {"pers_person_id": "Count", "pers_sex": "60%"},
        {"pers_person_id": "Number of records: 3"},
    ],
)
def test_a_row_of_totals_as_wide_as_its_table_is_no_child(
    home: Home, total: dict[str, str]
) -> None:
    """Prevents a row of totals from landing as a child with the reference Total."""
    landed, found = _land_persons(home, [*(person(n) for n in (1, 2, 3)), total])
    assert landed == ["P1", "P2", "P3"]
    assert found == [("total_row", "5", REFERENCE)]


@pytest.mark.parametrize(
    "child",
    [
        person(4, pers_person_id="Total"),
        {"pers_person_id": "Total", "pers_dob": "01/02/2011"},
        {"pers_person_id": "Total", "pers_sex": "F"},
        {"pers_person_id": "Totally", "pers_sex": "3"},
        {"pers_person_id": "P4", "pers_surname": "Total", "pers_sex": "3"},
    ],
    ids=["all", "birth", "sex", "other_word", "surname"],
)
def test_a_child_who_looks_like_a_total_lands(home: Home, child: dict[str, str]) -> None:
    """Prevents a child from being lost because a word of their record is that of a total."""
    landed, found = _land_persons(home, [*(person(n) for n in (1, 2, 3)), child])
    assert landed == ["P1", "P2", "P3", child[REFERENCE]]
    assert "total_row" not in {rule for rule, *_ in found}


@pytest.mark.parametrize(("others", "lands"), [(["Alpha", "Beta"], True), (["A1", "B2"], False)])
def test_a_total_among_references_of_its_form_is_a_child(
    home: Home, others: list[str], lands: bool
) -> None:
    """Prevents words as references from being taken for totals, and the other way round."""
    rows = [person(n, pers_person_id=other) for n, other in enumerate(others)]
    landed, _ = _land_persons(home, [*rows, TOTAL])
    assert landed == [*others, *(["Total"] if lands else [])]


def test_several_totals_do_not_vouch_for_each_other(home: Home) -> None:
    """Prevents a subtotal from landing because the total below it has the same form."""
    landed, found = _land_persons(home, [person(1), TOTAL, person(2), TOTAL, TOTAL])
    assert landed == ["P1", "P2"]
    assert [line for rule, line, _ in found if rule == "total_row"] == ["3", "5", "6"]


def test_a_total_below_the_header_of_a_return_is_no_child(home: Home) -> None:
    """Prevents a return from having one child too many."""
    rows = [{"child": f"10{n}", "sex": "1", "dob": "03/04/2012"} for n in range(3)]
    modules = {
        "header": [*rows, {"child": "Total", "sex": "3"}],
        "episodes": [{"child": "100", "decom": "01/05/2025", "rne": "S"}],
        "missing": [{"child": "100", "missing": "M", "mis_start": "01/06/2025"}],
    }
    files = {f"{n}.csv": table_csv("authority_return", n, m) for n, m in modules.items()}
    home.put_files("authority_return", AUTHORITY, YEAR, files)
    delivery = home.land_one()
    assert [row["child"] for row in home.rows(delivery, "header")] == ["100", "101", "102"]
    assert ("total_row", "header.csv", "5", "child") in home.rules(delivery)


def test_a_date_of_digits_makes_a_record(home: Home) -> None:
    """Prevents a record from being lost because its layout writes dates as numbers."""
    layout = load_layouts()["connect"]
    total = {"report_ref": "Total", "reported_at": "2026-10-02"}
    rows = police_rows(layout, [report(1), report(2), total])
    assert "20261002" in rows[-1]
    home.put_files("police_reports", force_of("connect"), MONTH, {"a.csv": as_csv(rows, layout)})
    delivery = home.land_one()
    assert [row["report_ref"] for row in home.rows(delivery, "reports")][2:] == ["Total"]
