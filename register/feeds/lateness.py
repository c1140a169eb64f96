"""Lateness: which suppliers owe a delivery that is due and has not come.

By the calendar that people maintain in `ref__suppliers`. How complete a period is belongs to the
dbt project.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from register.feeds.delivery import Delivery

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
# Years of the return, and of what is published of it, begin in April; so do quarters of four.
FIRST_MONTH = 4


@dataclass(frozen=True)
class Late:
    """A supplier's delivery of a feed that is due: the last day of its period, and since when.

    `last_period` is the latest that it has delivered; None where it never has.
    """

    supplier_code: str
    supplier_name: str
    feed: str
    period_end: date
    due_on: date
    last_period: str | None


def late_deliveries(seeds: Path, delivered: Iterable[Delivery], today: date) -> list[Late]:
    """The deliveries that are due by `today`, by feed and supplier; `delivered` are accepted ones.

    A later period stands for an earlier one: whether one between is missing is coverage.
    """
    last: dict[tuple[str, str], Delivery] = {}
    for entry in delivered:
        key = (entry.feed, entry.supplier_code)
        if entry.period_end and (key not in last or _end(last[key]) < entry.period_end):
            last[key] = entry
    late = []
    with (seeds / "ref__suppliers.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            grace = timedelta(days=int(row["due_days"]))
            end = _last_period_end(MONTHS[row["delivery_calendar"]], today - grace)
            began = date.fromisoformat(row["valid_from"] or "1900-01-01")
            ended = date.fromisoformat(row["valid_to"] or "9999-12-31")
            found = last.get((row["feed"], row["supplier_code"]))
            is_owed = began <= end <= ended
            if is_owed and (found is None or _end(found) < end):
                late.append(
                    Late(
                        supplier_code=row["supplier_code"],
                        supplier_name=row["supplier_name"],
                        feed=row["feed"],
                        period_end=end,
                        due_on=end + grace,
                        last_period=found.period if found else None,
                    )
                )
    return sorted(late, key=lambda item: (item.feed, item.supplier_code))


def _end(entry: Delivery) -> date:
    assert entry.period_end is not None
    return entry.period_end


def _last_period_end(months: int, today: date) -> date:
    """The last day of the latest period of so many months that ended before `today`."""
    month = today.year * 12 + today.month - FIRST_MONTH
    begun = month - month % months + FIRST_MONTH
    return date((begun - 1) // 12, (begun - 1) % 12 + 1, 1) - timedelta(days=1)
