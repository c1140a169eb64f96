"""Reading of a delivery's files by a layout: which file, sheet or row belongs to which table.

A record is a line of a table's file, or a line of a joined file that fits no record. A line that
fills two tables is a record of each. A line that belongs to no table is a record of the first table
of its file, and is quarantined there. So each line is received once for each table that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.contract import Contract
from register.feeds.delivery import LandingContext, SourceFile
from register.feeds.delivery_rules import Finding, Rejection, Rule
from register.feeds.layout import Layout, load_named_layout
from register.feeds.layout_parts import FileForm, JoinedFile, LayoutColumn, RowSelection
from register.feeds.normalise import list_expected_headings, list_unknown_columns
from register.feeds.readers import (
    TEXTS,
    WORKBOOKS,
    ExpectedHeadings,
    read_delimited,
    read_workbook,
    refuse_other_forms,
)
from register.feeds.tables import QuarantinedRecord, RawTable
from register.feeds.texts import clean_text, clean_texts, pad_digits

Content = TypeVar("Content")
Mask = npt.NDArray[np.bool_]
IntegerArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DeliveryReader:
    """Reader of one delivery's files. It collects the faults of files that cannot be read."""

    contract: Contract
    period: str
    context: LandingContext
    faults: list[Rejection]

    def read_files(
        self, read: Callable[[SourceFile], Content], files: Iterable[SourceFile]
    ) -> dict[SourceFile, Content]:
        """Return the content of each readable file, and add the faults of all other files."""
        contents = {}
        for file in files:
            try:
                contents[file] = read(file)
            except Rejection as rejection:
                self.faults.append(rejection)
        return contents

    def load_layout(self, name: str) -> Layout:
        """Return the layout with this name, or the one layout that is set for all deliveries."""
        return self.context.layout or load_named_layout(name, self.context.layouts)

    def read_tables(
        self, layout: Layout, files_by_part: Iterable[tuple[Layout, list[SourceFile]]]
    ) -> list[RawTable]:
        """Read the tables of a layout, given its parts with the files of each."""
        raws: list[RawTable] = []
        for part, files in files_by_part:
            read = partial(self._read_table, part=part, sheets=layout.sheet_names)
            raws += self.read_files(read, files).values()
        return raws

    def read_named_tables(
        self, layout: Layout, by_table: dict[str, list[SourceFile]]
    ) -> list[RawTable]:
        """Read the tables of a layout, given the files of each table."""
        parts = {str(part.file.table_name): part for part in layout.parts}
        return self.read_tables(layout, ((parts[name], own) for name, own in by_table.items()))

    def read_described_tables(
        self, layout: Layout, files: list[SourceFile]
    ) -> tuple[list[RawTable], list[SourceFile]]:
        """Read the tables of a layout with names of files, and return all other files too.

        Raises `Rejection` if the layout has one file and there is none.
        """
        files_by_part = self._assign_files(layout, files)
        raws = self._share_lines(self.read_tables(layout, files_by_part))
        used = {file.path for _, own in files_by_part for file in own}
        main_files = {raw.file for raw in raws}
        lines: list[_JoinedLines] = []
        joins = [(owner, item) for owner in layout.parts for item in owner.joins]
        for part, item in joins:
            own = [file for file in files if _has_pattern(file, item.file)]
            used |= {file.path for file in own}
            read = partial(self._read_lines, part=part, item=item, sheets=layout.sheet_names)
            added = list(self.read_files(read, own).values())
            raws = self._join_files(raws, part, item, added)
            lines += added
            for fault in (fault for each in added for fault in each.raw.faults):
                place = (fault.file, fault.line, fault.column, fault.table)
                self.faults.append(Rejection(fault.rule, *place))
        unjoined = [raw for raw in _collect_unjoined(lines) if raw.file not in main_files]
        other = [file for file in files if file.path not in used]
        return _report_sheets_once([*raws, *unjoined]), other

    def _read_table(self, file: SourceFile, part: Layout, sheets: frozenset[str]) -> RawTable:
        table = self.contract.table_by_name[str(part.file.table_name)]
        expected = list_expected_headings(part, table, self.period)
        return self._read_form(
            file, part.file, part, expected.for_one_sheet(sheets, part.file.sheet_name)
        )

    def _read_lines(
        self, file: SourceFile, part: Layout, item: JoinedFile, sheets: frozenset[str]
    ) -> _JoinedLines:
        required = (column.name.casefold() for column in item.columns if column.is_required)
        expected = ExpectedHeadings(item.headings, frozenset(required))
        expected = expected.for_one_sheet(sheets, item.file.sheet_name)
        return _JoinedLines(self._read_form(file, item.file, part, expected), item)

    def _read_form(
        self, file: SourceFile, form: FileForm, part: Layout, expected: ExpectedHeadings
    ) -> RawTable:
        table_name, limits = str(part.file.table_name), self.context.limits
        with add_expected_layout(part):
            if form.form == "xlsx":
                raw = read_workbook(file, form, table_name, expected, limits)
            else:
                raw = read_delimited(file, form, table_name, part.null_texts, expected, limits)
        return replace(raw, part=part, headings=expected.number_repeats(raw.headings))

    def _assign_files(
        self, layout: Layout, files: list[SourceFile]
    ) -> list[tuple[Layout, list[SourceFile]]]:
        """Return the files of each part, and add a fault for each required file that is missing.

        A file that fits different patterns of one table is read by the first of them.
        """
        if len(layout.parts) == 1 and not layout.parts[0].joins:
            with add_expected_layout(layout):
                return [(layout.parts[0], _select_files(layout.parts[0], files))]
        files_by_part: list[tuple[Layout, list[SourceFile]]] = []
        patterns: dict[tuple[str | None, str | None, str], str] = {}
        for part in layout.parts:
            form = part.file
            own = []
            for file in (file for file in files if _has_pattern(file, form)):
                place = (form.table_name, form.sheet_name, file.path)
                if patterns.setdefault(place, form.file_pattern) == form.file_pattern:
                    own.append(file)
            files_by_part.append((part, own))
        filled = {part.file.table_name for part, own in files_by_part if own}
        for part, own in files_by_part:
            table = self.contract.table_by_name[str(part.file.table_name)]
            is_missing = table.name not in filled and not table.custom.is_file_optional
            forms = [part.file] if is_missing else [item.file for item in part.joins if own]
            for form in forms:
                if not any(_has_pattern(file, form) for file in files):
                    fault = Rejection(Rule.MISSING_FILE, form.file_pattern, table=table.name)
                    fault.layout = layout
                    self.faults.append(fault)
        return files_by_part

    def _share_lines(self, raws: list[RawTable]) -> list[RawTable]:
        """Return the tables with their own rows only.

        Of the tables that read one file, only the first has the file's notes, the lines that cannot
        be read, and the lines that belong to no table.
        """
        masks = [self._find_own_rows(raw) for raw in raws]
        by_file: dict[str, list[int]] = {}
        for place, raw in enumerate(raws):
            if masks[place] is not None:
                by_file.setdefault(raw.file, []).append(place)
        shared = []
        for place, (raw, mask) in enumerate(zip(raws, masks, strict=True)):
            if mask is None:
                continue
            places = by_file[raw.file]
            numbers = [raws[other].row_numbers[masks[other]] for other in places]
            headings = frozenset(text for other in places for text in _list_headings(raws[other]))
            table = raw if mask.all() else select_rows(raw, mask)
            if place == places[0]:
                unowned = ~np.isin(raw.row_numbers, np.concatenate(numbers))
                more = _quarantine(raw, unowned, Rule.UNKNOWN_RECORD_TYPE)
                owned = raw.row_numbers[~unowned]
                unlisted = _find_unlisted_texts([raws[other] for other in places], owned)
                quarantined, notes = [*raw.quarantined, *more], [*raw.notes, *unlisted]
                table = replace(table, quarantined=quarantined, notes=notes)
            else:
                table = replace(table, quarantined=[], notes=[])
            shared.append(replace(table, other_headings=headings))
        return shared

    def _find_own_rows(self, raw: RawTable) -> Mask | None:
        """Return a mask of the rows that belong to a table; None if the file cannot be divided."""
        rows = raw.part.rows if raw.part else None
        try:
            return _select_lines(raw, rows)
        except Rejection as rejection:
            self.faults.append(rejection)
            return None

    def _join_files(
        self,
        raws: list[RawTable],
        part: Layout,
        item: JoinedFile,
        lines: Sequence[_JoinedLines],
    ) -> list[RawTable]:
        """Return the tables, those of a part with the columns of joined files."""
        joined = []
        for raw in raws:
            try:
                is_own = raw.part is part and bool(lines)
                joined.append(_join_lines(raw, item, lines) if is_own else raw)
            except Rejection as rejection:
                self.faults.append(rejection)
        return joined


