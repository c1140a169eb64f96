"""A delivery's files to raw tables: which file is which table, in which layout, by feed.

This is the one place that knows how feeds differ in files; what is in the rows belongs in
`register.feeds.normalising`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch

from register.feeds.contract import Contract, load_contracts
from register.feeds.layout import Layout, extract_layout, load_layouts, police_layout
from register.feeds.normalising import first_value
from register.feeds.periods import Period
from register.feeds.readers.delimited import read_delimited
from register.feeds.readers.raw_table import RawTable, SourceFile
from register.feeds.readers.return_xml import read_return_xml
from register.feeds.readers.statistics import with_measure_and_value
from register.feeds.readers.workbook import read_workbook
from register.feeds.rules import Finding, Rejection, Rule

WORD = re.compile(r"[a-z0-9]+")
VERSION_TABLE = "ssd_version"


@dataclass(frozen=True)
class DeliveryTables:
    """What was read: raw tables, the layout they are in, and files that belong to no table."""

    layout: Layout
    tables: list[RawTable]
    source_form: str
    case_system: str | None = None
    findings: list[Finding] = field(default_factory=list)


def read_tables(
    feed: str, supplier_code: str, period: Period, files: list[SourceFile]
) -> DeliveryTables:
    """Read a delivery's files. Raises `Rejection` for one that cannot be taken in as a whole."""
    contract = load_contracts()[feed]
    if feed == "police_reports":
        read = _read_police(supplier_code, period, files)
    elif feed == "authority_extract":
        read = _read_extract(contract, files)
    elif feed == "authority_return":
        read = _read_return(contract, files)
    else:
        read = _read_statistics(contract, files)
    _require_rows(contract, read)
    return read


def _require_rows(contract: Contract, read: DeliveryTables) -> None:
    """A file without a record is refused, unless its table may say "none"."""
    for raw in read.tables:
        may_be_empty = contract.table_by_name[raw.table_name].may_be_empty
        if raw.received_row_count == 0 and not may_be_empty:
            raise Rejection(Rule.HEADER_ONLY, raw.file)
    if not any(raw.received_row_count for raw in read.tables):
        raise Rejection(Rule.HEADER_ONLY, read.tables[0].file)


def _read_police(supplier_code: str, period: Period, files: list[SourceFile]) -> DeliveryTables:
    layout = police_layout(supplier_code, period.start)
    if layout is None:
        raise Rejection(Rule.NO_LAYOUT)
    table_name = str(layout.file.table_name)
    own, other = _separate(files, lambda file: _fits(layout, file))
    if not own:
        raise Rejection(Rule.MISSING_FILE)
    if layout.file.form == "xlsx":
        tables = [read_workbook(file, layout.file, table_name) for file in own]
    else:
        tables = [_delimited(file, layout, table_name) for file in own]
    return DeliveryTables(layout, tables, layout.file.form, None, _unknown(other))


def _read_extract(contract: Contract, files: list[SourceFile]) -> DeliveryTables:
    by_table, other = _by_table(files, contract, lambda file: file.stem)
    _require_files(contract, by_table)
    # How the version file is read does not depend on the case system: it has no date to parse.
    version = _delimited(by_table[VERSION_TABLE][0], load_layouts()["liquidlogic"], VERSION_TABLE)
    case_system = first_value(version, "case_system")
    layout = extract_layout(case_system) if case_system else None
    if layout is None:
        raise Rejection(Rule.NO_LAYOUT, version.file, 2, "case_system")
    tables = _delimited_tables(by_table, layout)
    return DeliveryTables(layout, tables, "csv", layout.case_systems[0], _unknown(other))


def _read_return(contract: Contract, files: list[SourceFile]) -> DeliveryTables:
    layout = load_layouts()["ssda903"]
    own, other = _separate(files, lambda file: file.suffix == ".xml")
    if own:
        tables = [table for file in own for table in read_return_xml(file, contract)]
        return DeliveryTables(layout, tables, "xml", None, _unknown(other))

    def module(file: SourceFile) -> str | None:
        words = WORD.findall(file.stem)
        return next((name for name in contract.table_by_name if name in words), None)

    by_table, other = _by_table(files, contract, module)
    _require_files(contract, by_table)
    return DeliveryTables(layout, _delimited_tables(by_table, layout), "csv", None, _unknown(other))


def _read_statistics(contract: Contract, files: list[SourceFile]) -> DeliveryTables:
    layout = load_layouts()["explore_education_statistics"]
    table_name = str(layout.file.table_name)
    own, other = _separate(files, lambda file: _fits(layout, file))
    if not own:
        raise Rejection(Rule.MISSING_FILE)
    table = contract.table_by_name[table_name]
    tables = [with_measure_and_value(_delimited(f, layout, table_name), table) for f in own]
    return DeliveryTables(layout, tables, "csv", None, _unknown(other))


def _delimited(file: SourceFile, layout: Layout, table_name: str) -> RawTable:
    return read_delimited(file, layout.file, table_name, layout.null_texts)


def _delimited_tables(by_table: dict[str, list[SourceFile]], layout: Layout) -> list[RawTable]:
    return [_delimited(file, layout, name) for name, files in by_table.items() for file in files]


def _fits(layout: Layout, file: SourceFile) -> bool:
    return fnmatch(file.name.lower(), layout.file.file_pattern.lower())


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
        name = name_of(file) if file.suffix == ".csv" else None
        grouped.get(name or "", other).append(file)
    return {name: found for name, found in grouped.items() if found}, other


def _require_files(contract: Contract, by_table: dict[str, list[SourceFile]]) -> None:
    for name, table in contract.table_by_name.items():
        if not table.file_is_optional and name not in by_table:
            raise Rejection(Rule.MISSING_FILE, f"{name}.csv")


def _unknown(files: list[SourceFile]) -> list[Finding]:
    return [Finding(Rule.UNKNOWN_FILE, file.path) for file in files]
