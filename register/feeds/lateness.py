"""Expected deliveries: the last one due of each supplier, and every one with its period.

The calendar of due dates is in `ref__suppliers`. How much of its period a delivery covers is
measured in the dbt project.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from register.feeds.dates import name_period
from register.feeds.delivery import Delivery
from register.spreadsheet import read_rows

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
# The reporting years of the return and of the published statistics begin in April.
FIRST_MONTH = 4


@dataclass(frozen=True)
class MissingPeriod:
    """A period that a supplier should have delivered and has not, with its due date."""

    supplier_code: str
    feed: str
    period: str
    due_on: date


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
        end = find_last_period_end(MONTHS[row["delivery_calendar"]], today - grace)
        valid_from, valid_to = read_validity(row)
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


def match_expected_deliveries(
    seeds: Path, ledger: Iterable[Delivery], used: Iterable[Delivery], today: date
) -> dict[str, dict[str, Delivery | None]]:
    """Return, for each feed, the delivery of each `<supplier>/<period>`; None if it is missing.

    A feed's deliveries are expected from the first period in `used`, which are the deliveries that
    the register uses, to the last period that was due before `today`. They are expected of each
    supplier with a delivery in `ledger`, even a rejected one. If a supplier delivered a period more
    than once, the delivery is the last one.
    """
    deliveries: dict[str, dict[str, Delivery | None]] = defaultdict(dict)
    first_ends: dict[str, date] = {}
    delivered = set()
    dated = [entry for entry in used if entry.period_end is not None]
    for entry in sorted(dated, key=lambda entry: entry.received_at):
        end = _period_end(entry)
        deliveries[entry.feed][f"{entry.supplier_code}/{entry.period}"] = entry
        first_ends[entry.feed] = min(end, first_ends.get(entry.feed, end))
        delivered.add((entry.feed, entry.supplier_code, end))
    senders = {(entry.feed, entry.supplier_code) for entry in ledger}
    for row in read_rows(seeds / "ref__suppliers.csv"):
        feed, supplier = row["feed"], row["supplier_code"]
        if (feed, supplier) not in senders or feed not in first_ends:
            continue
        for end in _list_due_period_ends(row, first_ends[feed], today):
            # Suppliers may deliver a quarter under the name of its last month.
            if (feed, supplier, end) not in delivered:
                period = name_period(feed, end, MONTHS[row["delivery_calendar"]])
                deliveries[feed][f"{supplier}/{period}"] = None
    return dict(deliveries)


def find_missing_periods(
    seeds: Path,
    last_ends: Mapping[tuple[str, str], date],
    first_ends: Mapping[tuple[str, str], date],
    today: date,
) -> list[MissingPeriod]:
    """Return the periods that were due before `today` and have not arrived, the oldest first.

    Both mappings are by feed and supplier. `last_ends` has the end of the last period that arrived;
    all periods before it count as delivered. `first_ends` has the end of the first period that the
    supplier tried to deliver. Nothing is expected of a supplier that never tried, nor of one whose
    calendar ended before the last period that is due by now.
    """
    missing = []
    for row in read_rows(seeds / "ref__suppliers.csv"):
        key = (row["feed"], row["supplier_code"])
        months, grace = MONTHS[row["delivery_calendar"]], timedelta(days=int(row["due_days"]))
        last_due = find_last_period_end(months, today - grace)
        if key not in first_ends or last_due > read_validity(row)[1]:
            continue
        missing += [
            MissingPeriod(
                supplier_code=row["supplier_code"],
                feed=row["feed"],
                period=name_period(row["feed"], end, months),
                due_on=end + grace,
            )
            for end in _list_due_period_ends(row, first_ends[key], today)
            if key not in last_ends or end > last_ends[key]
        ]
    return sorted(missing, key=lambda item: (item.feed, item.supplier_code, item.due_on))


def _list_due_period_ends(row: dict[str, str], first: date, today: date) -> Iterator[date]:
    """Yield the ends of a supplier's periods from `first` on that were due before `today`."""
    months = MONTHS[row["delivery_calendar"]]
    valid_from, valid_to = read_validity(row)
    end = find_last_period_end(months, today - timedelta(days=int(row["due_days"])))
    while end >= first:
        if valid_from <= end <= valid_to:
            yield end
        end = find_last_period_end(months, end)


def read_validity(row: dict[str, str]) -> tuple[date, date]:
    """Return the first and the last day on which a row of `ref__suppliers` applies."""
    return (
        date.fromisoformat(row["valid_from"] or "1900-01-01"),
        date.fromisoformat(row["valid_to"] or "9999-12-31"),
    )


def _period_end(entry: Delivery) -> date:
    assert entry.period_end is not None
    return entry.period_end


def find_last_period_end(months: int, today: date) -> date:
    """Return the end of the latest period that ended before `today` and has this many months."""
    month = today.year * 12 + today.month - FIRST_MONTH
    current_start = month - month % months + FIRST_MONTH - 1
    return date(current_start // 12, current_start % 12 + 1, 1) - timedelta(days=1)
