"""Which suppliers owe a delivery that is due: by their calendars, and by what they sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from register.feeds import read_ledger, select_used_deliveries
from register.feeds.dates import name_period, parse_period
from register.feeds.lateness import find_late_deliveries, match_expected_deliveries
from tests.feeds.deliveries import COMPACT, Home, extract_files, force_of, report

SUPPLIERS = (
    "supplier_code,supplier_name,feed,delivery_calendar,due_days,valid_from,valid_to,in_population\n"
    f"{COMPACT},Invented Police,police_reports,monthly,14,2015-01-01,,true\n"
    "373,Invented Council,authority_extract,quarterly,30,2014-04-01,,true\n"
    "373,Invented Council,authority_return,yearly,90,2014-04-01,,true\n"
    "374,Former Council,authority_extract,quarterly,30,2014-04-01,2020-03-31,true\n"
)


@pytest.mark.parametrize(
    ("today", "late"),
    [
        # September, the quarter to September and the year to March were sent or are not yet due.
        (date(2026, 10, 14), {("authority_return", "2026-03-31", None)}),
        (date(2026, 11, 14), {("authority_return", "2026-03-31", None)}),
        (
            date(2026, 11, 15),
            {
                ("authority_return", "2026-03-31", None),
                ("police_reports", "2026-10-31", "2026-09"),
            },
        ),
        (
            date(2027, 1, 31),
            {
                ("authority_extract", "2026-12-31", "2026-Q3"),
                ("authority_return", "2026-03-31", None),
                ("police_reports", "2026-12-31", "2026-09"),
            },
        ),
    ],
)
def test_what_is_due_and_has_not_come_is_late(
    home: Home, tmp_path: Path, today: date, late: set[tuple[str, str, str | None]]
) -> None:
    """Prevents a supplier that fell silent from being noticed only in the figures."""
    (tmp_path / "ref__suppliers.csv").write_text(SUPPLIERS, encoding="utf-8")
    home.put_reports([report(1)], period="2026-09")
    home.put_files("authority_extract", "373", "2026-Q3", extract_files())
    delivered = home.load().landed
    result = find_late_deliveries(tmp_path, delivered, today)
    assert {(item.feed, item.period_end.isoformat(), item.last_period) for item in result} == late
    assert {item.supplier_code for item in result} <= {COMPACT, "373"}


@pytest.mark.parametrize(
    ("feed", "period"),
    [
        ("police_reports", "2026-02"),
        ("authority_extract", "2026-11"),
        ("authority_extract", "2026-Q1"),
        ("authority_extract", "2026-Q4"),
        ("authority_return", "1999-00"),
        ("authority_return", "2025-26"),
        ("published_statistics", "2026"),
    ],
)
def test_a_period_is_named_as_suppliers_name_it(feed: str, period: str) -> None:
    """Prevents a period that is expected under a name that no supplier uses."""
    parsed = parse_period(feed, period)
    assert parsed is not None
    months = (parsed.end.year - parsed.start.year) * 12 + parsed.end.month - parsed.start.month + 1
    assert name_period(feed, parsed.end, months) == period


OTHER = force_of("niche")
OTHER_POLICE = f"{OTHER},Other Police,police_reports,monthly,14,2015-01-01,,true\n"


def _list_missing(home: Home, seeds: Path, today: date) -> set[str]:
    (seeds / "ref__suppliers.csv").write_text(SUPPLIERS + OTHER_POLICE, encoding="utf-8")
    entries = read_ledger(home.settings)
    used = select_used_deliveries(home.settings, entries)
    expected = match_expected_deliveries(seeds, entries, used, today)
    return {
        f"{feed}/{partition}"
        for feed, found in expected.items()
        for partition, entry in found.items()
        if entry is None
    }


def test_every_period_from_the_first_to_the_last_due_is_expected(
    home: Home, tmp_path: Path
) -> None:
    """Prevents a month without a delivery that no list shows, because a later month arrived."""
    home.put_reports([report(1)], period="2026-07")
    home.put_reports([report(2)], period="2026-09")
    home.load()
    assert _list_missing(home, tmp_path, date(2026, 11, 14)) == {
        f"police_reports/{COMPACT}/2026-08"
    }
    assert _list_missing(home, tmp_path, date(2026, 11, 15)) == {
        f"police_reports/{COMPACT}/2026-08",
        f"police_reports/{COMPACT}/2026-10",
    }


def test_a_quarter_delivered_as_its_last_month_is_not_missing(home: Home, tmp_path: Path) -> None:
    """Prevents an extract that seems missing because the authority sends one each month."""
    home.put_files("authority_extract", "373", "2026-03", extract_files())
    home.put_files("authority_extract", "373", "2026-09", extract_files())
    home.load()
    assert _list_missing(home, tmp_path, date(2026, 11, 15)) == {"authority_extract/373/2026-Q2"}


def test_a_rejected_delivery_leaves_its_period_missing(home: Home, tmp_path: Path) -> None:
    """Prevents a supplier whose every delivery is rejected from being expected nowhere."""
    home.put_reports([report(1)], period="2026-09")
    home.put_files("police_reports", OTHER, "2026-09", {"reports.csv": b"not a report"})
    home.load()
    missing = _list_missing(home, tmp_path, date(2026, 10, 15))
    assert missing == {f"police_reports/{OTHER}/2026-09"}
