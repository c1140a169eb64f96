"""`python -m benchmarks.model_memory HOME`: the memory that each model needs while it is built.

It works on a copy of the home's warehouse. The SQL that dbt compiled for the last build runs
statement by statement, each into a temporary table. The peak of resident memory is reset before
each statement, which needs Linux. `benchmarks.linkage` measures Python models.
"""

from __future__ import annotations

import json
import re
import resource
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from orchestration.dbt import build_target
from register.publishing import current_generation
from register.settings import Settings, load_settings

app = typer.Typer(add_completion=False)
MIB = 1 << 20
RESET_PEAK = Path("/proc/self/clear_refs")
STATUS = Path("/proc/self/status")
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True)
class ModelCost:
    """The memory that one statement added at its peak, and its processor seconds."""

    model: str
    peak_bytes: int
    cpu_seconds: float


@app.command()
def show(
    home: Annotated[Path, typer.Argument(help="a home whose last load was published")],
    top: Annotated[int, typer.Option(help="number of models to show")] = 20,
    threads: Annotated[int, typer.Option(help="number of DuckDB threads")] = 2,
) -> None:
    """Print the dbt models that need the most memory while they are built."""
    settings = load_settings({"REGISTER_HOME": str(home.resolve())})
    generation = current_generation(settings)
    if generation is None:
        raise typer.BadParameter("nothing is published there: run `register load` first")
    costs = list(measure_models(settings, build_target(settings), generation.folder, threads))
    Console().print(cost_table(costs, top))


def measure_models(
    settings: Settings, target: Path, built: Path, threads: int = 2
) -> Iterator[ModelCost]:
    """Yield the cost of each SQL model that is a table, in the order of the manifest.

    `target` is the folder of dbt's compiled SQL, and `built` the folder of the generation that was
    built. A model is left out if its SQL needs engine variables that earlier statements in dbt set.
    """
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    with tempfile.TemporaryDirectory(dir=settings.home) as folder:
        connection = _copy_of_warehouse(settings, Path(folder), built, threads)
        for node in nodes.values():
            if node["resource_type"] != "model" or node["language"] != "sql":
                continue
            if node["config"]["materialized"] != "table":
                continue
            statement = _compiled(node, target)
            if "getvariable(" in statement:
                continue
            yield _measure_cost(connection, node["name"], statement)
        connection.close()


def cost_table(costs: list[ModelCost], top: int) -> Table:
    """Return the models that need most memory, as a table."""
    table = Table(title=f"Peak memory by model, the first {top} of {len(costs)}")
    for name in ("model", "peak MiB", "CPU s"):
        table.add_column(name, justify="left" if name == "model" else "right")
    for cost in sorted(costs, key=lambda one: (-one.peak_bytes, one.model))[:top]:
        table.add_row(cost.model, f"{cost.peak_bytes / MIB:,.0f}", f"{cost.cpu_seconds:.2f}")
    return table


def _copy_of_warehouse(
    settings: Settings, folder: Path, built: Path, threads: int
) -> duckdb.DuckDBPyConnection:
    copy = folder / "warehouse.duckdb"
    shutil.copy(settings.warehouse / copy.name, copy)
    connection = duckdb.connect(str(copy))
    connection.execute(f"set threads = {threads}; set timezone = 'UTC'")
    connection.execute(f"set memory_limit = '{settings.memory_gigabytes:g}GB'")
    for name in ("national_register", "case_lists"):
        connection.execute(f"attach '{built / name}.duckdb' (read_only)")
    return connection


def _compiled(node: dict[str, Any], target: Path) -> str:
    compiled_code: str | None = node.get("compiled_code")
    if compiled_code:
        return compiled_code
    path = target / "compiled" / node["package_name"] / node["original_file_path"]
    return path.read_text(encoding="utf-8")


def _measure_cost(connection: duckdb.DuckDBPyConnection, model: str, statement: str) -> ModelCost:
    connection.execute("drop table if exists measured")
    RESET_PEAK.write_text("5", encoding="ascii")
    resident, began = _read_figure(RESIDENT), _cpu_seconds()
    connection.execute(f"create temp table measured as ({statement})")
    return ModelCost(model, max(0, _read_figure(PEAK) - resident), _cpu_seconds() - began)


def _read_figure(pattern: re.Pattern[str]) -> int:
    match = pattern.search(STATUS.read_text(encoding="ascii"))
    if match is None:
        raise OSError("this system does not say what memory a process takes")
    return int(match.group(1)) * 1024


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    app()
