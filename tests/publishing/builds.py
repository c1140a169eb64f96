"""Tiny builds, as dbt would leave them: enough tables to publish, each stamped with its number."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from register.feeds import Delivery, TableCount, write_entry
from register.publishing.generations import next_generation
from register.settings import Settings

DELIVERY_ID = "police_reports-E23000099-2026-10-0123456789ab"
FILE, DELIVERED = "reports.csv", b"report_ref,surname\nINVENTED/1,Sample\n"
CONTENT_HASH = hashlib.sha256(
    f"{FILE}\0{len(DELIVERED)}\0".encode() + hashlib.sha256(DELIVERED).digest()
).hexdigest()


def land_delivery(settings: Settings) -> Path:
    """One landed delivery of one record; returns its folder."""
    folder = settings.landing / "police_reports" / DELIVERY_ID
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    (folder / "raw" / FILE).write_bytes(DELIVERED)
    place = {"_file": [FILE], "_row_number": [2]}
    rows = pa.table({"report_ref": ["INVENTED/1"], "surname": ["Sample"], **place})
    pq.write_table(rows, folder / "reports.parquet")
    (folder / "feedback.csv").write_text(
        "rule_code,table_name,file,line,column,what_to_fix\n"
        "impossible_date,reports,reports.csv,2,dob,Give a date that exists\n",
        encoding="utf-8",
    )
    count = TableCount(
        table_name="reports",
        file_name=FILE,
        received_row_count=1,
        landed_row_count=1,
        quarantined_row_count=0,
    )
    entry = Delivery(
        delivery_id=DELIVERY_ID,
        feed="police_reports",
        supplier_code="E23000099",
        period="2026-10",
        period_start=date(2026, 10, 1),
        period_end=date(2026, 10, 31),
        received_at="2026-11-01T00:00:00Z",
        content_hash=CONTENT_HASH,
        outcome="accepted",
        is_held=True,
        hold_rule_code="outside_period",
        file_count=1,
        received_row_count=1,
        landed_row_count=1,
        quarantined_row_count=0,
        flag_count=1,
        table_names=("reports",),
        tables=(count,),
        code_version="0",
    )
    write_entry(entry, folder)
    (folder / "file_names.json").write_text("{}", encoding="utf-8")
    return folder


def build(settings: Settings, stamp: int, rows: int = 50) -> Path:
    """Write a build whose every table says `stamp`; return its hidden folder."""
    # A delivery is landed once: no reader of the landed files meets one that is half written.
    if not (settings.landing / "police_reports" / DELIVERY_ID).exists():
        land_delivery(settings)
    folder = next_generation(settings)
    for name, contents in _databases(stamp, rows).items():
        (folder / name).write_bytes(contents)
    return folder


@cache
def _databases(stamp: int, rows: int) -> dict[str, bytes]:
    """The files of a build, which many tests of a process ask for again."""
    with TemporaryDirectory() as folder:
        _write_databases(Path(folder), stamp, rows)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def _write_databases(folder: Path, stamp: int, rows: int) -> None:
    with duckdb.connect(str(folder / "national_register.duckdb")) as connection:
        connection.execute("create schema register")
        connection.execute(
            "create table register.bridge_child_sources as select"
            f" 'M' || number as mention_id_register, 'C{stamp}' as child_id_register,"
            f" {stamp} as stamp from range({rows}) as numbers (number)"
        )
        connection.execute(
            f"create table register.fct_reports as select {stamp} as stamp"
            f" from range({rows}) as numbers (number)"
        )
        connection.execute(
            f"create table register.dim_deliveries as select '{DELIVERY_ID}' as delivery_id,"
            " 'police_reports' as feed, 'current' as status"
        )
    with duckdb.connect(str(folder / "case_lists.duckdb")) as connection:
        connection.execute("create schema operations")
        connection.execute(
            f"create table operations.case_list_children as select {stamp} as stamp"
            f" from range({rows}) as numbers (number)"
        )
