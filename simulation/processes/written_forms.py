"""Deviations of a supplier's files from its layout, and changes of form within the series.

A layout's YAML file defines names of columns and formats of dates. Real systems deviate: some write
dates in their stored form. After an upgrade, dates have yet another form and columns another order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.calendar import YEAR_DAYS, day_number, format_days, format_minutes, year_start
from simulation.draws import OPEN, Integers, Texts, random_stream
from simulation.plan import SimulationPlan

SQL_SERVER = "sql_server"  # 2025-08-30 12:11:00.000; a date without a time is written with midnight
OFFSET = "iso_offset"  # 2025-08-30T12:11:00+01:00
ZULU = "iso_utc"  # 2025-08-30T11:11:00Z
DATE_FORMS = (SQL_SERVER, OFFSET, ZULU)
NEW_COLUMN, NEW_VALUE = "ExportVersion", "2"
# For each case system, the system to which an authority moves. Its existing records move too, but
# are not changed.
NEXT_SYSTEM = {"Liquidlogic": "Mosaic", "Mosaic": "Liquidlogic", "Eclipse": "Liquidlogic"}
ZONE = "Europe/London"


@dataclass(frozen=True)
class WrittenForm:
    """The form of dates (empty: as in the layout), and whether the files have changed."""

    dates: str = ""
    is_changed: bool = False

    def write_moments(self, minutes: Integers, pattern: str) -> Texts:
        """Return date-times as text in this form."""
        if self.dates == SQL_SERVER:
            return format_minutes(minutes, "%Y-%m-%d %H:%M:%S.000")
        if self.dates in (OFFSET, ZULU):
            return _format_zoned_times(minutes, is_utc=self.dates == ZULU)
        return format_minutes(minutes, pattern)

    def write_days(self, days: Integers, pattern: str) -> Texts:
        """Return dates as text in this form."""
        if self.dates == SQL_SERVER:
            return format_days(days, "%Y-%m-%d 00:00:00.000")
        return format_days(days, "%Y-%m-%d" if self.dates else pattern)

    def rearranged(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table; if the files have changed, reverse its columns and add one."""
        if not self.is_changed:
            return table
        return table[table.columns[::-1]].assign(**{NEW_COLUMN: NEW_VALUE})


AS_THE_LAYOUT = WrittenForm()


def written_form(plan: SimulationPlan, supplier: str, day: int) -> WrittenForm:
    """Return the form of a supplier's files on a day."""
    profile = plan.processes
    if profile.system_dates == 0 and profile.format_changes == 0:
        return AS_THE_LAYOUT
    generator = random_stream(plan.seed, f"written form {supplier}")
    first = int(generator.integers(0, len(DATE_FORMS)))
    has_system_dates, changes = generator.random(2) < (profile.system_dates, profile.format_changes)
    start = year_start(plan.first_year)
    length = min(plan.year_count * YEAR_DAYS, day_number(plan.as_of) - start)
    changed_on = start + length * generator.uniform(0.3, 0.7)
    if not (changes and day >= changed_on):
        return WrittenForm(DATE_FORMS[first] if has_system_dates else "")
    return WrittenForm(DATE_FORMS[(first + 1) % len(DATE_FORMS)], is_changed=True)


def system_on(plan: SimulationPlan, supplier: str, system: str, day: int) -> str:
    """Return the case system that produces an authority's extract on a day."""
    return NEXT_SYSTEM[system] if written_form(plan, supplier, day).is_changed else system


def _format_zoned_times(minutes: Integers, *, is_utc: bool) -> Texts:
    """Return ISO 8601 times with a zone; an hour skipped in spring becomes the next hour."""
    absent = (minutes < 0) | (minutes == OPEN)
    known_minutes = np.where(absent, 0, minutes)
    wall = pd.DatetimeIndex(pd.to_datetime(known_minutes * 60, unit="s"))
    local = wall.tz_localize(
        ZONE, ambiguous=np.ones(len(wall), dtype=bool), nonexistent="shift_forward"
    )
    if is_utc:
        zoned_texts = local.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ").to_numpy(dtype=object)
    else:
        text = local.strftime("%Y-%m-%dT%H:%M:%S%z")
        zoned_texts = (text.str[:-2] + ":" + text.str[-2:]).to_numpy(dtype=object)
    return np.where(absent, "", zoned_texts).astype(object)
