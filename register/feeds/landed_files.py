"""The files of landing: their schemas, and writing them.

One Parquet file per table, one for quarantined records and one for flags; every column of a
contract is text. How rows become these belongs in `register.feeds.normalising`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from register.feeds.contract import Table, load_contracts
from register.feeds.rules import Finding

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
    """One physical record that was not landed, as it was delivered."""

    finding: Finding
    record_text: str


def landed_schema(table: Table) -> pa.Schema:
    """The columns of a landed table: the contract's as text, then the lineage."""
    return pa.schema([*(pa.field(name, pa.string()) for name in table.columns), *LINEAGE])


def write_schema_files(landing: Path) -> None:
    """Write the empty Parquet file of every table, so that a list of files is never empty.

    They lie in `landing/schema/<feed>/<table>.parquet`, and those of quarantine and flags in
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
        pq.write_table(schema.empty_table(), temporary)
        temporary.replace(path)


def write_landed(table: pa.Table, path: Path) -> None:
    """Write one landed table."""
    pq.write_table(table, path, compression="zstd", write_page_checksum=False)


def write_flags(delivery_id: str, flags: list[Finding], path: Path) -> None:
    """Write the flags of a delivery, in order of file, line and column."""
    if not flags:
        path.write_bytes(_empty_file(FLAG_SCHEMA))
        return
    pq.write_table(pa.table(_columns(delivery_id, flags), schema=FLAG_SCHEMA), path)


def write_quarantine(delivery_id: str, records: list[QuarantinedRecord], path: Path) -> None:
    """Write the quarantined records of a delivery."""
    if not records:
        path.write_bytes(_empty_file(QUARANTINE_SCHEMA))
        return
    columns = _columns(delivery_id, [record.finding for record in records])
    columns["record_text"] = pa.array([record.record_text for record in records], pa.string())
    pq.write_table(pa.table(columns, schema=QUARANTINE_SCHEMA), path)


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
