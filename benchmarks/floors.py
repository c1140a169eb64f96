"""The floors of the stages: the least work that an engine must do for the same result."""

from __future__ import annotations

import codecs
import json
import re
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb_extensions import import_extension
from pyarrow import csv

from orchestration.return_rules import define_functions
from register.settings import Settings

TEXTS = (".csv", ".txt", ".psv")


def unpack_every_zip(inbox: Path, folder: Path) -> None:
    """Unpack the zipped deliveries, so that the floor reads the same files as landing.

    Damaged archives and archives with a password are left out.
    """
    for number, path in enumerate(sorted(inbox.rglob("*.zip"))):
        with suppress(zipfile.BadZipFile, RuntimeError), zipfile.ZipFile(path) as archive:
            archive.extractall(folder / str(number))


def reading_engine() -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with the extensions for all forms of delivered files."""
    connection = duckdb.connect()
    for extension in ("encodings", "excel"):
        import_extension(extension)
        connection.execute(f"load {extension}")
    return connection


def read_every_file(connection: duckdb.DuckDBPyConnection, *folders: Path) -> tuple[int, int]:
    """Read every delivered file into a table of text columns; return the rows and skipped files.

    DuckDB cannot read XML, so XML files are skipped. If this matters, the floor is too low.
    """
    total = unread = 0
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    for path in sorted(path for path in files if path.suffix != ".zip"):
        reader = _write_reader(path)
        if reader is None:
            unread += 1
            continue
        connection.execute(f"create or replace table landed as select * from {reader}")
        counts = connection.execute("select count(*) from landed").fetchall()
        total += int(counts[0][0])
    return total, unread


def rewrite_every_file(target: Path, *folders: Path) -> tuple[int, int]:
    """Write every delivered text file as Parquet with PyArrow; return the rows and skipped files.

    PyArrow reads neither workbooks nor XML, so these are skipped. Lines that it cannot read are
    left out.
    """
    total = unread = 0
    files = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    for number, path in enumerate(path for path in files if path.suffix != ".zip"):
        if path.suffix not in TEXTS:
            unread += 1
            continue
        data, delimiter, encoding = _read_text(path)
        try:
            table = csv.read_csv(
                pa.py_buffer(data),
                csv.ReadOptions(use_threads=False, encoding=encoding),
                csv.ParseOptions(delimiter=delimiter, invalid_row_handler=lambda _: "skip"),
                csv.ConvertOptions(
                    column_types=dict.fromkeys(_read_heading(data, delimiter), pa.string())
                ),
            )
        except pa.ArrowInvalid:
            unread += 1
            continue
        total += table.num_rows
        pq.write_table(table, target / f"{number}.parquet", compression="zstd")
    return total, unread


def _read_text(path: Path) -> tuple[bytes, str, str]:
    """Return a file's bytes, its separator and its encoding."""
    data = path.read_bytes()
    first = data.partition(b"\n")[0]
    delimiter = max(",;|", key=lambda mark: first.count(mark.encode()))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data, delimiter, "cp1252"
    return data, delimiter, "utf-8"


def _read_heading(data: bytes, delimiter: str) -> list[str]:
    first = data.removeprefix(codecs.BOM_UTF8).partition(b"\n")[0].decode("latin-1")
    return [name.strip('"') for name in first.strip().split(delimiter)]


def _write_reader(path: Path) -> str | None:
    if path.suffix == ".xlsx":
        return f"read_xlsx('{path}', header = true, all_varchar = true)"
    if path.suffix not in TEXTS:
        return None
    _, delimiter, encoding = _read_text(path)
    return (
        f"read_csv('{path}', delim = '{delimiter}', header = true, all_varchar = true,"
        f" encoding = '{encoding}', null_padding = true, strict_mode = false)"
    )


def run_compiled_sql(settings: Settings, built: Path) -> dict[str, float]:
    """Run the compiled SQL of every SQL model in order, into separate files.

    Seeds and Python models are copied from dbt's build, outside the timed part. Their seconds in
    dbt's results are added to the floor, so that the stage and its floor both include them.
    """
    target = settings.warehouse / "dbt"
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    hooks = _read_hooks(target)
    connection = _floor_databases(settings, built)
    connection.execute(define_functions(manifest["functions"]))
    results = [result for result in results if result["unique_id"].startswith(("model.", "seed."))]
    seconds = 0.0
    for result in results:
        node = manifest["nodes"][result["unique_id"]]
        schema = f"{_database(node)}.{node['schema']}"
        connection.execute(f"create schema if not exists {schema}")
        if node["resource_type"] == "model" and node["language"] == "sql":
            for hook in hooks.get(result["unique_id"], []):
                connection.execute(hook)
            statement = _statement(node, target)
            began = time.perf_counter()
            connection.execute(f"create table {schema}.{node['name']} as {statement}")
            seconds += time.perf_counter() - began
        else:
            origin = f"built_{_database(node)}.{node['schema']}.{node['name']}"
            connection.execute(f"create table {schema}.{node['name']} as from {origin}")
            seconds += result["execution_time"]
    return {"seconds": seconds, "rows": len(results)}


def _floor_databases(settings: Settings, built: Path) -> duckdb.DuckDBPyConnection:
    folder = settings.home / "floor"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.duckdb*"):
        old.unlink()
    connection = duckdb.connect(str(folder / "warehouse.duckdb"))
    connection.execute("set timezone = 'UTC'")
    connection.execute("set threads = 2")
    for name in ("national_register", "case_lists"):
        connection.execute(f"attach '{folder / name}.duckdb' as {name}")
        connection.execute(f"attach '{built / name}.duckdb' as built_{name} (read_only)")
    warehouse = settings.warehouse / "warehouse.duckdb"
    connection.execute(f"attach '{warehouse}' as built_warehouse (read_only)")
    return connection


def _database(node: dict[str, Any]) -> str:
    return str(node["database"] or "warehouse")


def _statement(node: dict[str, Any], target: Path) -> str:
    compiled = target / "compiled" / node["package_name"] / node["original_file_path"]
    return compiled.read_text(encoding="utf-8")


def _read_hooks(target: Path) -> dict[str, list[str]]:
    """Return, by model, the statements that set variables before it ran, from dbt's log."""
    log = (target / "dbt.log").read_text(encoding="utf-8")
    statements: dict[str, list[str]] = {}
    for entry in re.split(r"^\d\d:\d\d:\d\d\.\d+ \[", log, flags=re.MULTILINE):
        match = re.match(r".*? On ([\w.]+): .*?\*/\s*(set variable .*)", entry, flags=re.DOTALL)
        if match:
            statements.setdefault(match.group(1), []).append(match.group(2))
    return statements
