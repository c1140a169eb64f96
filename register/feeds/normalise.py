"""Conversion of raw tables to landed tables: columns of the contract, nulls, ISO dates, findings.

Values are trimmed and freed of invisible characters, but not corrected. A code that differs from
the code map only in case or spaces is spelled as in the map; all other codes stay as delivered.
Checking values belongs in `register.feeds.checks`, and conforming codes in the dbt project.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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
from register.feeds.contract import Column, Table, load_contracts
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.layout import Layout, list_layout_columns
from register.feeds.layout_parts import CODE_JOINER, DatedCode, LayoutColumn
from register.feeds.numbers import check_numbers, find_repeated_records, find_unusable_columns
from register.feeds.plausibility import NO_RECORDS, find_implausible_dates
from register.feeds.readers import ExpectedHeadings
from register.feeds.seeds import load_tolerances
from register.feeds.tables import (
    LandedTable,
    QuarantinedRecord,
    RawTable,
    build_landed_schema,
    join_texts,
)
from register.feeds.texts import (
    clean_text,
    clean_texts,
    drop_decimals,
    is_total_row,
    pad_digits,
)
from register.feeds.total_rows import find_total_rows

# In a file with fewer rows than this, a column may be empty by chance.
MIN_ROWS_FOR_EMPTY = 20
# The ends of a date that a workbook stores as a date and not as a text.
MIDNIGHTS = ("", " 00:00:00", "T00:00:00")

Mask = npt.NDArray[np.bool_]
# The columns of the layout that fill one field, each with the delivered texts.
Parts = list[tuple[LayoutColumn, pa.Array]]


@dataclass(frozen=True)
class Normaliser:
    """Converter of one delivery's raw tables to landed tables.

    A raw table that was read by a part of a layout is converted by this part.
    """

    delivery_id: str
    period: str
    layout: Layout
    seeds: Path
    received_date: str

    @cached_property
    def _null_texts(self) -> pa.Array:
        """The texts that are read as null; a date also in the form of a workbook's own dates."""
        markers = pa.array(self.layout.null_markers, pa.string())
        forms = (self.layout.date_format, "%Y-%m-%d")
        read = [self.layout.build_date_form(form).parse(markers).drop_null() for form in forms]
        dates = {text[:10] for texts in read for text in texts.to_pylist()}
        moments = [f"{date}{midnight}" for date in sorted(dates) for midnight in MIDNIGHTS]
        return pa.array([*self.layout.null_texts, *moments])

    def normalise(self, raws: Sequence[RawTable], table: Table) -> list[LandedTable]:
        """Return the landed form of each file of a table.

        A file has faults if columns are missing, doubled or swapped, or if most starts of absences
        cannot be read. All other columns of the file are still checked. Numbers and references are
        checked over all files of the table, because a delivery may be split.
        """
        readers = [replace(self, layout=raw.part or self.layout) for raw in raws]
        results = [
            reader._read_fields(raw, table) for reader, raw in zip(readers, raws, strict=True)
        ]
        files = check_numbers(table, [fields for fields, *_ in results])
        repeated = find_repeated_records(table, files)
        return [
            reader._land_rows(raw, table, fields, (unknown, faults), repeats)
            for reader, raw, fields, (_, unknown, faults), repeats in zip(
                readers, raws, files, results, repeated, strict=True
            )
        ]

    def _read_fields(
        self, raw: RawTable, table: Table
    ) -> tuple[dict[str, FieldTexts], list[str], list[Finding]]:
        """Return the checked fields of a file, the places of unknown columns, and column faults."""
        parts_by_field, unknown, faults = _match_columns(raw, table, self.layout, self.period)
        checks = FieldChecks(self.layout, self.seeds)
        fields: dict[str, FieldTexts] = {}
        for name, parts in parts_by_field.items():
            column = table.columns[name]
            texts = self._join_parts(parts)
            if column.custom.number_of:
                texts = drop_decimals(texts)
            fields[name] = checks.check_column(column, self._unify_separators(texts, column))
        for dated in self.layout.dated_codes:
            texts = _add_dated_code(fields.get(dated.field), fields.get(dated.by), dated)
            if texts is not None:
                fields[dated.field] = checks.check_column(table.columns[dated.field], texts)
        faults += [
            *(
                raw.build_finding(Rule.SWAPPED_COLUMNS, raw.heading_line, name)
                for name in find_swapped_columns(table, fields, checks)
            ),
            *(
                raw.build_finding(Rule.UNREADABLE_STARTS, None, name)
                for name in find_unreadable_starts(table, fields)
            ),
        ]
        return fields, unknown, faults

    def _join_parts(self, parts: Parts) -> pa.Array:
        """Return the texts of a field: its parts cleaned, joined, and without null markers."""
        texts = [self._take_side(column, clean_texts(part)) for column, part in parts]
        if len(texts) == 1:
            return texts[0]
        # If the date is missing, keep the time as text, so that the value is flagged and not lost.
        return join_texts(texts, CODE_JOINER if parts[0][0].part == "joined" else " ")

    def _take_side(self, column: LayoutColumn, texts: pa.Array) -> pa.Array:
        """Return the texts before or after the column's mark; whole texts if it has no mark.

        A text that does not contain the mark counts as the part before it. Leading zeros that a
        program has removed are added.
        """
        texts = self._replace_null_markers(texts)
        mark = column.before or column.after
        if mark is None:
            return pad_digits(texts, column.digits)
        place = pc.find_substring(texts, mark)
        pattern = f"(?s)^(?P<before>.*?){re.escape(mark)}(?P<after>.*)$"
        sides = pc.extract_regex(texts, pattern=pattern)
        side = pc.utf8_trim_whitespace(
            pc.struct_field(sides, "before" if column.before else "after")
        )
        unmarked = texts if column.before else pa.scalar(None, pa.string())
        texts = self._replace_null_markers(pc.if_else(pc.less(place, 0), unmarked, side))
        return pad_digits(texts, column.digits)

    def _replace_null_markers(self, texts: pa.Array) -> pa.Array:
        if texts.null_count == len(texts):
            return texts
        is_null = pc.is_in(texts, value_set=self._null_texts)
        if not is_null.true_count:
            return texts
        return pc.if_else(is_null, pa.scalar(None, pa.string()), texts)

    def _unify_separators(self, texts: pa.Array, column: Column) -> pa.Array:
        if not column.custom.is_repeatable or texts.null_count == len(texts):
            return texts
        separator = self.layout.alias_separator
        if separator.strip() != "|":
            texts = pc.replace_substring(texts, "|", " ")
            texts = pc.replace_substring(texts, separator, "|")
        return pc.replace_substring_regex(texts, r"\s*\|\s*", "|")

    def _land_rows(
        self,
        raw: RawTable,
        table: Table,
        fields: dict[str, FieldTexts],
        about_columns: tuple[list[str], list[Finding]],
        repeated: list[tuple[str, int, Rule]],
    ) -> LandedTable:
        """Return a file's landed rows, with its quarantined records, flags and findings.

        Rows of totals, and rows without a required value, are quarantined.
        """
        count = len(raw.row_numbers)
        quarantined = list(raw.quarantined)
        refused = self._quarantine_rows(raw, table, fields, quarantined)
        flags: list[Finding] = []
        further = _list_empty_fields(raw, table, fields, refused)
        for name, position, rule in (
            *((name, *broken) for name, item in fields.items() for broken in item.list_broken()),
            *find_implausible_dates(table, fields, self.received_date),
            *repeated,
        ):
            finding = raw.build_finding(rule, int(raw.row_numbers[position]), name)
            (further if refused[position] else flags).append(finding)
        flags.sort(key=_sort_by_place)
        reasons = {item.finding.line: item.finding for item in quarantined}
        further = [
            item
            for item in further
            if reasons[item.line].rule not in NO_RECORDS
            and item.column != reasons[item.line].column
        ]
        further.sort(key=_sort_by_place)
        rows = self._build_rows(raw, table, fields, count)
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
            faults=[*raw.faults, *about_columns[1]],
            further=further,
            holds=self._find_holds(raw, table, fields, count),
            valid_counts={name: item.valid_count for name, item in fields.items()},
            received_row_count=raw.received_row_count,
            notes=raw.notes,
            heading_line=raw.heading_line,
        )

    def _find_holds(
        self, raw: RawTable, table: Table, fields: dict[str, FieldTexts], count: int
    ) -> list[Finding]:
        """Return the findings about a file's columns for which the delivery is held.

        These columns are broken, are empty but must not be, or have too many unusable numbers.
        """
        faults = [(name, item.column_fault) for name, item in fields.items() if item.column_fault]
        if count >= MIN_ROWS_FOR_EMPTY:
            expected = self._list_filled_columns()
            faults += [
                (name, Rule.EMPTY_COLUMN)
                for name, column in table.columns.items()
                if (name in expected or column.custom.is_never_all_empty)
                and not (name in fields and fields[name].filled_count)
                # A required column that is missing from the file already has its own finding.
                and (name in fields or name not in expected or raw.is_sparse)
            ]
        tolerance = load_tolerances(self.seeds)[Rule.UNUSABLE_NUMBERS]
        faults += [
            (name, Rule.UNUSABLE_NUMBERS)
            for name in find_unusable_columns(table, fields, tolerance)
        ]
        return [raw.build_finding(rule, None, name) for name, rule in faults]

    def _list_filled_columns(self) -> set[str]:
        """Return the columns that the layout expects to have values.

        Contracts of authorities name these columns themselves, because a required column may be
        empty there, such as the end of a placement.
        """
        tables = load_contracts()[self.layout.feed].tables
        if any(column.custom.is_never_all_empty for table in tables for column in table.properties):
            return set()
        return {column.field for column in self.layout.all_columns if column.is_required}

    def _quarantine_rows(
        self,
        raw: RawTable,
        table: Table,
        fields: dict[str, FieldTexts],
        quarantined: list[QuarantinedRecord],
    ) -> Mask:
        """Quarantine rows without a required value and rows of totals; return their mask."""
        refused = np.zeros(len(raw.row_numbers), dtype=np.bool_)
        is_total = find_total_rows(raw, table, fields)
        for column in table.properties:
            if not column.required or column.name not in fields:
                continue
            item = fields[column.name]
            lacks = (item.values.is_null().to_numpy(zero_copy_only=False) | is_total) & ~refused
            for position in np.flatnonzero(lacks):
                place = int(position)
                is_broken = item.is_broken[place]
                rule = item.find_rule(place) if is_broken else Rule.MISSING_REQUIRED_VALUE
                cells = [part[place].as_py() or "" for part in raw.columns]
                if not any(clean_text(cell) for cell in cells):
                    rule = Rule.EMPTY_ROW
                elif is_total[place] or is_total_row(cells):
                    rule = Rule.TOTAL_ROW
                finding = raw.build_finding(rule, int(raw.row_numbers[place]), column.name)
                quarantined.append(QuarantinedRecord(finding, raw.record_text(place)))
            refused |= lacks
        return refused

    def _build_rows(
        self, raw: RawTable, table: Table, fields: dict[str, FieldTexts], count: int
    ) -> pa.Table:
        absent = pa.nulls(count, pa.string())
        arrays = [fields[name].values if name in fields else absent for name in table.columns]
        arrays += [
            pa.repeat(pa.scalar(self.delivery_id), count),
            pa.repeat(pa.scalar(raw.file), count),
            pa.array(raw.row_numbers, pa.int64()),
        ]
        return pa.Table.from_arrays(arrays, schema=build_landed_schema(table))


