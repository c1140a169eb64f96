"""Late deliveries: their due date has passed, and they have not arrived.

The calendar of due dates is in `ref__suppliers`. Earlier periods that a supplier never delivered
are measured as coverage in the dbt project.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from register.feeds.delivery import Delivery
from register.spreadsheet import read_rows

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
# The reporting years of the return and of the published statistics begin in April.
FIRST_MONTH = 4


@dataclass(frozen=True)
class LateDelivery:
    """An overdue delivery: its supplier, the last day of its period, and its due date.

    `last_period` is the latest period that the supplier delivered; None if there is none.
    """

    supplier_code: str
    supplier_name: str
    feed: str
    period_end: date
    due_on: date
    last_period: str | None


def find_late_deliveries(
    seeds: Path, accepted: Iterable[Delivery], today: date
) -> list[LateDelivery]:
    """Return deliveries that were due before `today` and have not arrived, by feed and supplier.

    A delivery of a later period counts as delivery of all earlier periods.
    """
    last: dict[tuple[str, str], Delivery] = {}
    for entry in accepted:
        key = (entry.feed, entry.supplier_code)
        if entry.period_end and (key not in last or _period_end(last[key]) < entry.period_end):
            last[key] = entry
    late = []
    for row in read_rows(seeds / "ref__suppliers.csv"):
        grace = timedelta(days=int(row["due_days"]))
        end = _find_last_period_end(MONTHS[row["delivery_calendar"]], today - grace)
        valid_from = date.fromisoformat(row["valid_from"] or "1900-01-01")
        valid_to = date.fromisoformat(row["valid_to"] or "9999-12-31")
        latest = last.get((row["feed"], row["supplier_code"]))
        if valid_from <= end <= valid_to and (latest is None or _period_end(latest) < end):
            late.append(
                LateDelivery(
                    supplier_code=row["supplier_code"],
                    supplier_name=row["supplier_name"],
                    feed=row["feed"],
                    period_end=end,
                    due_on=end + grace,
                    last_period=latest.period if latest else None,
                )
            )
    return sorted(late, key=lambda item: (item.feed, item.supplier_code))


def _period_end(entry: Delivery) -> date:
    assert entry.period_end is not None
    return entry.period_end


def _find_last_period_end(months: int, today: date) -> date:
    """Return the end of the latest period that ended before `today` and has this many months."""
    month = today.year * 12 + today.month - FIRST_MONTH
    current_start = month - month % months + FIRST_MONTH - 1
    return date(current_start // 12, current_start % 12 + 1, 1) - timedelta(days=1)
