"""The feeds and periods that a supplier may deliver, with the day on which each is due.

Which deliveries are late for the whole register belongs in `register.feeds.lateness`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from register.feeds.contract import load_contracts
from register.feeds.dates import name_period, parse_period
from register.feeds.delivery import Delivery
from register.feeds.lateness import MONTHS, find_last_period_end, read_validity
from register.feeds.seeds import is_known_supplier
from register.spreadsheet import read_rows

# How many periods of each feed a supplier can choose from.
LISTED_PERIODS = 24


@dataclass(frozen=True)
class DeliverablePeriod:
    """A period of a feed that has ended, and that a supplier delivered or may deliver.

    It is `is_due` if it is the last period that ended, or the last one that was due, and neither it
    nor a later one was delivered. It is `is_late` if its due date has passed.
    """

    supplier_code: str
    feed: str
    period: str
    due_on: date
    is_delivered: bool
    is_due: bool
    is_late: bool


def list_supplier_feeds(seeds: Path, supplier_code: str) -> tuple[str, ...]:
    """Return the feeds that a supplier delivers; empty if no supplier has this code."""
    rows = read_rows(seeds / "ref__suppliers.csv")
    return tuple(
        dict.fromkeys(row["feed"] for row in rows if row["supplier_code"] == supplier_code)
    )


def list_deliverable_periods(
    seeds: Path, ledger: Iterable[Delivery], supplier_code: str, today: date
) -> list[DeliverablePeriod]:
    """List the periods of a supplier's feeds: late ones, then those due, then the latest."""
    ends: dict[str, set[date]] = {}
    for entry in ledger:
        if entry.supplier_code == supplier_code and entry.is_accepted and entry.period_end:
            ends.setdefault(entry.feed, set()).add(entry.period_end)
    periods = [
        period
        for row in read_rows(seeds / "ref__suppliers.csv")
        if row["supplier_code"] == supplier_code
        for period in _list_row_periods(row, ends.get(row["feed"], set()), today)
    ]
    return sorted(periods, key=rank_period)


def rank_period(period: DeliverablePeriod) -> tuple[bool, bool]:
    """Return the key by which periods are sorted: late ones first, then others that are due."""
    return not period.is_late, not period.is_due


def find_period_fault(
    seeds: Path, feed: str, supplier_code: str, text: str, today: date
) -> str | None:
    """Return why a supplier may not deliver a period of a feed; None if it may."""
    if feed not in load_contracts():
        return f"There is no such feed. The feeds are {', '.join(load_contracts())}."
    period = parse_period(feed, text)
    if period is None:
        return "This is no period of the feed. Periods look like 2026-10, 2026-Q3 or 2025-26."
    if period.start > today:
        return "The period has not begun."
    if not is_known_supplier(seeds, feed, supplier_code, period.start, period.end):
        return "The supplier does not deliver this feed for this period."
    return None


def _list_row_periods(
    row: dict[str, str], delivered_ends: set[date], today: date
) -> list[DeliverablePeriod]:
    months, grace = MONTHS[row["delivery_calendar"]], timedelta(days=int(row["due_days"]))
    valid_from, valid_to = read_validity(row)
    last_delivered = max(delivered_ends, default=date.min)
    periods = []
    end = find_last_period_end(months, today)
    expected = {end, find_last_period_end(months, today - grace)}
    for _ in range(LISTED_PERIODS):
        if valid_from <= end <= valid_to:
            is_due = end in expected and last_delivered < end
            periods.append(
                DeliverablePeriod(
                    supplier_code=row["supplier_code"],
                    feed=row["feed"],
                    period=name_period(row["feed"], end, months),
                    due_on=end + grace,
                    is_delivered=end in delivered_ends,
                    is_due=is_due,
                    is_late=is_due and end + grace < today,
                )
            )
        end = find_last_period_end(months, end)
    return periods