def _sort_by_place(finding: Finding) -> tuple[int, str]:
    return finding.line or 0, finding.column or ""


def _list_empty_fields(
    raw: RawTable, table: Table, fields: dict[str, FieldTexts], refused: Mask
) -> list[Finding]:
    """Return all empty required fields of the refused records."""
    return [
        raw.build_finding(Rule.MISSING_REQUIRED_VALUE, line, column.name)
        for column in table.properties
        if column.required and column.name in fields
        for line in raw.row_numbers[
            fields[column.name].texts.is_null().to_numpy(zero_copy_only=False) & refused
        ].tolist()
    ]


def _add_dated_code(
    codes: FieldTexts | None, days: FieldTexts | None, dated: DatedCode
) -> pa.Array | None:
    """Return codes with the added part that depends on a date in another field.

    Without dates, the codes are returned unchanged. Without codes, only the dated part is returned.
    If neither field is present, the result is None.
    """
    if days is None:
        return None if codes is None else codes.texts
    period = pa.nulls(len(days.values), pa.string())
    for item in dated.periods:
        # As texts, ISO dates sort in the order of time.
        has_begun = pc.greater_equal(days.values, item.valid_from.isoformat())
        period = pc.if_else(pc.fill_null(has_begun, False), item.code, period)
    return period if codes is None else join_texts([codes.texts, period], CODE_JOINER)


