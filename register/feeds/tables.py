"""One file's table: as it was read, as it lands, and the Parquet files of landing.

Landing has one file per table, one for quarantined records and one for flags; every column of a
contract is text. How raw texts become landed ones belongs in `register.feeds.normalise`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from register.feeds.contract import Table, load_contracts
from register.feeds.delivery_rules import Finding, Rule

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
    """One record, or a line that is none, which was not landed, as it was delivered."""

    finding: Finding
    record_text: str


@dataclass(frozen=True)
class RawTable:
    """The records of one file as a reader gives them: no value is changed.

    `columns` are parallel to `headings`; `row_numbers` are the first physical line of each record;
    `record_text` gives a record as delivered by its position. `is_sparse`: the form leaves out what
    is empty (XML), so that a missing column is no fault. received = rows here + `quarantined`.
    `notes` are findings about the file as a whole.
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

    @property
    def received_row_count(self) -> int:
        """Records in the file: those read, and each line that is part of none."""
        return len(self.row_numbers) + len(self.quarantined)

    def finding(self, rule: Rule, line: int | None = None, column: str | None = None) -> Finding:
        """A finding about this file."""
        return Finding(rule, self.file, line, column, self.table_name)

    def first_value(self, heading: str) -> str | None:
        """The first value under a heading, trimmed: for what the choice of the layout needs."""
        names = [name.casefold() for name in self.headings]
        if heading not in names or len(self.row_numbers) == 0:
            return None
        text = self.columns[names.index(heading)][0].as_py()
        return text.strip() or None if text else None


@dataclass(frozen=True)
class LandedTable:
    """One file's rows as they land, and what did not land or was flagged.

    For its `faults` the delivery is rejected; `holds` are its columns for which the delivery is
    held; `valid_counts` the values of each column that have their form.
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
    valid_counts: dict[str, int] = field(default_factory=dict)


def joined_texts(texts: Sequence[pa.Array], mark: str) -> pa.Array:
    """Texts of one length joined by a mark, those that are null left out; null if all are.

    Arrow's own way of leaving out nulls (22 at least) drops the rows in which all are null.
    """
    joined = texts[0]
    for more in texts[1:]:
        both = pc.binary_join_element_wise(joined, more, mark)
        joined = pc.coalesce(both, joined, more)
    return joined


def landed_schema(table: Table) -> pa.Schema:
    """The columns of a landed table: the contract's as text, then the lineage."""
    return pa.schema([*(pa.field(name, pa.string()) for name in table.columns), *LINEAGE])


def write_schema_files(landing: Path) -> None:
    """Write the empty Parquet file of every table, so that a list of files is never empty.

    They are in `landing/schema/<feed>/<table>.parquet`, and those of quarantine and flags in
    `landing/schema/ledger`.
    """
    schemas = {"ledger/quarantine": QUARANTINE_SCHEMA, "ledger/flags": FLAG_SCHEMA}
    for feed, contract in load_contracts().items():
        for table in contract.tables:
            schemas[f"{feed}/{table.name}"] = landed_schema(table)
    for name, schema in schemas.items():
        path = landing / "schema" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_bytes(_empty_file(schema))
        temporary.replace(path)


def write_landed(table: pa.Table, path: Path) -> None:
    """Write one landed table."""
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def write_flags(delivery_id: str, flags: list[Finding], path: Path) -> None:
    """Write the flags of a delivery, in order of file, line and column."""
    if not flags:
        path.write_bytes(_empty_file(FLAG_SCHEMA))
        return
    pq.write_table(
        pa.table(_columns(delivery_id, flags), schema=FLAG_SCHEMA), path, write_page_checksum=True
    )


def write_quarantine(delivery_id: str, records: list[QuarantinedRecord], path: Path) -> None:
    """Write the quarantined records of a delivery."""
    if not records:
        path.write_bytes(_empty_file(QUARANTINE_SCHEMA))
        return
    columns = _columns(delivery_id, [record.finding for record in records])
    columns["record_text"] = pa.array([record.record_text for record in records], pa.string())
    pq.write_table(pa.table(columns, schema=QUARANTINE_SCHEMA), path, write_page_checksum=True)


@cache
def _empty_file(schema: pa.Schema) -> bytes:
    """A file without rows: most deliveries have nothing wrong, and it need not be made anew."""
    sink = io.BytesIO()
    pq.write_table(schema.empty_table(), sink)
    return sink.getvalue()


def _columns(delivery_id: str, findings: list[Finding]) -> dict[str, pa.Array]:
    return {
        "_delivery_id": pa.array([delivery_id] * len(findings), pa.string()),
        "_file": pa.array([finding.file for finding in findings], pa.string()),
        "_row_number": pa.array([finding.line for finding in findings], pa.int64()),
        "table_name": pa.array([finding.table for finding in findings], pa.string()),
        "rule_code": pa.array([finding.rule.value for finding in findings], pa.string()),
        "column_name": pa.array([finding.column for finding in findings], pa.string()),
    }
