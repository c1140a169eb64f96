"""Periods as suppliers name them: months, calendar quarters, collection years, release years.

Whether a supplier owes a period belongs to the delivery calendar, not here.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
COLLECTION_YEAR = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
RELEASE_YEAR = re.compile(r"(\d{4})", re.ASCII)
FIRST_YEAR = 1990
LAST_YEAR = 2199


@dataclass(frozen=True)
class Period:
    """A period with its first and last day."""

    text: str
    start: date
    end: date


def parse_period(feed: str, text: str) -> Period | None:
    """The period that `text` names in this feed, or none if it names none."""
    parse = {
        "police_reports": _month,
        "authority_extract": lambda value: _month(value) or _quarter(value),
        "authority_return": _collection_year,
        "published_statistics": _release_year,
    }[feed]
    period = parse(text)
    if period is None or not FIRST_YEAR <= period.start.year <= LAST_YEAR:
        return None
    return period


def _months(text: str, year: int, first: int, last: int) -> Period | None:
    if year == 0:
        return None
    return Period(text, date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def _month(text: str) -> Period | None:
    match = MONTH.fullmatch(text)
    return _months(text, int(match[1]), int(match[2]), int(match[2])) if match else None


def _quarter(text: str) -> Period | None:
    match = QUARTER.fullmatch(text)
    if not match:
        return None
    last = 3 * int(match[2])
    return _months(text, int(match[1]), last - 2, last)


def _year_from_april(text: str, year: int) -> Period | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return Period(text, date(year, 4, 1), date(year + 1, 3, 31))


def _collection_year(text: str) -> Period | None:
    match = COLLECTION_YEAR.fullmatch(text)
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        return None
    return _year_from_april(text, int(match[1]))


def _release_year(text: str) -> Period | None:
    match = RELEASE_YEAR.fullmatch(text)
    return _year_from_april(text, int(match[1]) - 1) if match else None
