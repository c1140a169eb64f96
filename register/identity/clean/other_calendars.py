"""Dates of birth as offices write them if a child states the date in another calendar.

A child from Eritrea states a date in the Ethiopian calendar, one from Afghanistan in the solar
Hijri calendar. An office may convert the year alone, or nothing at all. The same date then appears
as several different dates in Gregorian records.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import jdatetime
from convertdate import coptic, islamic

# The Ethiopian calendar has the months and days of the Coptic one, and another first year.
ETHIOPIAN_AFTER_COPTIC = 276
# The years that offices add to a stated year, besides none: the difference of the two calendars
# before and after New Year. The first years of the Hijri calendar are shorter, so there the
# Gregorian year itself is kept.
YEARS_ADDED = {"ethiopian": (0, 7, 8), "solar_hijri": (621, 622)}


@cache
def list_other_readings(born: str) -> list[str]:
    """Return the dates (yyyymmdd) that an office may write for a date in another calendar.

    `born` is the date of birth in the Gregorian calendar, as yyyymmdd. The result has the year
    converted, but the month and day as the child stated them, in the Ethiopian, solar Hijri and
    Hijri calendars. It also has the Ethiopian date without any conversion. A text that is no date
    has no readings.
    """
    year, month, day = int(born[:4]), int(born[4:6]), int(born[6:])
    if not _is_a_date(year, month, day):
        return []
    ethiopian = coptic.from_gregorian(year, month, day)
    ethiopian = (ethiopian[0] + ETHIOPIAN_AFTER_COPTIC, *ethiopian[1:])
    solar = jdatetime.date.fromgregorian(year=year, month=month, day=day)
    stated = {"ethiopian": ethiopian, "solar_hijri": (solar.year, solar.month, solar.day)}
    readings = {
        (stated[calendar][0] + added, *stated[calendar][1:])
        for calendar, all_added in YEARS_ADDED.items()
        for added in all_added
    }
    _, hijri_month, hijri_day = islamic.from_gregorian(year, month, day)
    readings |= {(year + added, hijri_month, hijri_day) for added in (-1, 0, 1)}
    written = {f"{each[0]:04d}{each[1]:02d}{each[2]:02d}" for each in readings if _is_a_date(*each)}
    return sorted(written - {born})


def _is_a_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
