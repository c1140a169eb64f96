"""Parsing: a delivery's bytes become landed tables in memory. Nothing is written.

Only this module knows how feeds differ: which file contains which table, and in which layout. A
supplier's fault becomes a rejection or a finding. The content of rows belongs in
`register.feeds.normalise`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from typing import TypeVar

from register.feeds.assignments import find_police_layout
from register.feeds.contract import Contract, load_contracts
from register.feeds.dates import Period
from register.feeds.delivery import (
    LandingContext,
    ModuleCount,
    ParsedDelivery,
    RawDelivery,
    SourceFile,
    SourceForm,
    SourceTables,
)
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.erased_rows import ErasureRule, drop_erased_rows, group_lines
from register.feeds.file_names import FileNames
from register.feeds.layout import Layout, find_extract_layout, load_named_layout
from register.feeds.manifest import OpenedFiles, compare_manifests, separate_manifests
from register.feeds.normalise import Normaliser, list_expected_headings
from register.feeds.plausibility import check_period_dates, find_much_quarantined
from register.feeds.readers import (
    TEXTS,
    WORKBOOKS,
    ExpectedHeadings,
    is_archive,
    merge_category_columns,
    read_delimited,
    read_return_xml,
    read_workbook,
    refuse_other_forms,
    unpack_archive,
)
from register.feeds.return_files import sort_return_files
from register.feeds.seeds import is_known_supplier
from register.feeds.tables import LandedTable, RawTable

Content = TypeVar("Content")
VERSION_TABLE = "ssd_version"


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

    def read_workbook_table(self, file: SourceFile, layout: Layout, table_name: str) -> RawTable:
        """Read a table from a workbook in a layout."""
        expected = self._list_expected_headings(layout, table_name)
        with _add_expected_layout(layout):
            return read_workbook(file, layout.file, table_name, expected, self.context.limits)

    def read_delimited_table(self, file: SourceFile, layout: Layout, table_name: str) -> RawTable:
        """Read a table from a delimited file in a layout."""
        expected = self._list_expected_headings(layout, table_name)
        with _add_expected_layout(layout):
            return read_delimited(
                file, layout.file, table_name, layout.null_texts, expected, self.context.limits
            )

    def read_delimited_tables(
        self, by_table: dict[str, list[SourceFile]], layout: Layout
    ) -> list[RawTable]:
        """Read the tables of a layout from delimited files, given the files of each table."""
        return [
            table
            for name, files in by_table.items()
            for table in self.read_files(
                partial(self.read_delimited_table, layout=layout, table_name=name), files
            ).values()
        ]

    def _list_expected_headings(self, layout: Layout, table_name: str) -> ExpectedHeadings:
        return list_expected_headings(layout, self.contract.table_by_name[table_name], self.period)


class RowsLostError(RuntimeError):
    """Records were lost between reading and landing, which is a fault of this program."""


def parse_delivery(context: LandingContext, raw: RawDelivery) -> ParsedDelivery:
    """Read and normalise a delivery.

    Raises `RowsLostError` unless all received records have landed, are quarantined or were erased.
    """
    try:
        period = _check_identity(context, raw)
    except Rejection as rejection:
        return ParsedDelivery(rejection.finding, None, file_names=raw.file_names)
    return parse_files(context, raw, period)


def parse_files(context: LandingContext, raw: RawDelivery, period: Period) -> ParsedDelivery:
    """Read and normalise the files of a delivery, without checking its feed, period and supplier.

    A rejected delivery is also read to the end, so that its supplier gets all findings at once.
    """
    source = None
    tables: list[LandedTable] = []
    faults: list[Rejection] = []
    names = raw.file_names
    files = OpenedFiles((), (), ())
    try:
        opened = _open_archives(context, raw)
        names |= {file.path: file.delivered_path for file in opened}
        files = separate_manifests(raw.files, opened)
        source = _read_tables(context, raw, period, (list(files.opened), faults))
        tables = _normalise_tables(context, raw, source)
        if not faults and not any(table.faults for table in tables):
            _require_landed(tables)
    except Rejection as rejection:
        faults.append(rejection)
    outside = check_period_dates(raw.item.feed, period, tables)
    is_rejected = bool(faults) or any(table.faults for table in tables)
    former = raw.item.former
    manifest, differences = compare_manifests(files, source, former, is_rejected=is_rejected)
    holds = [*differences, *outside, *(hold for table in tables for hold in table.holds)]
    rejections = [fault.finding for fault in faults]
    rejections += [fault for table in tables for fault in table.faults]
    erased = group_lines(tables)
    if not rejections:
        holds += find_much_quarantined(tables, context.quarantine_share)
        accepted = ParsedDelivery(None, source, tables, names, holds=holds, erased_lines=erased)
        return replace(accepted, manifest=manifest)
    layout = source.layout if source else next((f.layout for f in faults if f.layout), None)
    unrejected = ParsedDelivery(None, source, tables, holds=holds)
    more = [*rejections[1:], *unrejected.list_findings()]
    rejected = ParsedDelivery(rejections[0], source, [], names, layout, more=more)
    return replace(rejected, erased_lines=erased, manifest=manifest)


@contextmanager
def _add_expected_layout(layout: Layout) -> Iterator[None]:
    """Add the expected layout to a rejection that the block raises; feedback uses this layout."""
    try:
        yield
    except Rejection as rejection:
        rejection.layout = layout
        raise


def _check_identity(context: LandingContext, raw: RawDelivery) -> Period:
    """Return the delivery's period. Raises `Rejection` for an invalid feed, period or supplier."""
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
    """Return the delivery's files, in which the members of an archive replace the archive.

    Raises `Rejection` if an archive cannot be opened, or if the delivery is too large.
    """
    item = raw.item
    password = context.zip_passwords.get(item.supplier_code)
    names = FileNames.for_delivery(item.feed, item.supplier_code, item.period)
    opened: list[SourceFile] = []
    for file in raw.files:
        is_packed = is_archive(file)
        opened += (
            unpack_archive(file, password, context.limits, names.make_safe) if is_packed else [file]
        )
        if sum(len(each.data) for each in opened) > context.limits.delivery_bytes:
            raise Rejection(Rule.ZIP_BOMB if is_packed else Rule.TOO_LARGE, file.path)
    return opened


