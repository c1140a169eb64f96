"""Parse: a delivery's bytes to landed tables, in memory; nothing is written here.

Which file is which table, in which layout, by feed: how feeds differ in files is described here
alone. Every fault of the supplier's ends as a rejection or a finding. What is in the rows belongs
in `register.feeds.normalise`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from typing import TypeVar

from register.feeds.assignments import police_layout
from register.feeds.contract import Contract, load_contracts
from register.feeds.dates import Period
from register.feeds.delivery import (
    KeptCount,
    LandingContext,
    ParsedDelivery,
    RawDelivery,
    SourceFile,
    SourceForm,
    SourceTables,
)
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.file_names import FileNames
from register.feeds.layout import Layout, extract_layout, layout_named
from register.feeds.normalise import Normaliser, expected_headings
from register.feeds.plausibility import many_quarantined, outside_period
from register.feeds.readers import (
    TEXTS,
    WORKBOOKS,
    ExpectedHeadings,
    is_archive,
    read_delimited,
    read_return_xml,
    read_workbook,
    refuse_other_forms,
    unpack,
    with_measure_and_value,
)
from register.feeds.return_files import sort_return_files
from register.feeds.seeds import is_known_supplier
from register.feeds.tables import LandedTable, RawTable
from register.variables import DeliveryLimits

Read = TypeVar("Read")
VERSION_TABLE = "ssd_version"


@dataclass(frozen=True)
class Reading:
    """What reading a delivery's files depends on besides them."""

    contract: Contract
    period: str
    context: LandingContext
    faults: list[Rejection]

    def attempt(self, read: Callable[[SourceFile], Read], file: SourceFile) -> Read | None:
        """What a file gives; none if it cannot be read, which the others need not wait for."""
        try:
            return read(file)
        except Rejection as rejection:
            self.faults.append(rejection)
            return None

    @property
    def limits(self) -> DeliveryLimits:
        """How large the delivery may be."""
        return self.context.limits

    def layout_named(self, name: str) -> Layout:
        """The layout by which every delivery is read, if there is one, else that of a name."""
        return self.context.layout or layout_named(name, self.context.layouts)

    def expected(self, layout: Layout, table_name: str) -> ExpectedHeadings:
        """The headings by which a table of the layout is known."""
        return expected_headings(layout, self.contract.table_by_name[table_name], self.period)

    def delimited(self, file: SourceFile, layout: Layout, table_name: str) -> RawTable:
        """A table from a delimited file."""
        expected = self.expected(layout, table_name)
        null_texts = layout.null_texts
        with _expecting(layout):
            return read_delimited(file, layout.file, table_name, null_texts, expected, self.limits)

    def delimited_tables(
        self, by_table: dict[str, list[SourceFile]], layout: Layout
    ) -> list[RawTable]:
        """Every table of a layout from its files."""
        read = [
            self.attempt(partial(self.delimited, layout=layout, table_name=name), file)
            for name, files in by_table.items()
            for file in files
        ]
        return [table for table in read if table is not None]


class RowsLostError(RuntimeError):
    """Records went missing between reading and landing: a fault of ours, never of a supplier."""


def parse_delivery(context: LandingContext, raw: RawDelivery) -> ParsedDelivery:
    """Read and normalise a delivery; raises `RowsLostError` if records do not add up."""
    try:
        period = _check_identity(context, raw)
    except Rejection as rejection:
        names = {file.path: file.delivered_path for file in raw.files}
        return ParsedDelivery(rejection.finding, None, file_names=names)
    return parse_files(context, raw, period)


