"""The check of a layout against a sample file: which columns, rows, dates and codes would land.

Nothing is written. The report has counts and codes, and no text that may be about a person.
Headings that the layout does not know are reported by position and length only.
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
from register.feeds.inbox import list_single_delivery, read_delivery
from register.feeds.inbox_storage import LocalInbox
from register.feeds.layout import Layout, list_layout_columns, load_layout
from register.feeds.layout_parts import CODE_JOINER
from register.feeds.parse_delivery import parse_files
from register.feeds.person_links import PersonLinks, count_person_links
from register.feeds.seeds import read_known_codes
from register.feeds.tables import LandedTable, RawTable
from register.settings import Settings

# This begins a comment of a layout about something that a person must decide.
QUESTION = "# QUESTION:"
# Unmapped texts are shown only if there are at most `MAX_CODES`, and only those that are as short
# and as frequent as codes. All others are only counted, because a misplaced column may contain
# names.
MAX_CODE_LENGTH = 40
MAX_CODES = 20
MIN_CODE_COUNT = 3
NO_CODE = re.compile(r"\d{4}|\d[A-Z]{2}$", re.IGNORECASE)
# A sample without a period gets the current period, in the format of its feed.
SAMPLE_PERIODS = {
    "police_reports": "%Y-%m",
    "authority_extract": "%Y-%m",
    "published_statistics": "%Y",
}


class PeriodError(ValueError):
    """The text is not a period of this feed."""


@dataclass(frozen=True)
class ColumnReport:
    """The report on one field of the contract. `headings` are the file's headings for it.

    `wrong_counts` has the number of flagged values by rule. `unmapped_codes` has the count of each
    value that looks like a code but is not in the code map. `text_count` counts the other values
    that are not in the map.
    """

    field_name: str
    headings: tuple[str, ...]
    missing_headings: tuple[str, ...]
    filled_count: int
    wrong_counts: dict[str, int]
    unmapped_codes: dict[str, int] = field(default_factory=dict)
    text_count: int = 0


@dataclass(frozen=True)
class TableReport:
    """The report on one file of the sample: its records, how many would land, and its fields.

    `unknown_columns` has the position and heading length of each column that the layout does not
    know.
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
    """The report on a sample. It has no tables if the sample would be rejected.

    `holds` are the findings for which a load would hold the sample. `unfilled_tables` are the
    tables of the layout that no file of the sample fills. `links` count
    the records whose person the sample's table of persons does not have, and `unlisted_counts` the
    records that may be missing from a table, by the column whose text the layout does not list.
    `open_question_count` counts the questions in the layout's file that nobody has answered.
    """

    layout_name: str
    feed: str
    rejection: Finding | None
    other_file_count: int
    tables: tuple[TableReport, ...]
    unfilled_tables: tuple[str, ...] = ()
    holds: tuple[Finding, ...] = ()
    links: tuple[PersonLinks, ...] = ()
    unlisted_counts: dict[str, int] = field(default_factory=dict)
    open_question_count: int = 0


