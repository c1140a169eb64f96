"""Parsing: a delivery's bytes become landed tables in memory. Nothing is written.

Only this module knows how feeds differ: which file contains which table, and in which layout. A
supplier's fault becomes a rejection or a finding. The content of rows belongs in
`register.feeds.normalise`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from register.feeds.assignments import find_assigned_layout
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
from register.feeds.delivery_manifest import OpenedFiles, compare_manifests, separate_manifests
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.erased_rows import ErasureRule, drop_erased_rows, group_lines
from register.feeds.extract_layout import choose_extract_layout
from register.feeds.file_names import FileNames
from register.feeds.layout import Layout
from register.feeds.layout_reading import DeliveryReader
from register.feeds.normalise import Normaliser
from register.feeds.person_links import find_unlinked_persons
from register.feeds.plausibility import check_period_dates, find_much_quarantined
from register.feeds.readers import (
    TEXTS,
    is_archive,
    merge_category_columns,
    read_return_xml,
    refuse_other_form,
    unpack_archive,
)
from register.feeds.return_files import sort_return_files
from register.feeds.seeds import is_known_supplier
from register.feeds.tables import LandedTable


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
        opened = _open_archives(context, raw, faults)
        names |= {file.path: file.delivered_path for file in opened}
        files = separate_manifests(raw.files, opened)
        source = _read_tables(context, raw, period, (list(files.opened), faults))
        tables = _normalise_tables(context, raw, source)
        if not faults and not any(table.faults for table in tables):
            _require_landed(tables)
    except Rejection as rejection:
        # The missing file may be in an archive that cannot be opened, which has its own fault.
        if not faults or rejection.finding.rule is not Rule.MISSING_FILE:
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
        holds += find_unlinked_persons(raw.item.feed, tables)
        accepted = ParsedDelivery(None, source, tables, names, holds=holds, erased_lines=erased)
        return replace(accepted, manifest=manifest)
    layout = source.layout if source else next((f.layout for f in faults if f.layout), None)
    more = [*rejections[1:], *holds]
    rejected = ParsedDelivery(rejections[0], source, [], names, layout, more=more)
    return replace(rejected, unlanded=tables, erased_lines=erased, manifest=manifest)


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


def _open_archives(
    context: LandingContext, raw: RawDelivery, faults: list[Rejection]
) -> list[SourceFile]:
    """Return the delivery's files, in which the members of an archive replace the archive.

    Adds a fault for each archive that cannot be opened. Raises `Rejection` if none of the files can
    be, or if the delivery is too large.
    """
    item = raw.item
    password = context.zip_passwords.get(item.supplier_code)
    names = FileNames.for_delivery(item.feed, item.supplier_code, item.period)
    opened: list[SourceFile] = []
    for file in raw.files:
        try:
            is_packed = is_archive(file)
            opened += (
                unpack_archive(file, password, context.limits, names.make_safe)
                if is_packed
                else [file]
            )
        except Rejection as rejection:
            faults.append(rejection)
            continue
        if sum(len(each.data) for each in opened) > context.limits.delivery_bytes:
            raise Rejection(Rule.ZIP_BOMB if is_packed else Rule.TOO_LARGE, file.path)
    if faults and not opened:
        raise faults.pop()
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
    layout = context.layout or find_assigned_layout(
        feed, raw.item.supplier_code, period.start, context.layouts
    )
    # The XML form of a return is the same for all systems, so no layout describes it.
    has_xml = feed == "authority_return" and any(file.suffix == ".xml" for file in files)
    if layout and layout.tables and has_xml:
        layout = None
    if layout and layout.tables:
        source = _read_described(reading, layout, files)
    elif feed == "police_reports":
        source = _read_police(reading, layout, files)
    elif feed == "authority_extract":
        source = _read_extract(reading, layout, files)
    elif feed == "authority_return":
        source = _read_return(reading, layout, files)
    else:
        source = _read_statistics(reading, layout, files)
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


def _read_described(
    reading: DeliveryReader, layout: Layout, files: list[SourceFile]
) -> SourceTables:
    """Read a delivery whose layout gives the names of files."""
    tables, other = reading.read_described_tables(layout, files)
    forms: set[SourceForm] = {form.form for form in layout.forms}
    form: SourceForm = forms.pop() if len(forms) == 1 else "mixed"
    return SourceTables(layout, tables, form, (*layout.case_systems, None)[0], other)


def _read_police(
    reading: DeliveryReader, layout: Layout | None, files: list[SourceFile]
) -> SourceTables:
    if layout is None:
        raise Rejection(Rule.NO_LAYOUT)
    return _read_described(reading, layout, files)


def _read_extract(
    reading: DeliveryReader, assigned: Layout | None, files: list[SourceFile]
) -> SourceTables:
    by_table, other = _group_by_table(files, reading.contract)
    _require_files(reading, by_table, other)
    layout, is_known = (assigned, True) if assigned else choose_extract_layout(reading, by_table)
    tables = reading.read_named_tables(layout, by_table)
    case_system = (*layout.case_systems, None)[0] if is_known else None
    return SourceTables(layout, tables, "csv", case_system, other)


def _read_return(
    reading: DeliveryReader, assigned: Layout | None, files: list[SourceFile]
) -> SourceTables:
    layout, contract = assigned or reading.load_layout("ssda903"), reading.contract
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
    in_csv = reading.read_named_tables(layout, sorted_files.by_table)
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


def _read_statistics(
    reading: DeliveryReader, assigned: Layout | None, files: list[SourceFile]
) -> SourceTables:
    layout = assigned or reading.load_layout("explore_education_statistics")
    source = _read_described(reading, layout, files)
    tables = []
    for raw in source.tables:
        try:
            table = reading.contract.table_by_name[raw.table_name]
            tables.append(merge_category_columns(raw, table))
        except Rejection as rejection:
            rejection.layout = layout
            reading.faults.append(rejection)
    return replace(source, tables=tables)


def _require_rows(contract: Contract, source: SourceTables, faults: list[Rejection]) -> None:
    """Add a fault for each file without records, unless its table may be empty.

    Raises `Rejection` if no file has a record and there is no other fault.
    """
    for raw in source.tables:
        may_be_empty = contract.table_by_name[raw.table_name].custom.may_be_empty
        is_expected = not may_be_empty and not raw.joined_row_count
        if raw.received_row_count == 0 and is_expected and not raw.faults:
            faults.append(Rejection(Rule.HEADER_ONLY, raw.file, table=raw.table_name))
    if not faults and not any(raw.received_row_count or raw.faults for raw in source.tables):
        raise Rejection(Rule.HEADER_ONLY, source.tables[0].file)


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
    """Add a fault for each missing file, or for the files of another form in its place."""
    required = [
        name
        for name, table in reading.contract.table_by_name.items()
        if not table.custom.is_file_optional and name not in by_table
    ]
    has_unread_archives = bool(reading.faults)
    refuse = partial(refuse_other_form, is_text_expected=True)
    readable = reading.read_files(refuse, other if required else [])
    refused = {file.stem for file in other if required and file not in readable}
    # An archive, or a workbook of several sheets, may contain any of the missing tables.
    if not has_unread_archives and refused <= set(reading.contract.table_by_name):
        missing = (name for name in required if name not in refused)
        reading.faults.extend(Rejection(Rule.MISSING_FILE, f"{name}.csv") for name in missing)