def parse_files(context: LandingContext, raw: RawDelivery, period: Period) -> ParsedDelivery:
    """Read and normalise the files of a delivery, whoever sent it.

    A delivery that is rejected is read to its end: its supplier hears of everything at once.
    """
    source = None
    tables: list[LandedTable] = []
    faults: list[Rejection] = []
    names = {file.path: file.delivered_path for file in raw.files}
    try:
        files = _open_archives(context, raw)
        names |= {file.path: file.delivered_path for file in files}
        source = _read_tables(context, raw, period, (files, faults))
        tables = _normalise_tables(context, raw, source)
        if not faults and not any(table.faults for table in tables):
            _require_landed(tables)
    except Rejection as rejection:
        faults.append(rejection)
    outside = outside_period(raw.item.feed, period, tables)
    holds = [*outside, *(hold for table in tables for hold in table.holds)]
    rejections = [fault.finding for fault in faults]
    rejections += [fault for table in tables for fault in table.faults]
    if not rejections:
        holds += many_quarantined(tables, context.quarantine_share)
        return ParsedDelivery(None, source, tables, names, holds=holds)
    layout = source.layout if source else next((f.layout for f in faults if f.layout), None)
    found = ParsedDelivery(None, source, tables, holds=holds)
    more = [*rejections[1:], *found.findings()]
    return ParsedDelivery(rejections[0], source, file_names=names, layout=layout, more=more)


@contextmanager
def _expecting(layout: Layout) -> Iterator[None]:
    """Give a rejection the layout that the file should have had, so that its form can be told."""
    try:
        yield
    except Rejection as rejection:
        rejection.layout = layout
        raise


def _check_identity(context: LandingContext, raw: RawDelivery) -> Period:
    """The delivery's period; raises `Rejection` for a feed, period or supplier that cannot be."""
    item, period = raw.item, raw.period
    if item.feed not in load_contracts():
        raise Rejection(Rule.UNKNOWN_FEED)
    if period is None:
        raise Rejection(Rule.MALFORMED_PERIOD)
    if period.start > context.now.date():
        raise Rejection(Rule.FUTURE_PERIOD)
    supplier = (item.feed, item.supplier_code)
    if not is_known_supplier(context.seeds, *supplier, period.start, period.end):
        raise Rejection(Rule.UNKNOWN_SUPPLIER)
    return period


def _open_archives(context: LandingContext, raw: RawDelivery) -> list[SourceFile]:
    """The delivery's files, with those of an archive in its place.

    Raises `Rejection` for an archive that is not opened, or if all is more than is allowed.
    """
    item = raw.item
    password = context.zip_passwords.get(item.supplier_code)
    names = FileNames.of(item.feed, item.supplier_code, item.period)
    opened: list[SourceFile] = []
    for file in raw.files:
        is_packed = is_archive(file)
        opened += unpack(file, password, context.limits, names.told) if is_packed else [file]
        if sum(len(each.data) for each in opened) > context.limits.delivery_bytes:
            raise Rejection(Rule.ZIP_BOMB if is_packed else Rule.TOO_LARGE, file.path)
    return opened


def _read_tables(
    context: LandingContext,
    raw: RawDelivery,
    period: Period,
    found: tuple[list[SourceFile], list[Rejection]],
) -> SourceTables:
    """The raw tables of the files that can be read; why others cannot be is added to the faults.

    Raises `Rejection` for a delivery of which no file can be read.
    """
    files, faults = found
    feed = raw.item.feed
    contract = load_contracts()[feed]
    reading = Reading(contract, raw.item.period, context, faults)
    if feed == "police_reports":
        source = _read_police(reading, raw.item.supplier_code, period, files)
    elif feed == "authority_extract":
        source = _read_extract(reading, files)
    elif feed == "authority_return":
        source = _read_return(reading, files)
    else:
        source = _read_statistics(reading, files)
    _require_rows(contract, source, faults)
    return source


