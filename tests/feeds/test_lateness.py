"""Which suppliers owe a delivery that is due: by their calendars, and by what they sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from register.feeds.lateness import find_late_deliveries
from tests.feeds.deliveries import COMPACT, Home, extract_files, report

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
