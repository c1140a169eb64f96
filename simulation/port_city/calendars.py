"""Dates of birth as children state them in their own calendar, and as offices convert them.

A date in another calendar is year, month and day. Conversions by the arithmetic of each calendar:
the Ethiopian one, the solar Hijri one by its cycle of 33 years, and the tabular Islamic one
(Reingold and Dershowitz, Calendrical Calculations).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

Stated = tuple[int, int, int]

JULIAN_DAY_OF_ORDINAL_0 = 1_721_425
ETHIOPIAN_EPOCH = 1_724_221
# The day in four Ethiopian years, from 0, that only leap years have.
LEAP_DAY = 1095
# 1 Farvardin 1400, and the leap years of the cycle of 33 years.
SOLAR_ANCHOR = (1400, date(2021, 3, 21))
SOLAR_LEAPS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
# The days that offices write if a child knows only the year: by the calendar of the child.
DEFAULT_DAYS = {
    "ethiopian": ((1, 1), (1, 1), (9, 11)),
    "solar_hijri": ((1, 1), (1, 1), (3, 21)),
    "hijri": ((1, 1), (1, 1), (7, 1)),
    "gregorian": ((1, 1), (7, 1)),
}
YEARS_TO_ADD = {"ethiopian": (8, 7), "solar_hijri": (621, 622)}


def to_ethiopian(day: date) -> Stated:
    """Return the Ethiopian date of a day."""
    passed = day.toordinal() + JULIAN_DAY_OF_ORDINAL_0 - ETHIOPIAN_EPOCH
    cycle, rest = divmod(passed, 1461)
    # The third year of each four has 366 days.
    year_in_cycle = (rest if rest < LEAP_DAY else rest - 1) // 365
    day_of_year = rest - 365 * year_in_cycle - (year_in_cycle == 3)
    return 4 * cycle + year_in_cycle + 1, day_of_year // 30 + 1, day_of_year % 30 + 1


def to_solar_hijri(day: date) -> Stated:
    """Return the solar Hijri date of a day."""
    year, start = SOLAR_ANCHOR
    while start > day:
        year -= 1
        start -= timedelta(days=_solar_length(year))
    while (following := start + timedelta(days=_solar_length(year))) <= day:
        year, start = year + 1, following
    passed = (day - start).days
    if passed < 186:
        return year, passed // 31 + 1, passed % 31 + 1
    return year, (passed - 186) // 30 + 7, (passed - 186) % 30 + 1


def _solar_length(year: int) -> int:
    return 366 if year % 33 in SOLAR_LEAPS else 365


def to_hijri(day: date) -> Stated:
    """Return the date of a day in the tabular Islamic calendar."""
    julian_day = day.toordinal() + JULIAN_DAY_OF_ORDINAL_0
    rest = julian_day - 1_948_440 + 10_632
    cycles, rest = divmod(rest - 1, 10_631)
    rest += 355
    years = (10_985 - rest) // 5316 * (50 * rest // 17_719) + rest // 5670 * (43 * rest // 15_238)
    rest += -((30 - years) // 15) * (17_719 * years // 50) - years // 16 * (15_238 * years // 43)
    rest += 29
    month = 24 * rest // 709
    return 30 * cycles + years - 30, month, rest - 709 * month // 24


CALENDARS: dict[str, Callable[[date], Stated]] = {
    "ethiopian": to_ethiopian,
    "solar_hijri": to_solar_hijri,
    "hijri": to_hijri,
    "gregorian": lambda day: (day.year, day.month, day.day),
}


def convert_badly(random: Random, born: date, calendar: str, knows_day: bool) -> date:
    """Return the date that an office writes for a child born on a day, not by the right arithmetic.

    Usually only the year is converted, one year too many or too few for some months, and the
    child's own month and day are kept. If the child knows only the year, a default day is written.
    """
    year, month, day = CALENDARS[calendar](born)
    if calendar in {"gregorian", "hijri"}:
        year = born.year
    else:
        usual, other = YEARS_TO_ADD[calendar]
        year += usual if random.random() < 0.7 else other
    if not knows_day:
        month, day = random.choice(DEFAULT_DAYS[calendar])
    return date(year, min(month, 12), min(day, 28))