def check_layout(
    settings: Settings, layout_path: Path, sample: Path, period: str | None = None
) -> LayoutReport:
    """Read a sample (a file or a folder of files) in the layout of a YAML file, and report on it.

    Raises `LayoutError` if the layout cannot be used, and `PeriodError` for an invalid period.
    """
    layout = load_layout(layout_path.resolve())
    now = datetime.now(UTC)
    text = period or _choose_period(layout.feed, now)
    known_period = parse_period(layout.feed, text)
    if known_period is None:
        raise PeriodError(f"{text} is no period of {layout.feed}")
    sample = sample.resolve()
    folder = sample if sample.is_dir() else sample.parent
    context = replace(
        LandingContext.from_settings(settings, now), inbox=LocalInbox(folder), layout=layout
    )
    raw = read_delivery(context, list_single_delivery(sample, layout.feed, "sample", text))
    report = LayoutReport(
        layout_name=layout.layout_name,
        feed=layout.feed,
        rejection=raw.unread,
        other_file_count=0,
        tables=(),
        open_question_count=layout_path.read_text("utf-8").count(QUESTION),
    )
    if raw.unread:
        return report
    parsed = parse_files(context, raw, known_period)
    tables: list[TableReport] = []
    if parsed.source and not parsed.rejection:
        pairs = zip(parsed.source.tables, parsed.tables, strict=True)
        tables = [_report_table(settings, layout, raw, landed) for raw, landed in pairs]
    filled = {table.table_name for table in tables}
    names = dict.fromkeys(str(part.file.table_name) for part in layout.parts)
    return replace(
        report,
        rejection=parsed.rejection,
        other_file_count=len(parsed.source.unknown_files) if parsed.source else 0,
        tables=tuple(tables),
        unfilled_tables=tuple(name for name in names if tables and name not in filled),
        holds=tuple(parsed.holds),
        links=tuple(count_person_links(layout.feed, parsed.tables)),
        unlisted_counts=dict(
            Counter(
                str(note.column)
                for landed in parsed.tables
                for note in landed.notes
                if note.rule is Rule.UNLISTED_TEXT
            )
        ),
    )


def _choose_period(feed: str, now: datetime) -> str:
    if feed in SAMPLE_PERIODS:
        return now.strftime(SAMPLE_PERIODS[feed])
    first = now.year - (now.month < 4)
    return f"{first}-{(first + 1) % 100:02d}"


def _report_table(
    settings: Settings, layout: Layout, raw: RawTable, landed: LandedTable
) -> TableReport:
    table = load_contracts()[layout.feed].table_by_name[landed.table_name]
    part = raw.part or layout
    present = {heading.casefold() for heading in raw.headings}
    joined = {name for column, _ in raw.joined for name in column.headings}
    layout_columns = list_layout_columns(part, table, "")
    expected = {name for column in layout_columns for name in column.headings}
    expected |= raw.other_headings
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
            _report_column(settings, part, column, present | joined, landed)
            for column in table.properties
        ),
    )


def _report_column(
    settings: Settings, layout: Layout, column: Column, present: set[str], landed: LandedTable
) -> ColumnReport:
    table = load_contracts()[layout.feed].table_by_name[landed.table_name]
    own = layout.all_columns or list_layout_columns(layout, table, "")
    items = [item for item in own if item.field == column.name and item.name]
    values = landed.rows[column.name]
    wrong = Counter(flag.rule.value for flag in landed.flags if flag.column == column.name)
    report = ColumnReport(
        field_name=column.name,
        headings=tuple(item.name for item in items if present.intersection(item.headings)),
        missing_headings=tuple(item.name for item in items if present.isdisjoint(item.headings)),
        filled_count=len(values) - values.null_count,
        wrong_counts=dict(wrong),
    )
    if not column.custom.code_map or not wrong[Rule.UNMAPPED_CODE.value]:
        return report
    mapped = read_known_codes(settings.seeds, layout, column.custom.code_map)
    counted = pc.value_counts(values.drop_null()).to_pylist()
    unmapped = {item["values"]: item["counts"] for item in counted if item["values"] not in mapped}
    codes = _select_codes(layout, unmapped, report.filled_count)
    text_count = sum(unmapped.values()) - sum(codes.values())
    return replace(report, unmapped_codes=codes, text_count=text_count)


def _select_codes(layout: Layout, unmapped: dict[str, int], filled_count: int) -> dict[str, int]:
    """Return the unmapped texts that look like codes with their counts, the most frequent first.

    If there are more than `MAX_CODES` unmapped texts, none is returned.
    """
    if len(unmapped) > MAX_CODES:
        return {}
    is_code_column = 2 * sum(unmapped.values()) <= filled_count
    own = {period.code for dated in layout.dated_codes for period in dated.periods}
    return {
        text: count
        for text, count in sorted(unmapped.items(), key=lambda item: (-item[1], item[0]))
        if (is_code_column or count >= MIN_CODE_COUNT)
        and all(
            len(part) <= MAX_CODE_LENGTH and not NO_CODE.search(part)
            for part in text.split(CODE_JOINER)
            if part not in own
        )
    }
