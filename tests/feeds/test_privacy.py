"""No name, date of birth, postcode or reference leaves landing's data files."""

from __future__ import annotations

import csv
import logging
from pathlib import Path

import pytest

from register.feeds import decide_delivery, fill_outbox
from register.feeds.layout import load_layouts
from tests.feeds.deliveries import (
    COMPACT,
    QUARTER,
    YEAR,
    Home,
    as_csv,
    extract_files,
    police_csv,
    police_rows,
    report,
    table_csv,
)

PLANTED = (
    "Plantedforename",
    "Plantedsurname",
    "QX9 9QX",
    "QX99QX",
    "PLANTEDREF",
    "17/08/2013",
    "2013-08-17",
    "Plantedcode",
    "99/99/2013",
)
CHILD = {
    "forenames": PLANTED[0],
    "surname": PLANTED[1],
    "home_postcode": PLANTED[2],
    "person_ref": PLANTED[4],
    "dob": PLANTED[6],
    "sex": PLANTED[7],
    "last_seen_at": PLANTED[8],
}


def _put_all(home: Home) -> None:
    reports = [report(n, **CHILD, report_ref=f"{PLANTED[4]}{n}") for n in range(1, 5)]
    rows = police_rows(load_layouts()["compact"], reports)
    rows[2][4] = "a" * 10
    damaged = as_csv(rows, load_layouts()["compact"]).replace(b"aaaaaaaaaa", b'"Plantedsurname')
    home.put_reports(damaged, period="2026-10")
    # Without a heading line the first child is in its place.
    headless = police_csv("compact", reports).split(b"\r\n", 1)[1]
    home.put_reports(headless, period="2026-09")
    swapped = [[*row[:4], row[6], row[5], row[4], *row[7:]] for row in rows[1:]]
    home.put_reports(as_csv([rows[0], *swapped], load_layouts()["compact"]), period="2026-08")
    home.put_files(
        "police_reports", COMPACT, "2026-07", {"r.csv": damaged.decode().encode("utf-16")}
    )
    persons = [{"pers_person_id": "PLANTEDREF1", "pers_sex": PLANTED[7], "pers_dob": PLANTED[8]}]
    home.put_files("authority_extract", "301", QUARTER, extract_files(ssd_person=persons))
    # The heading and the first child are one line, and the other tables land all the same.
    joined = extract_files(ssd_person=[{**persons[0], "pers_surname": PLANTED[1]}, *persons])
    joined["ssd_person.csv"] = joined["ssd_person.csv"].replace(b"\r\n", b",", 1)
    home.put_files("authority_extract", "302", QUARTER, joined)
    missing = [{"child": "PLANTEDREF1", "missing": PLANTED[7], "mis_start": PLANTED[8]}, {}]
    modules = {
        "header": [{"child": "PLANTEDREF1", "dob": PLANTED[5]}],
        "episodes": [{"child": "PLANTEDREF1", "decom": PLANTED[8], "home_post": PLANTED[2]}],
        "missing": missing,
    }
    files = {f"{n}.csv": table_csv("authority_return", n, rows) for n, rows in modules.items()}
    home.put_files("authority_return", "301", YEAR, files)
    home.put_files("authority_return", "302", YEAR, {"a.xml": b"<A><CHILD>PLANTEDREF1</A>"})


def _leaks(text: str) -> set[str]:
    return {value for value in PLANTED if value.casefold() in text.casefold()}


def test_no_planted_value_is_in_a_log_a_feedback_file_or_the_ledger(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Prevents a child's name from travelling in the papers about a delivery."""
    caplog.set_level(logging.DEBUG)
    _put_all(home)
    summary = home.load()
    outcomes = {entry.outcome for entry in summary.landed}
    assert outcomes == {"accepted", "accepted_with_quarantine", "rejected"}
    assert len(caplog.records) >= len(summary.landed)
    assert _leaks(caplog.text) == set()
    for entry in summary.landed:
        folder = home.folder(entry)
        assert _leaks((folder / "delivery.json").read_text(encoding="utf-8")) == set()
        assert _leaks((folder / "feedback.csv").read_text(encoding="utf-8")) == set()
    assert _leaks(repr(summary)) == set()


def test_an_outbox_has_the_ids_of_records_and_no_other_value(home: Home) -> None:
    """Prevents what is sent to a supplier from repeating more of its records than their ids."""
    _put_all(home)
    statuses = {item.delivery_id: "current" for item in home.load().landed}
    assert sum(fill_outbox(home.settings, "g1", [], statuses).values()) > 10
    texts = [path.read_text(encoding="utf-8") for path in home.settings.outbox.glob("*/g1.csv")]
    assert set().union(*map(_leaks, texts)) == {PLANTED[4]}


def test_planted_values_are_in_the_data_that_was_landed(home: Home) -> None:
    """Prevents the test above from passing because nothing was planted."""
    _put_all(home)
    summary = home.load()
    (accepted,) = (
        e for e in summary.landed if e.feed == "police_reports" and e.period == "2026-10"
    )
    assert _leaks(repr(home.rows(accepted, "reports"))) >= {PLANTED[0], PLANTED[2], PLANTED[6]}
    assert _leaks(repr(home.rows(accepted, "quarantine"))) >= {PLANTED[0]}


def test_the_cache_of_fingerprints_holds_no_content(home: Home) -> None:
    """Prevents names from being kept where they are not looked for."""
    _put_all(home)
    home.load()
    caches = list(Path(home.settings.landing / ".cache").iterdir())
    assert caches
    assert all(_leaks(path.read_text(encoding="utf-8")) == set() for path in caches)


def test_a_reason_that_starts_a_formula_is_quoted_among_decisions(home: Home) -> None:
    """Prevents a reviewer's reason from being run by whoever opens the decisions."""
    home.put_reports([report(n, dob="unknown yet") for n in range(1, 7)])
    delivery = home.land_one()
    assert delivery.is_held
    decide_delivery(home.settings, delivery.delivery_id, "confirm", "Ann", "=HYPERLINK(1)")
    path = home.settings.decisions / "deliveries.csv"
    with path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["reason"] == "'=HYPERLINK(1)"