@contextmanager
def add_expected_layout(layout: Layout) -> Iterator[None]:
    """Add the expected layout to a rejection that the block raises; feedback uses this layout."""
    try:
        yield
    except Rejection as rejection:
        rejection.layout = layout
        raise


def _report_sheets_once(raws: Sequence[RawTable]) -> list[RawTable]:
    """Return the tables with one note about each unknown sheet of a workbook."""
    reported: set[str | None] = set()
    results = []
    for raw in raws:
        sheets = {note.file for note in raw.notes if note.rule is Rule.UNKNOWN_SHEET}
        notes = [
            note
            for note in raw.notes
            if note.rule is not Rule.UNKNOWN_SHEET or note.file not in reported
        ]
        results.append(replace(raw, notes=notes))
        reported |= sheets
    return results


def _select_lines(raw: RawTable, rows: RowSelection | None) -> Mask:
    """Return a mask of a file's selected lines. Raises `Rejection` if the column is missing."""
    if rows is None:
        return np.ones(len(raw.row_numbers), dtype=np.bool_)
    texts = _read_selecting_texts(raw, rows)
    values = {clean_text(value).casefold() for value in rows.values}
    return np.array([text in values if values else bool(text) for text in texts], dtype=np.bool_)


def _read_selecting_texts(raw: RawTable, rows: RowSelection) -> list[str]:
    """Return the texts by which lines are selected, in lower case; a null marker is empty."""
    column = LayoutColumn(name=rows.column, field=rows.column)
    nulls = raw.part.null_texts if raw.part else ()
    return [
        "" if text is None or text in nulls else text.casefold()
        for text in clean_texts(_find_column(raw, column)).to_pylist()
    ]


