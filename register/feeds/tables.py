"""Tables of delivered files, raw and landed, and the Parquet files in landing.

A delivery in landing has one file for each table, one for quarantined records and one for flags.
Every contract column is text. Converting raw to landed tables belongs in
`register.feeds.normalise`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.data_keys import KeyRing
from register.feeds.contract import Table, load_contracts
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.layout import Layout
from register.feeds.layout_parts import LayoutColumn
from register.parquet_files import write_parquet

LINEAGE = (
    pa.field("_delivery_id", pa.string()),
    pa.field("_file", pa.string()),
    pa.field("_row_number", pa.int64()),
)
FLAG_SCHEMA = pa.schema(
    [
        *LINEAGE,
        pa.field("table_name", pa.string()),
        pa.field("rule_code", pa.string()),
        pa.field("column_name", pa.string()),
    ]
)
QUARANTINE_SCHEMA = FLAG_SCHEMA.append(pa.field("record_text", pa.string()))


@dataclass(frozen=True)
class QuarantinedRecord:
    """A record that does not land, or a line that is no record. The text is as delivered."""

    finding: Finding
    record_text: str

    @property
    def reported_finding(self) -> Finding:
        """The finding as the supplier reads it: the record did not land."""
        return replace(self.finding, is_quarantined=True)


@dataclass(frozen=True)
class RawTable:
    """The records of one file, with unchanged values.

    `columns` are in the order of `headings`. `row_numbers` has the first line of each record, or
    the number of its XML element. `record_text` returns the delivered text of the record at a
    position. If `is_sparse`, as in XML, files leave out empty fields, so a missing column is no
    fault. `notes` are findings about the file as a whole, and `faults` those for which the delivery
    is rejected.

    `part` is the layout of the table by which the file was read. `joined` has its columns from
    other files, row by row, and `other_headings` the headings in lower case that do not belong to
    this table. `joined_row_count` counts the lines of a joined file that are part of records.
    """

    file: str
    table_name: str
    headings: list[str]
    columns: list[pa.Array]
    row_numbers: npt.NDArray[np.int64]
    record_text: Callable[[int], str]
    quarantined: list[QuarantinedRecord] = field(default_factory=list)
    is_sparse: bool = False
    notes: list[Finding] = field(default_factory=list)
    heading_line: int = 1
    faults: list[Finding] = field(default_factory=list)
    part: Layout | None = None
    joined: Sequence[tuple[LayoutColumn, pa.Array]] = ()
    other_headings: frozenset[str] = frozenset()
    joined_row_count: int = 0

    @property
    def received_row_count(self) -> int:
        """The number of records in the file, including lines that belong to no record."""
        return len(self.row_numbers) + len(self.quarantined)

    def build_finding(
        self, rule: Rule, line: int | None = None, column: str | None = None
    ) -> Finding:
        """Return a finding about a place in this file."""
        return Finding(rule, self.file, line, column, self.table_name)

    def read_first_value(self, heading: str) -> str | None:
        """Return the first record's value under a heading, trimmed; None if it has none."""
        names = [name.casefold() for name in self.headings]
        if heading not in names or len(self.row_numbers) == 0:
            return None
        text = self.columns[names.index(heading)][0].as_py()
        return text.strip() or None if text else None


@dataclass(frozen=True)
class LandedTable:
    """The landed rows of one file, with its quarantined records and flags.

    `faults` are findings that reject the delivery, and `holds` are findings that hold it.
    `further` are findings about quarantined records, besides the reasons why they do not land.
    `valid_counts` has the number of well-formed values in each column. Records of erased persons
    are only counted; `erased_lines` says where they are.
    """

    file: str
    table_name: str
    rows: pa.Table
    quarantined: list[QuarantinedRecord]
    flags: list[Finding]
    unknown_columns: list[str]
    received_row_count: int
    notes: list[Finding] = field(default_factory=list)
    heading_line: int = 1
    faults: list[Finding] = field(default_factory=list)
    holds: list[Finding] = field(default_factory=list)
    further: list[Finding] = field(default_factory=list)
    valid_counts: dict[str, int] = field(default_factory=dict)
    erased_row_count: int = 0
    erased_lines: frozenset[int] = frozenset()


def join_texts(texts: Sequence[pa.Array], mark: str) -> pa.Array:
    """Join the texts of several columns row by row, without nulls; null if all are null.

    Arrow's option `null_handling="skip"` (version 22) is not used, because it drops rows in which
    all texts are null.
    """
    joined = texts[0]
    for more in texts[1:]:
        both = pc.binary_join_element_wise(joined, more, mark)
        joined = pc.coalesce(both, joined, more)
    return joined


def build_landed_schema(table: Table) -> pa.Schema:
    """Return the schema of a landed table: the contract's columns as text, then lineage columns."""
    return pa.schema([*(pa.field(name, pa.string()) for name in table.columns), *LINEAGE])


def write_schema_files(landing: Path, ring: KeyRing | None = None) -> None:
    """Write an empty Parquet file for every table, so that dbt can always read at least one.

    The files are `landing/schema/<feed>/<table>.parquet`. Files for quarantine and flags are in
    `landing/schema/ledger`. Their columns are those that dbt reads.
    """
    schemas = {"ledger/quarantine": QUARANTINE_SCHEMA, "ledger/flags": FLAG_SCHEMA}
    for feed, contract in load_contracts().items():
        for table in contract.tables:
            schemas[f"{feed}/{table.name}"] = build_landed_schema(table)
    for name, schema in schemas.items():
        path = landing / "schema" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        write_parquet(ring, schema.empty_table(), temporary)
        temporary.replace(path)


def write_flags(ring: KeyRing | None, delivery_id: str, flags: list[Finding], path: Path) -> None:
    """Write the flags of a delivery, in the given order."""
    table = pa.table(_build_finding_columns(delivery_id, flags), schema=FLAG_SCHEMA)
    write_parquet(ring, table, path)


def write_quarantine(
    ring: KeyRing | None, delivery_id: str, records: list[QuarantinedRecord], path: Path
) -> None:
    """Write the quarantined records of a delivery."""
    columns = _build_finding_columns(delivery_id, [record.finding for record in records])
    columns["record_text"] = pa.array([record.record_text for record in records], pa.string())
    write_parquet(ring, pa.table(columns, schema=QUARANTINE_SCHEMA), path)


def _build_finding_columns(delivery_id: str, findings: list[Finding]) -> dict[str, pa.Array]:
    return {
        "_delivery_id": pa.array([delivery_id] * len(findings), pa.string()),
        "_file": pa.array([finding.file for finding in findings], pa.string()),
        "_row_number": pa.array([finding.line for finding in findings], pa.int64()),
        "table_name": pa.array([finding.table for finding in findings], pa.string()),
        "rule_code": pa.array([finding.rule.value for finding in findings], pa.string()),
        "column_name": pa.array([finding.column for finding in findings], pa.string()),
    }
