"""How late a feed may be, from the suppliers' calendars: the seed that people maintain decides.

Whether one supplier is late is measured from the ledger; here a whole feed falls silent.
"""

from __future__ import annotations

import csv
from datetime import timedelta

import dagster as dg

from register.settings import Settings

# The longest quiet time between two deliveries of one supplier who is on time.
CALENDAR_DAYS = {"monthly": 31, "quarterly": 92, "yearly": 366}
GRACE_DAYS = 7


def freshness_policies(settings: Settings) -> dict[str, dg.FreshnessPolicy]:
    """One policy a feed: warn when the calendar and its due days have passed, fail a week later."""
    longest: dict[str, int] = {}
    with (settings.seeds / "ref__suppliers.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            days = CALENDAR_DAYS[row["delivery_calendar"]] + int(row["due_days"])
            longest[row["feed"]] = max(days, longest.get(row["feed"], 0))
    return {
        feed: dg.FreshnessPolicy.time_window(
            fail_window=timedelta(days=days + GRACE_DAYS), warn_window=timedelta(days=days)
        )
        for feed, days in sorted(longest.items())
    }