def _find_unlisted_texts(raws: Sequence[RawTable], owned: IntegerArray) -> Iterator[Finding]:
    """Yield a finding for each record that may be missing from a table of its file.

    The tables are those of one file, and `owned` has the numbers of the rows that one of them has.
    A row may be missing from a table if the text that selects the table is listed for none.
    """
    listed: dict[str, frozenset[str]] = {}
    chosen = [(raw, raw.part.rows) for raw in raws if raw.part and raw.part.rows]
    for _, rows in chosen:
        name = rows.column.casefold()
        listed[name] = listed.get(name, frozenset()) | rows.listed_texts
    for raw, rows in chosen:
        texts = listed.pop(rows.column.casefold(), None)
        if texts is None or not all(other.values for _, other in chosen):
            continue
        for number, text in zip(raw.row_numbers, _read_selecting_texts(raw, rows), strict=True):
            if text not in texts and number in owned:
                yield raw.build_finding(Rule.UNLISTED_TEXT, int(number), rows.column)


def _select_files(part: Layout, files: list[SourceFile]) -> list[SourceFile]:
    """Return the files that a layout with one file can read.

    Raises `Rejection` if there is no file to read.
    """
    own = [file for file in files if _has_pattern(file, part.file)]
    if not own:
        # Try all files with a suitable suffix; their headings show whether they contain the table.
        same = WORKBOOKS if part.file.form == "xlsx" else TEXTS
        own = [file for file in files if file.suffix in same]
    if not own:
        refuse_other_forms(files, is_text_expected=part.file.form == "csv")
        raise Rejection(Rule.MISSING_FILE)
    return own


def _has_pattern(file: SourceFile, form: FileForm) -> bool:
    return fnmatch(file.name.lower(), form.file_pattern.lower())


class _JoinedLines:
    """The lines of a joined file by key, and which of them were joined to a record.

    Raises `Rejection` if a column is missing. Of selected lines with the same key, the first is
    joined.
    """

    def __init__(self, raw: RawTable, item: JoinedFile) -> None:
        self.raw = raw
        self.item = item
        self._used: set[int] = set()
        self._columns = [(column, _find_column(raw, column)) for column in item.columns]
        key = LayoutColumn(name=item.other_key or item.key, field=item.key)
        keys = pad_digits(clean_texts(_find_column(raw, key)), item.digits).to_pylist()
        is_own = _select_lines(raw, item.rows)
        self._places = {
            key: place for place, key in reversed(list(enumerate(keys))) if key and is_own[place]
        }

    def find_places(self, keys: Sequence[str | None]) -> list[int | None]:
        """Return the position of the line with each key, or None."""
        places = [self._places.get(key) if key else None for key in keys]
        self._used.update(place for place in places if place is not None)
        return places

    def take_columns(self, places: pa.Array) -> list[tuple[LayoutColumn, pa.Array]]:
        """Return the columns with the lines at these positions; null where there is none."""
        return [(column, array.take(places)) for column, array in self._columns]

    @property
    def used_numbers(self) -> IntegerArray:
        """The numbers of the lines that were joined."""
        return self.raw.row_numbers[sorted(self._used)]


