"""`python -m benchmarks.engines HOME`: one home loaded by DuckDB and by Spark, and compared.

Each engine loads and publishes a copy of a home that has landed its deliveries. All tables are
compared with their constraints and comments, and the cost of each engine is printed. The exit code
is 1 if anything differs. Variables `REGISTER_SPARK_…` and `REGISTER_MEMORY_GIGABYTES` apply to the
loads.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import duckdb
import psutil
import typer
from rich.console import Console

from benchmarks.checkouts import CheckoutError, working_tree
from benchmarks.same.__main__ import print_comparison
from benchmarks.same.differences import FILES, Compared, Difference, compare_generations

app = typer.Typer(add_completion=False)
console = Console(highlight=False, soft_wrap=True)

ENGINES = ("duckdb", "spark")
# Prefixes of the only settings that a load takes from the environment. Other settings might point
# to another home.
SETTINGS = ("REGISTER_SPARK_", "REGISTER_MEMORY_GIGABYTES")
# The file in a copy of the home that contains the cost of its finished load. A later benchmark
# reads this file instead of loading again.
COST = "cost.json"
# A copy of a home leaves out the folders that a load builds, and of the published files it has only
# `keys`.
BUILT, KEYS = ("warehouse", "dagster", "quality", "outbox"), "keys"
SAMPLE_SECONDS = 0.25
JAVA = "java"
# Queries for what a published file declares. The two engines' files must agree in these as
# well as in their rows.
DECLARED = {
    "constraints": "select schema_name, table_name, constraint_text from duckdb_constraints()",
    "comments": """
        select schema_name, table_name, comment from duckdb_tables()
        union all
        select schema_name, view_name, comment from duckdb_views() where not internal
        union all
        select schema_name, table_name || '.' || column_name, comment from duckdb_columns()
        where not internal
    """,
}


@dataclass(frozen=True)
class Cost:
    """The cost of a load: for all its processes, and for its Java processes (Spark) alone."""

    processor_seconds: float
    peak_bytes: int
    java_seconds: float
    java_peak_bytes: int

    def __str__(self) -> str:
        text = f"{self.processor_seconds:.0f} processor seconds, {_gibibytes(self.peak_bytes)}"
        if not self.java_seconds:
            return text
        java = f"{self.java_seconds:.0f} processor seconds, {_gibibytes(self.java_peak_bytes)}"
        return f"{text}; of it Java {java}"


@app.command()
def engines(
    home: Annotated[
        Path, typer.Argument(help="a home whose deliveries have landed; it stays unchanged")
    ],
    folder: Annotated[
        Path | None,
        typer.Option(help="keep the copies in this folder; skip an engine that published here"),
    ] = None,
) -> None:
    """Load copies of a home on both engines, compare the published tables and print the costs."""
    scratch = (folder or Path(tempfile.mkdtemp(prefix="engines-"))).resolve()
    costs: dict[str, Cost] = {}
    try:
        for engine in ENGINES:
            costs[engine] = load_once(home, scratch / engine, engine)
            console.print(f"{engine}: {costs[engine]}")
        comparison = compare_published(
            *(scratch / engine / "published/current" for engine in ENGINES)
        )
    except CheckoutError as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    finally:
        if folder is None:
            shutil.rmtree(scratch, ignore_errors=True)
    times = costs["spark"].processor_seconds / costs["duckdb"].processor_seconds
    console.print(f"Spark took {times:.1f} times the processor's time of DuckDB")
    print_comparison("both engines", comparison)
    if comparison.differences:
        raise typer.Exit(1)


def load_once(home: Path, copy: Path, engine: str) -> Cost:
    """Load a copy of a home, unless that was done before, and return the cost.

    Raises the same errors as `load`.
    """
    noted = copy / COST
    if noted.exists():
        return Cost(**json.loads(noted.read_text(encoding="utf-8")))
    # Start with a new copy: an earlier one may be incomplete, or its load may have failed.
    shutil.rmtree(copy, ignore_errors=True)
    cost = load(copy_home(home, copy), engine)
    noted.write_text(json.dumps(asdict(cost)), encoding="utf-8")
    return cost


def copy_home(home: Path, copy: Path) -> Path:
    """Copy a home's deliveries, decisions and earlier keys, but nothing that it built.

    Returns the folder of the copy.
    """
    published = home / "published"

    def list_built(folder: str, names: list[str]) -> list[str]:
        if Path(folder) == home:
            return [name for name in names if name in BUILT]
        return [name for name in names if name != KEYS] if Path(folder) == published else []

    shutil.copytree(home, copy, symlinks=True, ignore=list_built)
    return copy


def load(home: Path, engine: str, **variables: str) -> Cost:
    """Run `register load` and measure it; a failure raises `CheckoutError` with its last output."""
    checkout = working_tree()
    settings = {name: os.environ[name] for name in os.environ if name.startswith(SETTINGS)}
    # The output goes to a file, because it is read only at the end. A full pipe would block the
    # load.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        with subprocess.Popen(
            checkout.command("load", "--engine", engine),
            cwd=checkout.root,
            env=checkout.environment(home) | settings | variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process:
            cost = watch_processes(process)
        output.seek(0)
        log_text = output.read()
    if process.returncode != 0:
        raise CheckoutError(f"register load --engine {engine} failed:\n{log_text[-3000:]}")
    return cost


def watch_processes(process: subprocess.Popen[bytes]) -> Cost:
    """Return processor seconds and peak resident bytes of a process and all its descendants.

    Each process is measured while it runs, because Spark's process has lost its parent when it
    ends.
    """
    tree, spent, of_java = psutil.Process(process.pid), dict[int, float](), set[int]()
    peak = java_peak = 0
    while process.poll() is None:
        resident: dict[int, int] = {}
        for member in _members(tree):
            with suppress(psutil.NoSuchProcess):
                times = member.cpu_times()
                spent[member.pid] = times.user + times.system
                resident[member.pid] = member.memory_info().rss
                if member.name() == JAVA:
                    of_java.add(member.pid)
        peak = max(peak, sum(resident.values()))
        java_peak = max(java_peak, sum(resident[pid] for pid in of_java & resident.keys()))
        time.sleep(SAMPLE_SECONDS)
    java_seconds = sum(spent[pid] for pid in of_java)
    return Cost(sum(spent.values()), peak, java_seconds, java_peak)


def _members(tree: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [tree, *tree.children(recursive=True)]
    return []


def _gibibytes(count: int) -> str:
    return f"{count / 2**30:.1f} GiB"


def compare_published(before: Path, after: Path) -> Compared:
    """Compare two generations: rows, constraints and comments."""
    comparison = compare_generations(before, after)
    declared = [
        Difference(f"{name}.duckdb", f"{what} of {table} differ")
        for name in FILES
        for what, query in DECLARED.items()
        for table in _declared_otherwise(before, after, name, query)
    ]
    return Compared(
        comparison.table_count, comparison.row_count, (*comparison.differences, *declared)
    )


def _declared_otherwise(before: Path, after: Path, name: str, query: str) -> list[str]:
    sides = []
    for folder in (before, after):
        with duckdb.connect(str(folder / f"{name}.duckdb"), read_only=True) as connection:
            sides.append(set(connection.execute(query).fetchall()))
    return sorted({f"{schema}.{table}" for schema, table, _ in sides[0] ^ sides[1]})


if __name__ == "__main__":
    app()
