"""Raw texts to a landed table: canonical columns, nulls, ISO dates, and what is wrong with them.

Values are trimmed and rid of characters that nobody sees, never corrected; a code in another case
than the map's is the map's code, any other stays as delivered. What makes a value wrong is checked
by `register.feeds.checks`; conformed codes belong in the dbt project.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.checks import (
    FieldChecks,
    FieldTexts,
    find_swapped_columns,
    find_unreadable_starts,
)
from register.feeds.contract import Column, Table
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.layout import CODE_JOINER, DatedCode, Layout, LayoutColumn
from register.feeds.numbers import check_numbers, repeated_records, unusable_columns
from register.feeds.plausibility import implausible_dates
from register.feeds.readers import ExpectedHeadings
from register.feeds.seeds import load_tolerances
from register.feeds.tables import (
    LandedTable,
    QuarantinedRecord,
    RawTable,
    joined_texts,
    landed_schema,
)
from register.feeds.texts import is_total_row, visible_text, visible_texts

# A column of fewer rows may be empty by chance.
EMPTY_AT_LEAST = 20

Mask = npt.NDArray[np.bool_]
# What fills a field: columns of the layout with what was delivered in each.
Parts = list[tuple[LayoutColumn, pa.Array]]


@dataclass(frozen=True)
class Normaliser:
    """Turns raw tables of one delivery into landed ones."""

    delivery_id: str
    period: str
    layout: Layout
    seeds: Path
    received_date: str

    def normalise(self, raws: Sequence[RawTable], table: Table) -> list[LandedTable]:
        """The landed form of each file of a table.

        Columns that are missing, doubled or swapped, or of whose starts of absences most cannot be
        read, are its faults; what else is wrong is found in the columns that are there. Numbers and
        references are judged over all files: a delivery may be cut into several.
        """
        read = [self._fields(raw, table) for raw in raws]
        files = check_numbers(table, [fields for fields, *_ in read])
        repeated = repeated_records(table, files)
        return [
            self._split(raw, table, fields, (unknown, faults), again)
            for raw, fields, (_, unknown, faults), again in zip(
                raws, files, read, repeated, strict=True
            )
        ]

    def _fields(
        self, raw: RawTable, table: Table
    ) -> tuple[dict[str, FieldTexts], list[str], list[Finding]]:
        """The fields of a file, checked one by one; unknown headings, and faults of columns."""
        found, unknown, faults = _field_columns(raw, table, self.layout, self.period)
        checks = FieldChecks(self.layout, self.seeds)
        fields: dict[str, FieldTexts] = {}
        for name, parts in found.items():
            column = table.columns[name]
            texts = self._texts(parts)
            fields[name] = checks.check(column, self._prepared(texts, column))
        for dated in self.layout.dated_codes:
            texts = _with_period(fields.get(dated.field), fields.get(dated.by), dated)
            if texts is not None:
                fields[dated.field] = checks.check(table.columns[dated.field], texts)
        faults += [
            *(
                raw.finding(Rule.SWAPPED_COLUMNS, raw.heading_line, name)
                for name in find_swapped_columns(table, fields, checks)
            ),
            *(
                raw.finding(Rule.UNREADABLE_STARTS, None, name)
                for name in find_unreadable_starts(table, fields)
            ),
        ]
        return fields, unknown, faults

    def _texts(self, parts: Parts) -> pa.Array:
        """Trimmed texts, null where they are a null marker; the parts of a field joined."""
        texts = [self._side(column, visible_texts(part)) for column, part in parts]
        if len(texts) == 1:
            return texts[0]
        # A time without its date is kept unchanged, so that it is flagged and not lost.
        return joined_texts(texts, CODE_JOINER if parts[0][0].part == "joined" else " ")

    def _side(self, column: LayoutColumn, texts: pa.Array) -> pa.Array:
        """The side of the column's mark that fills the field; the whole text if it has no mark."""
        texts = self._without_nulls(texts)
        mark = column.before or column.after
        if mark is None:
            return texts
        place = pc.find_substring(texts, mark)
        pattern = f"(?s)^(?P<before>.*?){re.escape(mark)}(?P<after>.*)$"
        sides = pc.extract_regex(texts, pattern=pattern)
        side = pc.utf8_trim_whitespace(
            pc.struct_field(sides, "before" if column.before else "after")
        )
        without = texts if column.before else pa.scalar(None, pa.string())
        return self._without_nulls(pc.if_else(pc.less(place, 0), without, side))

    def _without_nulls(self, texts: pa.Array) -> pa.Array:
        is_null = pc.is_in(texts, value_set=pa.array(self.layout.null_texts))
        if texts.null_count == len(texts) or not pc.any(is_null).as_py():
            return texts
        return pc.if_else(is_null, pa.scalar(None, pa.string()), texts)

    def _prepared(self, texts: pa.Array, column: Column) -> pa.Array:
        if not column.is_repeatable or texts.null_count == len(texts):
            return texts
        separator = self.layout.alias_separator
        if separator.strip() != "|":
            texts = pc.replace_substring(texts, "|", " ")
            texts = pc.replace_substring(texts, separator, "|")
        return pc.replace_substring_regex(texts, r"\s*\|\s*", "|")

    def _split(
        self,
        raw: RawTable,
        table: Table,
        fields: dict[str, FieldTexts],
        about_columns: tuple[list[str], list[Finding]],
        repeated: list[tuple[str, int, Rule]],
    ) -> LandedTable:
        """Separate rows that lack a required value from those that land."""
        count = len(raw.row_numbers)
        quarantined = list(raw.quarantined)
        refused = self._refused(raw, table, fields, quarantined)
        flags = [
            raw.finding(rule, int(raw.row_numbers[position]), name)
            for name, item in fields.items()
            for position, rule in item.broken()
            if not refused[position]
        ]
        flags += [
            raw.finding(rule, int(raw.row_numbers[position]), name)
            for name, position, rule in implausible_dates(table, fields, self.received_date)
            if not refused[position]
        ]
        flags += [
            raw.finding(rule, int(raw.row_numbers[position]), name)
            for name, position, rule in repeated
            if not refused[position]
        ]
        flags.sort(key=lambda flag: (flag.line or 0, flag.column or ""))
        rows = self._rows(raw, table, fields, count)
        if refused.any():
            rows = rows.filter(pa.array(~refused))
        quarantined.sort(key=lambda record: record.finding.line or 0)
        return LandedTable(
            file=raw.file,
            table_name=table.name,
            rows=rows,
            quarantined=quarantined,
            flags=flags,
            unknown_columns=about_columns[0],
            faults=about_columns[1],
            holds=self._holds(raw, table, fields, count),
            valid_counts={name: item.valid_count for name, item in fields.items()},
            received_row_count=raw.received_row_count,
            notes=raw.notes,
            heading_line=raw.heading_line,
        )

    def _holds(
        self, raw: RawTable, table: Table, fields: dict[str, FieldTexts], count: int
    ) -> list[Finding]:
        """Columns that are broken, or empty where the layout or the contract says that none is."""
        found = [(name, item.fault) for name, item in fields.items() if item.fault]
        if count >= EMPTY_AT_LEAST:
            expected = {column.field for column in self.layout.columns if column.is_required}
            found += [
                (name, Rule.EMPTY_COLUMN)
                for name, column in table.columns.items()
                if (name in expected or column.is_never_all_empty)
                and not (name in fields and fields[name].filled_count)
                # One that is missing is told as such.
                and (name in fields or name not in expected or raw.is_sparse)
            ]
        tolerance = load_tolerances(self.seeds)[Rule.UNUSABLE_NUMBERS]
        found += [
            (name, Rule.UNUSABLE_NUMBERS) for name in unusable_columns(table, fields, tolerance)
        ]
        return [raw.finding(rule, None, name) for name, rule in found]

    def _refused(
        self,
        raw: RawTable,
        table: Table,
        fields: dict[str, FieldTexts],
        quarantined: list[QuarantinedRecord],
    ) -> Mask:
        """Which rows lack a required value; the first reason of each is put in `quarantined`."""
        refused = np.zeros(len(raw.row_numbers), dtype=np.bool_)
        for column in table.properties:
            if not column.required or column.name not in fields:
                continue
            item = fields[column.name]
            lacks = item.values.is_null().to_numpy(zero_copy_only=False) & ~refused
            for position in np.flatnonzero(lacks):
                is_broken = item.is_broken[position]
                place = int(position)
                rule = item.rule_at(place) if is_broken else Rule.MISSING_REQUIRED_VALUE
                cells = [part[place].as_py() or "" for part in raw.columns]
                if not any(visible_text(cell) for cell in cells):
                    rule = Rule.EMPTY_ROW
                elif is_total_row(cells):
                    rule = Rule.TOTAL_ROW
                finding = raw.finding(rule, int(raw.row_numbers[position]), column.name)
                record = QuarantinedRecord(finding, raw.record_text(int(position)))
                quarantined.append(record)
            refused |= lacks
        return refused

    def _rows(
        self, raw: RawTable, table: Table, fields: dict[str, FieldTexts], count: int
    ) -> pa.Table:
        absent = pa.nulls(count, pa.string())
        arrays = [fields[name].values if name in fields else absent for name in table.columns]
        arrays += [
            pa.repeat(pa.scalar(self.delivery_id), count),
            pa.repeat(pa.scalar(raw.file), count),
            pa.array(raw.row_numbers, pa.int64()),
        ]
        return pa.Table.from_arrays(arrays, schema=landed_schema(table))