def _normalise_tables(
    context: LandingContext, raw: RawDelivery, source: SourceTables
) -> list[LandedTable]:
    tables = load_contracts()[raw.item.feed].table_by_name
    received_date = raw.item.received_at(context.now, context.not_before)[:10]
    normaliser = Normaliser(
        raw.delivery_id, raw.item.period, source.layout, context.seeds, received_date
    )
    by_table = {
        name: [table for table in source.tables if table.table_name == name]
        for name in dict.fromkeys(table.table_name for table in source.tables)
    }
    landed = [
        table
        for name, files in by_table.items()
        for table in normaliser.normalise(files, tables[name])
    ]
    for table in landed:
        if table.received_row_count != table.rows.num_rows + len(table.quarantined):
            raise RowsLostError(f"{raw.delivery_id}: {table.file}: records do not add up")
    return landed


def _require_landed(landed: list[LandedTable]) -> None:
    """Raise `Rejection` if nothing lands: it must not take the place of an earlier delivery."""
    refused = [record.finding for table in landed for record in table.quarantined]
    if refused and not any(table.rows.num_rows for table in landed):
        first = refused[0]
        raise Rejection(Rule.NOTHING_LANDED, first.file, first.line, first.column, first.table)


def _read_police(
    reading: Reading, supplier_code: str, period: Period, files: list[SourceFile]
) -> SourceTables:
    context = reading.context
    layout = context.layout or police_layout(supplier_code, period.start, context.layouts)
    if layout is None:
        raise Rejection(Rule.NO_LAYOUT)
    table_name = str(layout.file.table_name)
    with _expecting(layout):
        own, other = _files_of(layout, files)
    if layout.file.form == "xlsx":
        expected = reading.expected(layout, table_name)
        with _expecting(layout):
            read = partial(
                read_workbook,
                form=layout.file,
                table_name=table_name,
                expected=expected,
                limits=reading.limits,
            )
            found = [reading.attempt(read, file) for file in own]
        tables = [table for table in found if table is not None]
        for fault in reading.faults:
            fault.layout = layout
    else:
        tables = reading.delimited_tables({table_name: own}, layout)
    return SourceTables(layout, tables, layout.file.form, None, other)


def _read_extract(reading: Reading, files: list[SourceFile]) -> SourceTables:
    by_table, other = _by_table(files, reading.contract, lambda file: file.stem)
    _require_files(reading, by_table, other)
    # How the version file is read does not depend on the case system: it has no date to parse.
    if VERSION_TABLE not in by_table:
        # Without it the form of the others is not known.
        raise reading.faults.pop()
    version_file = by_table[VERSION_TABLE][0]
    version = reading.delimited(version_file, reading.layout_named("liquidlogic"), VERSION_TABLE)
    case_system = version.first_value("case_system") or ""
    context = reading.context
    layout = context.layout or extract_layout(case_system, context.layouts)
    if layout is None:
        raise Rejection(Rule.NO_LAYOUT, version.file, 2, "case_system")
    tables = reading.delimited_tables(by_table, layout)
    return SourceTables(layout, tables, "csv", (*layout.case_systems, None)[0], other)


def _read_return(reading: Reading, files: list[SourceFile]) -> SourceTables:
    layout, contract = reading.layout_named("ssda903"), reading.contract
    found = sort_return_files(files, contract)
    limit = reading.limits.xml_elements
    read_document = partial(read_return_xml, contract=contract, elements_at_most=limit)
    read = {file: reading.attempt(read_document, file) for file in found.documents}
    documents = {file: document for file, document in read.items() if document is not None}
    if found.by_table:
        # An XML file of something else takes no CSV module's place.
        found.other += [file for file, read in documents.items() if not read.has_records]
        documents = {file: read for file, read in documents.items() if read.has_records}
    if not documents and not found.documents:
        _require_files(reading, found.by_table, found.other)
    in_xml = [table for read in documents.values() for table in read.tables]
    in_csv = reading.delimited_tables(found.by_table, layout)
    filled = {table.table_name for table in in_xml if table.received_row_count}
    for table in in_csv:
        if table.received_row_count and table.table_name in filled:
            fault = Rejection(Rule.MODULE_IN_TWO_FORMS, table.file, table=table.table_name)
            reading.faults.append(fault)
    # A module that one file has not is no empty module, where another file has it.
    elsewhere = {table.table_name for table in in_csv} | filled
    in_xml = [t for t in in_xml if t.received_row_count or t.table_name not in elsewhere]
    counted = [
        KeptCount(module_name=name, file_name=file.path, row_count=count)
        for file, read in documents.items()
        for name, count in sorted(read.kept_counts.items())
    ]
    form: SourceForm = "mixed" if in_xml and in_csv else "xml" if in_xml else "csv"
    kept = (*found.kept, *counted)
    return SourceTables(layout, [*in_xml, *in_csv], form, None, found.other, kept)


