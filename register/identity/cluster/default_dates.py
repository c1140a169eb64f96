"""Default dates of birth: days that a clerk or a system enters if the birthday is not known.

Known defaults are 1 January, 1 July, and the first day of another calendar's year, converted. 1
Hamal (Iran, Afghanistan) is 21 March, or 20 March in a leap year. 1 Meskerem (Ethiopia, Eritrea) is
11 September, or 12 September before a leap year. A supplier may also have a default of its own,
which appears as a day with far too many births.
"""

from __future__ import annotations

from calendar import isleap
from collections import Counter
from collections.abc import Iterable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

KNOWN_DAYS = frozenset({(1, 1), (7, 1), (3, 21), (9, 11)})
DAYS_OF_YEAR = 365.25
# A day of the year is a default if at least `MIN_HOLDERS` dates of birth fall on it. They must also
# be at least `MIN_TIMES` as many as on an average day.
MIN_TIMES = 4.0
MIN_HOLDERS = 20


class DefaultDays:
    """The default days among the dates of birth of mentions (`MENTION_SCHEMA`)."""

    def __init__(self, mentions: pa.Table) -> None:
        born = pc.list_flatten(mentions["birth_dates"])
        months, days = (part(born).to_pylist() for part in (pc.month, pc.day))
        holders = Counter(zip(months, days, strict=True))
        least = max(MIN_HOLDERS, MIN_TIMES * len(born) / DAYS_OF_YEAR)
        self._days = KNOWN_DAYS | {day for day, count in holders.items() if count >= least}

    def are_all(self, dates: Iterable[date]) -> bool:
        """Say whether all of these dates are default days; False if there are none."""
        listed = list(dates)
        return bool(listed) and all(self._is_default(born) for born in listed)

    def _is_default(self, born: date) -> bool:
        day = (born.month, born.day)
        return (
            day in self._days
            or (day == (3, 20) and isleap(born.year))
            or (day == (9, 12) and isleap(born.year + 1))
        )