def _read_tables(
    context: LandingContext,
    raw: RawDelivery,
    period: Period,
    files_and_faults: tuple[list[SourceFile], list[Rejection]],
) -> SourceTables:
    """Return the raw tables of all readable files, and add the faults of the others.

    Raises `Rejection` if no file can be read.
    """
    files, faults = files_and_faults
    feed = raw.item.feed
    contract = load_contracts()[feed]
    reading = DeliveryReader(contract, raw.item.period, context, faults)
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
    return drop_erased_rows(build_erasure_rule(context, raw), landed)


def build_erasure_rule(context: LandingContext, raw: RawDelivery) -> ErasureRule:
    """Return which records of a delivery are dropped, because their persons were erased."""
    item = raw.item
    return ErasureRule(context.erased, item.feed, item.supplier_code, bool(item.delivered_hash))


def _require_landed(landed: list[LandedTable]) -> None:
    """Raise `Rejection` if every record is quarantined, so that no earlier delivery is replaced."""
    refused = [record.finding for table in landed for record in table.quarantined]
    if refused and not any(table.rows.num_rows for table in landed):
        first = refused[0]
        raise Rejection(Rule.NOTHING_LANDED, first.file, first.line, first.column, first.table)


def _read_police(
    reading: DeliveryReader, supplier_code: str, period: Period, files: list[SourceFile]
) -> SourceTables:
    context = reading.context
    layout = context.layout or find_police_layout(supplier_code, period.start, context.layouts)
    if layout is None:
        raise Rejection(Rule.NO_LAYOUT)
    table_name = str(layout.file.table_name)
    with _add_expected_layout(layout):
        own, other = _select_files(layout, files)
    if layout.file.form == "xlsx":
        read = partial(reading.read_workbook_table, layout=layout, table_name=table_name)
        tables = list(reading.read_files(read, own).values())
    else:
        tables = reading.read_delimited_tables({table_name: own}, layout)
    return SourceTables(layout, tables, layout.file.form, None, other)


def _read_extract(reading: DeliveryReader, files: list[SourceFile]) -> SourceTables:
    by_table, other = _group_by_table(files, reading.contract)
    _require_files(reading, by_table, other)
    # Only the version file names the case system, which determines the layout. Without it no other
    # file can be read.
    if VERSION_TABLE not in by_table:
        raise reading.faults.pop()
    # The version file has no dates, so any layout can read it.
    version_layout = reading.load_layout("liquidlogic")
    version_file = by_table[VERSION_TABLE][0]
    version = reading.read_delimited_table(version_file, version_layout, VERSION_TABLE)
    case_system = version.read_first_value("case_system") or ""
    context = reading.context
    layout = context.layout or find_extract_layout(case_system, context.layouts)
    if layout is None:
        raise Rejection(Rule.NO_LAYOUT, version.file, 2, "case_system")
    tables = reading.read_delimited_tables(by_table, layout)
    return SourceTables(layout, tables, "csv", (*layout.case_systems, None)[0], other)


