"""Dates that exist and cannot be, deliveries of another period or with many records unread.

Whether an absence begins before birth, or after it was received, is told by the dbt project, which
knows the child; here the other dates are looked at, within their own record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.checks import FieldTexts
from register.feeds.contract import Column, Table, load_contracts
from register.feeds.dates import Period
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.tables import LandedTable

# 1900 and 1901 are what systems write for a date that is not known; nobody who was a child in the
# years that count was born before 1950, and no event in a child's record of today before 1990.
EARLIEST_BIRTH = np.datetime64("1950-01-01")
EARLIEST_EVENT = np.datetime64("1990-01-01")
# A year between an end and a start that is later is a slip of the pen, or two columns that were
# mixed up; less is told as an end before its start.
LONG_BEFORE = np.timedelta64(365, "D")
# Rule 567 of the return says the same of these.
TOLD_BY_RETURN_RULES = frozenset({"mis_end"})
# A delivery is of another period if fewer than this share of its dated records have any date in it.
# A report is sent for the month in which it was made, or changed: its record then has a date in it,
# but for the few that only changed a grade. A return lists open placements of years ago besides.
LEAST_IN_PERIOD = {"police_reports": 1 / 3, "authority_return": 0.05}
PERIOD_AT_LEAST = 5
# Rows that are quarantined and are no records: none is missing.
NO_RECORDS = (Rule.TOTAL_ROW, Rule.EMPTY_ROW)
# Fewer quarantined records than this prove nothing about how the file was made.
QUARANTINED_AT_LEAST = 3

Days = npt.NDArray[np.datetime64]
Positions = Iterator[tuple[str, int, Rule]]


def implausible_dates(
    table: Table, fields: Mapping[str, FieldTexts], received_date: str
) -> Positions:
    """Column, position and rule of each date that exists and cannot be right.

    `received_date` is the ISO date on which the delivery was received.
    """
    days = {
        name: _days(item.values)
        for name, item in fields.items()
        if table.columns[name].logicalType != "string"
    }
    births = [days[name] for name in days if table.columns[name].is_birth]
    for name, found in days.items():
        column = table.columns[name]
        start = days.get(column.end_of or "")
        wrong = [*_wrong(column, found, births, start, np.datetime64(received_date))]
        is_of_absence = start is not None and table.columns[str(column.end_of)].is_absence_start
        if is_of_absence and name not in TOLD_BY_RETURN_RULES:
            is_told = np.logical_or.reduce([is_wrong for _, is_wrong in wrong])
            is_before = _is_before(fields[name].values, _absence_starts(table, fields))
            wrong.append((Rule.END_BEFORE_START, is_before & ~is_told))
        for rule, is_wrong in wrong:
            for position in np.flatnonzero(is_wrong):
                yield name, int(position), rule


def _wrong(
    column: Column, days: Days, births: list[Days], start: Days | None, received: np.datetime64
) -> Iterator[tuple[Rule, npt.NDArray[np.bool_]]]:
    """Each rule with its mask; a comparison with a missing date is false."""
    is_early = days < (EARLIEST_BIRTH if column.is_birth else EARLIEST_EVENT)
    if not column.is_absence_start:
        yield Rule.DATE_TOO_EARLY, is_early
    if not column.may_be_future and not column.is_absence_start:
        yield Rule.DATE_IN_FUTURE, days > received
    if not column.is_birth and not column.is_absence_start:
        for birth in births:
            yield Rule.DATE_BEFORE_BIRTH, (days < birth) & ~is_early
    if start is not None:
        yield Rule.END_LONG_BEFORE_START, (days <= start - LONG_BEFORE) & ~is_early


def _absence_starts(table: Table, fields: Mapping[str, FieldTexts]) -> pa.Array:
    """The start of each absence: the first that is filled of the columns in which it may begin."""
    names = [name for name, column in table.columns.items() if column.is_absence_start]
    return pc.coalesce(*(fields[name].values for name in names if name in fields))


def _is_before(ends: pa.Array, starts: pa.Array) -> npt.NDArray[np.bool_]:
    """Which ISO texts lie before others: by the day where one of the two has no time."""
    has_times = pc.and_(
        pc.greater(pc.utf8_length(ends), 10), pc.greater(pc.utf8_length(starts), 10)
    )
    by_day = pc.less(pc.utf8_slice_codeunits(ends, 0, 10), pc.utf8_slice_codeunits(starts, 0, 10))
    is_before = pc.if_else(has_times, pc.less(ends, starts), by_day)
    found = pc.fill_null(is_before, False).to_numpy(zero_copy_only=False)
    return np.asarray(found, dtype=np.bool_)


def outside_period(feed: str, period: Period, tables: Sequence[LandedTable]) -> list[Finding]:
    """The finding that hardly a record has a date in the delivery's period, if that is so.

    An extract is cumulative: it is of another period only if it was made before its period began.
    """
    if feed == "authority_extract":
        return _made_before(period, tables)
    least = LEAST_IN_PERIOD.get(feed)
    dated_count = in_period_count = 0
    for landed in tables if least else ():
        dated, in_period = _dated(feed, landed, period)
        dated_count += dated
        in_period_count += in_period
    if least and dated_count >= PERIOD_AT_LEAST and in_period_count < least * dated_count:
        return [Finding(Rule.OUTSIDE_PERIOD)]
    return []


def many_quarantined(tables: list[LandedTable], share: float) -> list[Finding]:
    """The tables of which more than a share (0-1) is quarantined, or else the whole delivery."""
    by_name: dict[str, list[LandedTable]] = {}
    for table in tables:
        by_name.setdefault(table.table_name, []).append(table)
    found = [
        Finding(Rule.MANY_QUARANTINED, files[0].file, table=name)
        for name, files in by_name.items()
        if _is_much_quarantined(files, share)
    ]
    is_whole = not found and _is_much_quarantined(tables, share)
    return [Finding(Rule.MANY_QUARANTINED)] if is_whole else found


def _is_much_quarantined(tables: list[LandedTable], share: float) -> bool:
    rules = [record.finding.rule for table in tables for record in table.quarantined]
    none = sum(rule in NO_RECORDS for rule in rules)
    quarantined = len(rules) - none
    received = sum(table.received_row_count for table in tables) - none
    return quarantined >= QUARANTINED_AT_LEAST and quarantined > share * received


def _dated(feed: str, landed: LandedTable, period: Period) -> tuple[int, int]:
    """How many rows have a date of an event, and how many have one in the period."""
    table = load_contracts()[feed].table_by_name[landed.table_name]
    is_dated = np.zeros(landed.rows.num_rows, dtype=np.bool_)
    is_in_period = is_dated.copy()
    for column in table.properties:
        if column.logicalType == "string" or column.is_birth:
            continue
        days = _days(landed.rows[column.name])
        is_dated |= ~np.isnat(days)
        is_in_period |= (days >= np.datetime64(period.start)) & (days <= np.datetime64(period.end))
    return int(is_dated.sum()), int(is_in_period.sum())


def _made_before(period: Period, tables: Sequence[LandedTable]) -> list[Finding]:
    for landed in tables:
        if landed.table_name == "ssd_version":
            made = _days(landed.rows["extracted_at"])
            if len(made) and made[0] < np.datetime64(period.start):
                name = landed.table_name
                return [Finding(Rule.OUTSIDE_PERIOD, landed.file, None, "extracted_at", name)]
    return []


def _days(values: pa.Array | pa.ChunkedArray) -> Days:
    """The dates of ISO texts, their time left out; not a time where there is none."""
    days = pc.cast(pc.utf8_slice_codeunits(values, 0, 10), pa.date32())
    return np.asarray(days.to_pandas(date_as_object=False), dtype="datetime64[D]")