def _with_period(
    codes: FieldTexts | None, days: FieldTexts | None, dated: DatedCode
) -> pa.Array | None:
    """Codes with that of the period of the other field's date; none where neither is delivered."""
    if days is None:
        return None if codes is None else codes.texts
    period = pa.nulls(len(days.values), pa.string())
    for item in dated.periods:
        # ISO texts compare as the dates do.
        has_begun = pc.greater_equal(days.values, item.valid_from.isoformat())
        period = pc.if_else(pc.fill_null(has_begun, False), item.code, period)
    return period if codes is None else joined_texts([codes.texts, period], CODE_JOINER)


def _field_columns(
    raw: RawTable, table: Table, layout: Layout, period: str
) -> tuple[dict[str, Parts], list[str], list[Finding]]:
    """The columns of each field that the file has, in order, where unknown ones are, and faults.

    A fault is a heading that occurs twice or a required one that is missing. No unknown heading is
    quoted: it may be a record of a child.
    """
    present = [heading.casefold() for heading in raw.headings]
    expected = _expected_columns(layout, table, period)
    faults: list[Finding] = []
    for column in expected:
        times = present.count(column.name.casefold())
        if times > 1:
            faults.append(raw.finding(Rule.DUPLICATE_COLUMN, raw.heading_line, column.name))
        if times == 0 and column.is_required and not raw.is_sparse:
            faults.append(raw.finding(Rule.MISSING_REQUIRED_COLUMN, raw.heading_line, column.name))
    arrays = dict(zip(present, raw.columns, strict=True))
    found: dict[str, Parts] = {}
    # In the order of the layout, a date before its time.
    for column in sorted(expected, key=lambda item: item.part == "time"):
        if column.name.casefold() in arrays:
            found.setdefault(column.field, []).append((column, arrays[column.name.casefold()]))
    known = {column.name.casefold() for column in expected}
    unknown = [
        f"column {place} ({len(heading)} characters)"
        for place, heading in enumerate(raw.headings, start=1)
        if heading and heading.casefold() not in known
    ]
    return found, unknown, faults


def expected_headings(layout: Layout, table: Table, period: str) -> ExpectedHeadings:
    """The headings by which a reader knows a file of the table."""
    columns = _expected_columns(layout, table, period)
    return ExpectedHeadings(
        known=frozenset(column.name.casefold() for column in columns),
        required=frozenset(column.name.casefold() for column in columns if column.is_required),
    )


def _expected_columns(layout: Layout, table: Table, period: str) -> list[LayoutColumn]:
    """The headings that a file may have, and which of them it must have."""
    if layout.columns:
        return list(layout.columns)
    return [
        LayoutColumn(name=name, field=name, is_required=column.must_be_there(period))
        for name, column in table.columns.items()
    ]