def _read_return(reading: DeliveryReader, files: list[SourceFile]) -> SourceTables:
    layout, contract = reading.load_layout("ssda903"), reading.contract
    sorted_files = sort_return_files(files, contract)
    limit = reading.context.limits.xml_elements
    read_document = partial(read_return_xml, contract=contract, max_elements=limit)
    documents = reading.read_files(read_document, sorted_files.documents)
    if sorted_files.by_table:
        # An XML file without records does not replace the return's CSV files.
        sorted_files.other += [file for file, read in documents.items() if not read.has_records]
        documents = {file: read for file, read in documents.items() if read.has_records}
    if not documents and not sorted_files.documents:
        _require_files(reading, sorted_files.by_table, sorted_files.other)
    in_xml = [table for read in documents.values() for table in read.tables]
    in_csv = reading.read_delimited_tables(sorted_files.by_table, layout)
    filled = {table.table_name for table in in_xml if table.received_row_count}
    for table in in_csv:
        if table.received_row_count and table.table_name in filled:
            fault = Rejection(Rule.MODULE_IN_TWO_FORMS, table.file, table=table.table_name)
            reading.faults.append(fault)
    # Leave out an empty table of an XML file if another file contains the table.
    elsewhere = {table.table_name for table in in_csv} | filled
    in_xml = [t for t in in_xml if t.received_row_count or t.table_name not in elsewhere]
    counted = [
        ModuleCount(module_name=name, file_name=file.path, row_count=count)
        for file, read in documents.items()
        for name, count in sorted(read.module_counts.items())
    ]
    form: SourceForm = "mixed" if in_xml and in_csv else "xml" if in_xml else "csv"
    module_counts = (*sorted_files.module_counts, *counted)
    return SourceTables(layout, [*in_xml, *in_csv], form, None, sorted_files.other, module_counts)


def _read_statistics(reading: DeliveryReader, files: list[SourceFile]) -> SourceTables:
    layout = reading.load_layout("explore_education_statistics")
    table_name = str(layout.file.table_name)
    own, other = _select_files(layout, files)
    table = reading.contract.table_by_name[table_name]

    def read(file: SourceFile) -> RawTable:
        return merge_category_columns(reading.read_delimited_table(file, layout, table_name), table)

    tables = list(reading.read_files(read, own).values())
    return SourceTables(layout, tables, "csv", None, other)


def _require_rows(contract: Contract, source: SourceTables, faults: list[Rejection]) -> None:
    """Add a fault for each file without records, unless its table may be empty.

    Raises `Rejection` if no file has a record and there is no other fault.
    """
    for raw in source.tables:
        may_be_empty = contract.table_by_name[raw.table_name].custom.may_be_empty
        if raw.received_row_count == 0 and not may_be_empty:
            faults.append(Rejection(Rule.HEADER_ONLY, raw.file, table=raw.table_name))
    if not faults and not any(raw.received_row_count for raw in source.tables):
        raise Rejection(Rule.HEADER_ONLY, source.tables[0].file)


def _select_files(
    layout: Layout, files: list[SourceFile]
) -> tuple[list[SourceFile], list[SourceFile]]:
    """Return the files that a layout with one table can read, and all other files.

    Raises `Rejection` if there is no file to read.
    """
    pattern = layout.file.file_pattern.lower()
    own, other = _split_files(files, lambda file: fnmatch(file.name.lower(), pattern))
    if not own:
        # Try all files with a suitable suffix; their headings show whether they contain the table.
        same = WORKBOOKS if layout.file.form == "xlsx" else TEXTS
        own, other = _split_files(files, lambda file: file.suffix in same)
    if not own:
        refuse_other_forms(files, is_text_expected=layout.file.form == "csv")
        raise Rejection(Rule.MISSING_FILE)
    return own, other


def _split_files(
    files: list[SourceFile], belongs: Callable[[SourceFile], bool]
) -> tuple[list[SourceFile], list[SourceFile]]:
    own = [file for file in files if belongs(file)]
    return own, [file for file in files if not belongs(file)]


def _group_by_table(
    files: list[SourceFile], contract: Contract
) -> tuple[dict[str, list[SourceFile]], list[SourceFile]]:
    """Return the CSV files of each table, in the contract's order, and all other files."""
    grouped: dict[str, list[SourceFile]] = {name: [] for name in contract.table_by_name}
    other: list[SourceFile] = []
    for file in files:
        name = file.stem if file.suffix in TEXTS else ""
        grouped.get(name, other).append(file)
    return {name: group for name, group in grouped.items() if group}, other


def _require_files(
    reading: DeliveryReader, by_table: dict[str, list[SourceFile]], other: list[SourceFile]
) -> None:
    """Add a fault for each missing file.

    If the delivery has files of another form instead, raises `Rejection`.
    """
    for name, table in reading.contract.table_by_name.items():
        if not table.custom.is_file_optional and name not in by_table:
            refuse_other_forms(other, is_text_expected=True)
            reading.faults.append(Rejection(Rule.MISSING_FILE, f"{name}.csv"))
