"""What would land of a sample in a layout that is being written: columns, rows, dates and codes.

Nothing is written. Counts and codes are told, never a text that may be about a person: headings
that the layout does not have are told by position and length.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc

from register.feeds.contract import Column, load_contracts
from register.feeds.dates import parse_period
from register.feeds.delivery import LandingContext
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.inbox import delivery_in, read_delivery
from register.feeds.layout import CODE_JOINER, Layout, load_layout
from register.feeds.parse_delivery import parse_files
from register.feeds.seeds import known_codes
from register.feeds.tables import LandedTable, RawTable
from register.settings import Settings

# A text that no code map has is shown as a code only if it is one by its looks and its number: a
# column of names in the wrong place is told by its count.
CODE_LENGTH = 40
CODES_AT_MOST = 20
CODE_AT_LEAST = 3
NO_CODE = re.compile(r"\d{4}|\d[A-Z]{2}$", re.IGNORECASE)
# A period of each feed that has begun, for what depends on one.
SAMPLE_PERIODS = {
    "police_reports": "%Y-%m",
    "authority_extract": "%Y-%m",
    "published_statistics": "%Y",
}


class PeriodError(ValueError):
    """A text names no period of a feed."""


@dataclass(frozen=True)
class ColumnReport:
    """One field of the contract in the sample; `headings` are the layout's that the file has."""

    field_name: str
    headings: tuple[str, ...]
    missing_headings: tuple[str, ...]
    filled_count: int
    wrong_counts: dict[str, int]
    unmapped_codes: dict[str, int] = field(default_factory=dict)
    text_count: int = 0


@dataclass(frozen=True)
class TableReport:
    """One file: physical records, what of them would land, and its fields.

    `unknown_columns` are (position, length of heading) of columns that the layout does not have.
    """

    table_name: str
    file: str
    record_count: int
    landed_count: int
    quarantined_counts: dict[str, int]
    unknown_columns: tuple[tuple[int, int], ...]
    columns: tuple[ColumnReport, ...]


@dataclass(frozen=True)
class LayoutReport:
    """What would land of a sample; without tables if it would be rejected."""

    layout_name: str
    feed: str
    rejection: Finding | None
    other_file_count: int
    tables: tuple[TableReport, ...]


def check_layout(
    settings: Settings, layout_path: Path, sample: Path, period: str | None = None
) -> LayoutReport:
    """Read a sample (a file, or a folder of them) in a layout, wherever its YAML is.

    Raises `LayoutError` if the layout cannot be used, and `PeriodError` for a period that is none
    of the feed's.
    """
    layout = load_layout(layout_path.resolve())
    now = datetime.now(UTC)
    text = period or _sample_period(layout.feed, now)
    known_period = parse_period(layout.feed, text)
    if known_period is None:
        raise PeriodError(f"{text} is no period of {layout.feed}")
    sample = sample.resolve()
    inbox = sample if sample.is_dir() else sample.parent
    context = replace(LandingContext.of(settings, now), inbox=inbox, layout=layout)
    raw = read_delivery(context, delivery_in(sample, layout.feed, "sample", text))
    if raw.unread:
        return LayoutReport(layout.layout_name, layout.feed, raw.unread, 0, ())
    parsed = parse_files(context, raw, known_period)
    tables: list[TableReport] = []
    if parsed.source and not parsed.rejection:
        pairs = zip(parsed.source.tables, parsed.tables, strict=True)
        tables = [_table_report(settings, layout, raw, landed) for raw, landed in pairs]
    return LayoutReport(
        layout_name=layout.layout_name,
        feed=layout.feed,
        rejection=parsed.rejection,
        other_file_count=len(parsed.source.unknown_files) if parsed.source else 0,
        tables=tuple(tables),
    )


def _sample_period(feed: str, now: datetime) -> str:
    if feed in SAMPLE_PERIODS:
        return now.strftime(SAMPLE_PERIODS[feed])
    first = now.year - (now.month < 4)
    return f"{first}-{(first + 1) % 100:02d}"


def _table_report(
    settings: Settings, layout: Layout, raw: RawTable, landed: LandedTable
) -> TableReport:
    columns = load_contracts()[layout.feed].table_by_name[landed.table_name].properties
    headings = [heading.casefold() for heading in raw.headings]
    expected = {heading.casefold() for heading in _headings(layout, columns)}
    return TableReport(
        table_name=landed.table_name,
        file=landed.file,
        record_count=landed.received_row_count,
        landed_count=landed.rows.num_rows,
        quarantined_counts=dict(
            Counter(record.finding.rule.value for record in landed.quarantined)
        ),
        unknown_columns=tuple(
            (position, len(heading))
            for position, heading in enumerate(raw.headings, start=1)
            if heading and heading.casefold() not in expected
        ),
        columns=tuple(
            _column_report(settings, layout, column, headings, landed) for column in columns
        ),
    )


def _headings(layout: Layout, columns: tuple[Column, ...]) -> list[str]:
    if layout.columns:
        return [column.name for column in layout.columns]
    return [column.name for column in columns]


def _column_report(
    settings: Settings, layout: Layout, column: Column, present: list[str], landed: LandedTable
) -> ColumnReport:
    names = [item.name for item in layout.columns if item.field == column.name]
    if not layout.columns:
        names = [column.name]
    values = landed.rows[column.name]
    wrong = Counter(flag.rule.value for flag in landed.flags if flag.column == column.name)
    found = ColumnReport(
        field_name=column.name,
        headings=tuple(name for name in names if name.casefold() in present),
        missing_headings=tuple(name for name in names if name.casefold() not in present),
        filled_count=len(values) - values.null_count,
        wrong_counts=dict(wrong),
    )
    if not column.code_map or not wrong[Rule.UNMAPPED_CODE.value]:
        return found
    mapped = known_codes(settings.seeds, layout, column.code_map)
    counted = pc.value_counts(values.drop_null()).to_pylist()
    unmapped = {item["values"]: item["counts"] for item in counted if item["values"] not in mapped}
    codes = _codes(layout, unmapped, found.filled_count)
    text_count = sum(unmapped.values()) - sum(codes.values())
    return replace(found, unmapped_codes=codes, text_count=text_count)


def _codes(layout: Layout, unmapped: dict[str, int], filled_count: int) -> dict[str, int]:
    """Those of the unmapped texts that are codes, most frequent first."""
    if len(unmapped) > CODES_AT_MOST:
        return {}
    is_code_column = 2 * sum(unmapped.values()) <= filled_count
    own = {period.code for dated in layout.dated_codes for period in dated.periods}
    return {
        text: count
        for text, count in sorted(unmapped.items(), key=lambda item: (-item[1], item[0]))
        if (is_code_column or count >= CODE_AT_LEAST)
        and all(_is_like_a_code(part) for part in text.split(CODE_JOINER) if part not in own)
    }


def _is_like_a_code(text: str) -> bool:
    return len(text) <= CODE_LENGTH and not NO_CODE.search(text)
