"""Plausibility of deliveries: impossible dates, wrong periods, and many quarantined records.

Dates are compared only within their own record. Absences before birth or after receipt are found by
the dbt project, which links a child's records.
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

# Systems write 1900 or 1901 for unknown dates. No child in the register was born before 1950, and
# no recorded event was before 1990.
EARLIEST_BIRTH = np.datetime64("1950-01-01")
EARLIEST_EVENT = np.datetime64("1990-01-01")
# If an end is a year or more before its start, one of them is mistyped or in the wrong column. For
# absences, another rule reports smaller differences.
LONG_BEFORE = np.timedelta64(365, "D")
# Columns that rule 567 of the return already checks.
CHECKED_BY_RETURN_RULES = frozenset({"mis_end"})
# A delivery is taken to belong to another period if too small a share of its dated records has a
# date in its own period. A report is sent for the month in which it was made or changed, so nearly
# every record has a date in that month. A return also lists open placements that began years ago,
# so the share required of it is small.
MIN_SHARE_IN_PERIOD = {"police_reports": 1 / 3, "authority_return": 0.05}
MIN_DATED = 5
# Rules that quarantine lines which are not records.
NO_RECORDS = (Rule.TOTAL_ROW, Rule.EMPTY_ROW, Rule.UNJOINED_LINE)
# Fewer quarantined records than this do not show that the file itself is wrong.
MIN_QUARANTINED = 3

Days = npt.NDArray[np.datetime64]
Positions = Iterator[tuple[str, int, Rule]]


def find_implausible_dates(
    table: Table, fields: Mapping[str, FieldTexts], received_date: str
) -> Positions:
    """Yield column, position and rule for each date that exists but cannot be right.

    `received_date` is the ISO date of receipt.
    """
    days = {
        name: _parse_days(item.values)
        for name, item in fields.items()
        if table.columns[name].logicalType != "string"
    }
    births = [days[name] for name in days if table.columns[name].custom.is_birth]
    for name, column_days in days.items():
        column = table.columns[name]
        start = days.get(column.custom.end_of or "")
        masks = [
            *_list_rule_masks(column, column_days, births, start, np.datetime64(received_date))
        ]
        is_of_absence = (
            start is not None and table.columns[str(column.custom.end_of)].custom.is_absence_start
        )
        if is_of_absence and name not in CHECKED_BY_RETURN_RULES:
            has_finding = np.logical_or.reduce([is_wrong for _, is_wrong in masks])
            is_before = _is_before(fields[name].values, _find_absence_starts(table, fields))
            masks.append((Rule.END_BEFORE_START, is_before & ~has_finding))
        for rule, is_wrong in masks:
            for position in np.flatnonzero(is_wrong):
                yield name, int(position), rule


def _list_rule_masks(
    column: Column, days: Days, births: list[Days], start: Days | None, received: np.datetime64
) -> Iterator[tuple[Rule, npt.NDArray[np.bool_]]]:
    """Yield each rule with a mask of the dates that break it. A missing date breaks no rule."""
    is_early = days < (EARLIEST_BIRTH if column.custom.is_birth else EARLIEST_EVENT)
    if not column.custom.is_absence_start:
        yield Rule.DATE_TOO_EARLY, is_early
    if not column.custom.allows_future_dates and not column.custom.is_absence_start:
        yield Rule.DATE_IN_FUTURE, days > received
    if not column.custom.is_birth and not column.custom.is_absence_start:
        for birth in births:
            yield Rule.DATE_BEFORE_BIRTH, (days < birth) & ~is_early
    if start is not None:
        yield Rule.END_LONG_BEFORE_START, (days <= start - LONG_BEFORE) & ~is_early


def _find_absence_starts(table: Table, fields: Mapping[str, FieldTexts]) -> pa.Array:
    """Return the start of each absence: the value of the first filled start column."""
    names = [name for name, column in table.columns.items() if column.custom.is_absence_start]
    return pc.coalesce(*(fields[name].values for name in names if name in fields))


def _is_before(ends: pa.Array, starts: pa.Array) -> npt.NDArray[np.bool_]:
    """Return a mask of the positions at which an end is before its start (ISO texts).

    If either has no time, only the days are compared.
    """
    has_times = pc.and_(
        pc.greater(pc.utf8_length(ends), 10), pc.greater(pc.utf8_length(starts), 10)
    )
    by_day = pc.less(pc.utf8_slice_codeunits(ends, 0, 10), pc.utf8_slice_codeunits(starts, 0, 10))
    is_before = pc.if_else(has_times, pc.less(ends, starts), by_day)
    mask = pc.fill_null(is_before, False).to_numpy(zero_copy_only=False)
    return np.asarray(mask, dtype=np.bool_)


def check_period_dates(feed: str, period: Period, tables: Sequence[LandedTable]) -> list[Finding]:
    """Return a finding if hardly any record has a date in the delivery's period.

    An extract is judged by its date of extraction: it breaks this rule if it was made before its
    period.
    """
    if feed == "authority_extract":
        return _check_extraction_date(period, tables)
    min_share = MIN_SHARE_IN_PERIOD.get(feed)
    dated_count = in_period_count = 0
    for landed in tables if min_share else ():
        dated, in_period = _count_dated(feed, landed, period)
        dated_count += dated
        in_period_count += in_period
    if min_share and dated_count >= MIN_DATED and in_period_count < min_share * dated_count:
        return [Finding(Rule.OUTSIDE_PERIOD)]
    return []


def find_much_quarantined(tables: list[LandedTable], share: float) -> list[Finding]:
    """Return findings about tables of which too large a share (0-1) is quarantined.

    If no table exceeds the share, the delivery as a whole is judged.
    """
    by_name: dict[str, list[LandedTable]] = {}
    for table in tables:
        by_name.setdefault(table.table_name, []).append(table)
    findings = [
        Finding(Rule.MANY_QUARANTINED, files[0].file, table=name)
        for name, files in by_name.items()
        if _exceeds_quarantine_share(files, share)
    ]
    is_delivery_over = not findings and _exceeds_quarantine_share(tables, share)
    return [Finding(Rule.MANY_QUARANTINED)] if is_delivery_over else findings


def _exceeds_quarantine_share(tables: list[LandedTable], share: float) -> bool:
    rules = [record.finding.rule for table in tables for record in table.quarantined]
    no_record_count = sum(rule in NO_RECORDS for rule in rules)
    quarantined = len(rules) - no_record_count
    received = sum(table.received_row_count for table in tables) - no_record_count
    return quarantined >= MIN_QUARANTINED and quarantined > share * received


def _count_dated(feed: str, landed: LandedTable, period: Period) -> tuple[int, int]:
    """Return how many rows have the date of an event, and how many have one in the period."""
    table = load_contracts()[feed].table_by_name[landed.table_name]
    is_dated = np.zeros(landed.rows.num_rows, dtype=np.bool_)
    is_in_period = is_dated.copy()
    for column in table.properties:
        if column.logicalType == "string" or column.custom.is_birth:
            continue
        days = _parse_days(landed.rows[column.name])
        is_dated |= ~np.isnat(days)
        is_in_period |= (days >= np.datetime64(period.start)) & (days <= np.datetime64(period.end))
    return int(is_dated.sum()), int(is_in_period.sum())


def _check_extraction_date(period: Period, tables: Sequence[LandedTable]) -> list[Finding]:
    for landed in tables:
        if landed.table_name == "ssd_version":
            made_on = _parse_days(landed.rows["extracted_at"])
            if len(made_on) and made_on[0] < np.datetime64(period.start):
                name = landed.table_name
                return [Finding(Rule.OUTSIDE_PERIOD, landed.file, None, "extracted_at", name)]
    return []


def _parse_days(values: pa.Array | pa.ChunkedArray) -> Days:
    """Return the days of ISO texts without their times. Null becomes NaT."""
    days = pc.cast(pc.utf8_slice_codeunits(values, 0, 10), pa.date32())
    return np.asarray(days.to_numpy(zero_copy_only=False), dtype="datetime64[D]")