def _match_columns(
    raw: RawTable, table: Table, layout: Layout, period: str
) -> tuple[dict[str, Parts], list[str], list[Finding]]:
    """Return the delivered columns of each field, the places of unknown columns, and faults.

    A fault is a repeated heading, or a missing one that is required. Unknown headings are not
    quoted: in a file without a heading, the first line is a child's record.
    """
    present = [heading.casefold() for heading in raw.headings]
    expected = list_layout_columns(layout, table, period)
    arrays = dict(zip(present, raw.columns, strict=True))
    delivered_parts: Parts = []
    faults: list[Finding] = []
    for column in expected:
        if column.value is not None:
            delivered_parts.append(
                (column, pa.repeat(pa.scalar(column.value), len(raw.row_numbers)))
            )
            continue
        delivered = [heading for heading in present if heading in column.headings]
        delivered_parts += [(column, arrays[heading]) for heading in delivered[:1]]
        if len(delivered) > 1:
            faults.append(raw.build_finding(Rule.DUPLICATE_COLUMN, raw.heading_line, column.name))
        if not delivered and column.is_required and not raw.is_sparse:
            faults.append(
                raw.build_finding(Rule.MISSING_REQUIRED_COLUMN, raw.heading_line, column.name)
            )
    parts_by_field: dict[str, Parts] = {}
    # Keep the layout's order, except that the parts of a date come before its time.
    for column, array in sorted(
        [*delivered_parts, *raw.joined], key=lambda item: item[0].part == "time"
    ):
        parts_by_field.setdefault(column.field, []).append((column, array))
    known = {heading for column in expected for heading in column.headings} | raw.other_headings
    return parts_by_field, list_unknown_columns(raw.headings, known), faults


def list_unknown_columns(headings: Sequence[str], known: Collection[str]) -> list[str]:
    """Return the places of headings that are not known, in lower case, without quoting them."""
    return [
        f"column {place} ({len(heading)} characters)"
        for place, heading in enumerate(headings, start=1)
        if heading and heading.casefold() not in known
    ]


def list_expected_headings(layout: Layout, table: Table, period: str) -> ExpectedHeadings:
    """Return the headings by which a reader recognises a file of this table."""
    columns = [column for column in list_layout_columns(layout, table, period) if column.name]
    keys = [item.key for item in layout.joins] + ([layout.rows.column] if layout.rows else [])
    return ExpectedHeadings(
        known=frozenset(
            [*(name for column in columns for name in column.headings), *map(str.casefold, keys)]
        ),
        required=frozenset(column.name.casefold() for column in columns if column.is_required),
    )