def _read_statistics(reading: Reading, files: list[SourceFile]) -> SourceTables:
    layout = reading.layout_named("explore_education_statistics")
    table_name = str(layout.file.table_name)
    own, other = _files_of(layout, files)
    table = reading.contract.table_by_name[table_name]

    def read(file: SourceFile) -> RawTable:
        return with_measure_and_value(reading.delimited(file, layout, table_name), table)

    found = [reading.attempt(read, file) for file in own]
    tables = [table for table in found if table is not None]
    return SourceTables(layout, tables, "csv", None, other)


def _require_rows(contract: Contract, source: SourceTables, faults: list[Rejection]) -> None:
    """A file without a record is refused, unless its table may be empty ("none")."""
    for raw in source.tables:
        may_be_empty = contract.table_by_name[raw.table_name].may_be_empty
        if raw.received_row_count == 0 and not may_be_empty:
            faults.append(Rejection(Rule.HEADER_ONLY, raw.file, table=raw.table_name))
    if not faults and not any(raw.received_row_count for raw in source.tables):
        raise Rejection(Rule.HEADER_ONLY, source.tables[0].file)


def _files_of(layout: Layout, files: list[SourceFile]) -> tuple[list[SourceFile], list[SourceFile]]:
    """The files of a layout of one table, and the others; raises `Rejection` if it has none."""
    pattern = layout.file.file_pattern.lower()
    own, other = _separate(files, lambda file: fnmatch(file.name.lower(), pattern))
    if not own:
        # The same table under another suffix: its heading shows whether it is.
        same = WORKBOOKS if layout.file.form == "xlsx" else TEXTS
        own, other = _separate(files, lambda file: file.suffix in same)
    if not own:
        refuse_other_forms(files, is_text_expected=layout.file.form == "csv")
        raise Rejection(Rule.MISSING_FILE)
    return own, other


def _separate(
    files: list[SourceFile], belongs: Callable[[SourceFile], bool]
) -> tuple[list[SourceFile], list[SourceFile]]:
    own = [file for file in files if belongs(file)]
    return own, [file for file in files if not belongs(file)]


def _by_table(
    files: list[SourceFile], contract: Contract, name_of: Callable[[SourceFile], str | None]
) -> tuple[dict[str, list[SourceFile]], list[SourceFile]]:
    """The CSV files of each table, in the contract's order, and the files of none."""
    grouped: dict[str, list[SourceFile]] = {name: [] for name in contract.table_by_name}
    other: list[SourceFile] = []
    for file in files:
        name = name_of(file) if file.suffix in TEXTS else None
        grouped.get(name or "", other).append(file)
    return {name: found for name, found in grouped.items() if found}, other


def _require_files(
    reading: Reading, by_table: dict[str, list[SourceFile]], other: list[SourceFile]
) -> None:
    """Add each file that is missing to the faults; raises `Rejection` for files of other forms."""
    for name, table in reading.contract.table_by_name.items():
        if not table.file_is_optional and name not in by_table:
            refuse_other_forms(other, is_text_expected=True)
            reading.faults.append(Rejection(Rule.MISSING_FILE, f"{name}.csv"))
