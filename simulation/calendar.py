"""Days and minutes since 1970 in local wall time, and the calendar of collection years."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.draws import OPEN, Integers, Texts

EPOCH = date(1970, 1, 1)
DAY = 1440
YEAR_DAYS = 365.25


def day_number(when: date) -> int:
    """Return the number of days from 1970 to a date."""
    return (when - EPOCH).days


def year_start(year: int) -> int:
    """Return the day number of 1 April, on which a collection year starts."""
    return day_number(date(year, 4, 1))


def collection_year(year: int) -> str:
    """Return the name of a collection year, such as `2025-26` for 2025."""
    return f"{year}-{(year + 1) % 100:02d}"


def eighteenth_birthday(dob_day: Integers) -> Integers:
    """Return the day number of each 18th birthday (29 February counts as 1 March)."""
    dates = dob_day.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    offset = (dates - months).astype(int)
    return np.asarray((months + 18 * 12).astype("datetime64[D]").astype(int) + offset)


def format_days(days: Integers, pattern: str) -> Texts:
    """Return dates as text by a strftime pattern; OPEN and negative values give an empty text."""
    return _format(days, days, pattern, pa.int32(), pa.date32())


def format_minutes(minutes: Integers, pattern: str) -> Texts:
    """Return date-times as text by a strftime pattern.

    OPEN and negative values give an empty text.
    """
    return _format(minutes * 60, minutes, pattern, pa.int64(), pa.timestamp("s"))


def _format(
    values: Integers, source: Integers, pattern: str, integer: pa.DataType, kind: pa.DataType
) -> Texts:
    absent = (source < 0) | (source == OPEN)
    array = pa.array(np.where(absent, 0, values), type=pa.int64()).cast(integer).cast(kind)
    # Arrow writes fractions of a second unless times are whole seconds.
    texts = pc.strftime(array, format=pattern)
    written_texts = np.asarray(texts.to_numpy(zero_copy_only=False), dtype=object)
    written_texts[absent] = ""
    return written_texts


def receipt_time(when: date, hour: int, minute: int = 0) -> datetime:
    """Return a time of receipt (UTC) on a day."""
    return datetime(when.year, when.month, when.day, hour, minute, tzinfo=UTC)
