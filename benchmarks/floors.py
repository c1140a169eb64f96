"""The floors of the stages: the least work that an engine must do for the same result."""

from __future__ import annotations

import json
import re
import time
import zipfile
from pathlib import Path
from typing import Any

import duckdb
from duckdb_extensions import import_extension

from orchestration.return_rules import define_functions
from register.settings import Settings


def unpack_every_zip(inbox: Path, folder: Path) -> None:
    """Unpack the zipped deliveries, so that the floor reads the same files as landing."""
    for number, path in enumerate(sorted(inbox.rglob("*.zip"))):
        with zipfile.ZipFile(path) as archive:
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


def _write_reader(path: Path) -> str | None:
    if path.suffix == ".xlsx":
        return f"read_xlsx('{path}', header = true, all_varchar = true)"
    if path.suffix not in {".csv", ".txt", ".psv"}:
        return None
    with path.open("rb") as stream:
        head = stream.read(4096)
    first = head.splitlines()[0] if head else b""
    delimiter = max(",;|", key=lambda mark: first.count(mark.encode()))
    encoding = "utf-8"
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        encoding = "cp1252"
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