def _collect_unjoined(lines: Sequence[_JoinedLines]) -> Iterator[RawTable]:
    """Yield each joined file as a table without rows, in which lines that fit none are quarantined.

    All other lines are part of the records of another file.
    """
    by_file: dict[str, list[_JoinedLines]] = {}
    for each in lines:
        by_file.setdefault(each.raw.file, []).append(each)
    for group in by_file.values():
        raw = group[0].raw
        known = {name for each in group for name in each.item.headings}
        used = np.concatenate([each.used_numbers for each in group])
        unjoined = ~np.isin(raw.row_numbers, used)
        yield replace(
            select_rows(raw, np.zeros(len(unjoined), dtype=np.bool_)),
            headings=[],
            columns=[],
            quarantined=[*raw.quarantined, *_quarantine(raw, unjoined, Rule.UNJOINED_LINE)],
            is_sparse=True,
            notes=[
                raw.build_finding(Rule.UNKNOWN_COLUMN, raw.heading_line, name)
                for name in list_unknown_columns(raw.headings, known)
            ],
            faults=[],
            joined_row_count=int((~unjoined).sum()),
        )


def _join_lines(raw: RawTable, item: JoinedFile, lines: Sequence[_JoinedLines]) -> RawTable:
    """Return a table with the columns of joined files. Raises `Rejection` if the key is missing."""
    column = LayoutColumn(name=item.key, field=item.key)
    keys = pad_digits(clean_texts(_find_column(raw, column)), item.digits).to_pylist()
    joined: list[tuple[LayoutColumn, pa.Array]] = []
    open_keys: list[str | None] = list(keys)
    for each in lines:
        places = each.find_places(open_keys)
        open_keys = [
            None if place is not None else key for key, place in zip(open_keys, places, strict=True)
        ]
        columns = each.take_columns(pa.array(places, pa.int64()))
        joined = [
            (column, pc.coalesce(array, added))
            for (column, array), (_, added) in zip(joined or columns, columns, strict=True)
        ]
    return replace(raw, joined=[*raw.joined, *joined])


def _find_column(raw: RawTable, column: LayoutColumn) -> pa.Array:
    """Return a column of a file by its heading.

    An optional column that is missing is null. Raises `Rejection` if a required one is missing, or
    if the heading occurs twice.
    """
    headings = [heading.casefold() for heading in raw.headings]
    places = [place for place, heading in enumerate(headings) if heading in column.headings]
    if len(places) == 1:
        return raw.columns[places[0]]
    rule = Rule.DUPLICATE_COLUMN if places else Rule.MISSING_REQUIRED_COLUMN
    if places or column.is_required:
        raise Rejection(rule, raw.file, raw.heading_line, column.name, raw.table_name)
    return pa.nulls(len(raw.row_numbers), pa.string())


def select_rows(raw: RawTable, mask: Mask) -> RawTable:
    """Return a table with some of its rows. Lines that are no records stay quarantined."""
    places = np.flatnonzero(mask)
    keep = pa.array(mask)
    return replace(
        raw,
        columns=[column.filter(keep) for column in raw.columns],
        row_numbers=raw.row_numbers[mask],
        record_text=lambda position: raw.record_text(int(places[position])),
    )


def _quarantine(raw: RawTable, mask: Mask, rule: Rule) -> Iterator[QuarantinedRecord]:
    for place in np.flatnonzero(mask):
        finding = raw.build_finding(rule, int(raw.row_numbers[place]))
        yield QuarantinedRecord(finding, raw.record_text(int(place)))


def _list_headings(raw: RawTable) -> Iterator[str]:
    """Yield the headings in lower case that a table's part of the layout reads from its file."""
    part = raw.part
    if part is not None:
        yield from (name for column in part.columns for name in column.headings)
        yield from (item.key.casefold() for item in part.joins)
        yield from ([part.rows.column.casefold()] if part.rows else [])
