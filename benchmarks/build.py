"""`make bench-build REF=<commit>`: the cost of a build with a commit and with the working tree.

Both load the same nation in turn, each in its own home: the nation of `make demo` or a larger one.
The first load starts with nothing parsed or built; several more loads follow. For each measure the
minimum over the later loads is shown, because other work on the machine can only add to it. The
measures are those of the dbt process in the load, and of the whole load.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.checkouts import Checkout, CheckoutError, check_out, working_tree

app = typer.Typer(add_completion=False)
SAMPLE_SECONDS = 0.1
DBT_NAMES = frozenset({"register-dbt", "dbt", "dbt.cli.main"})
FIRST, LATER = "first", "later"
MEASURES = (
    "nodes",
    "build_cpu_seconds",
    "build_seconds",
    "load_cpu_seconds",
    "load_seconds",
)


@dataclass(frozen=True)
class Cost:
    """The cost of one load: nodes that dbt executed, and seconds of dbt and of the whole load."""

    nodes: int
    build_cpu_seconds: float
    build_seconds: float
    load_cpu_seconds: float
    load_seconds: float


@app.command()
def build(
    commit: Annotated[str, typer.Argument(help="commit that the working tree is compared with")],
    authorities: Annotated[
        int | None,
        typer.Option(min=1, help="number of full-size authorities; default: the demonstration"),
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, help="number of further loads with each checkout, in turn")
    ] = 3,
    folder: Annotated[Path | None, typer.Option(help="folder for the scratch homes")] = None,
) -> None:
    """Load one nation with the commit and with the working tree; print the cost of each build."""
    console = Console()
    scratch = Path(tempfile.mkdtemp(prefix="bench-build-", dir=folder)).resolve()
    try:
        with check_out(commit) as reference:
            costs = measure_both(scratch, (reference, working_tree()), authorities, rounds, console)
            names = (reference.name, "working tree")
    except CheckoutError as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    console.print(cost_table(names, costs))


def measure_both(
    scratch: Path,
    checkouts: tuple[Checkout, Checkout],
    authorities: int | None,
    rounds: int,
    console: Console,
) -> dict[str, list[Cost]]:
    """Return the costs of the reference and of the working tree, by load."""
    homes = [scratch / "before", scratch / "after"]
    size = [] if authorities is None else ["--authorities", str(authorities)]
    checkouts[0].register(homes[0], "simulate", "--seed", "1", *size)
    shutil.copytree(homes[0], homes[1], symlinks=True)
    pairs = list(zip(checkouts, homes, strict=True))
    cost_pairs: list[list[Cost]] = []
    for place in range(1 + rounds):
        cost_pairs.append([])
        for checkout, home in pairs:
            cost = measure_load(checkout, home)
            console.log(f"load {place + 1} by {checkout.name}: {cost.build_cpu_seconds:.1f} s")
            cost_pairs[-1].append(cost)
    first, *later = cost_pairs
    return {FIRST: first, LATER: [find_minimum(costs) for costs in zip(*later, strict=True)]}


def find_minimum(costs: Sequence[Cost]) -> Cost:
    """Return the minimum of each measure over several loads."""
    values = zip(*(astuple(cost) for cost in costs), strict=True)
    return Cost(*(min(each) for each in values))


def measure_load(checkout: Checkout, home: Path) -> Cost:
    """Load a home and measure the load; raise `CheckoutError` if it fails or builds nothing."""
    began, used = time.perf_counter(), _children_cpu()
    with (home / "load.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            checkout.command("load"),
            cwd=checkout.root,
            env=checkout.environment(home),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        cpu, seconds = _watch_build(process)
    if process.returncode != 0 or not seconds:
        output = (home / "load.log").read_text(encoding="utf-8")[-3000:]
        raise CheckoutError(f"{checkout.name}: the load failed or built nothing:\n{output}")
    load_cpu, load_seconds = _children_cpu() - used, time.perf_counter() - began
    return Cost(executed_nodes(home), cpu, seconds, load_cpu, load_seconds)


def executed_nodes(home: Path) -> int:
    """Return the number of nodes that a home's newest build executed, from dbt's results."""
    newest = max(
        (home / "warehouse").rglob("run_results.json"), key=lambda path: path.stat().st_mtime_ns
    )
    results = json.loads(newest.read_text(encoding="utf-8"))["results"]
    return sum(result["status"] != "skipped" for result in results)


def is_build(command_line: Iterable[str]) -> bool:
    """Return whether a command line is a dbt build (and no dbt parse)."""
    words = list(command_line)
    return "build" in words and any(Path(word).name in DBT_NAMES for word in words)


def _watch_build(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    """Wait for a load; return processor and wall seconds of its dbt build process."""
    tree = psutil.Process(process.pid)
    cpu: dict[int, float] = {}
    processor_times: dict[int, list[float]] = {}
    while process.poll() is None:
        for member in _members(tree):
            try:
                if member.pid in cpu or is_build(member.cmdline()):
                    times = member.cpu_times()
                    cpu[member.pid] = sum(times[:4])
                    processor_times.setdefault(member.pid, [member.create_time()]).append(
                        time.time()
                    )
            except psutil.Error:
                continue
        time.sleep(SAMPLE_SECONDS)
    return sum(cpu.values()), sum(moments[-1] - moments[0] for moments in processor_times.values())


def _members(tree: psutil.Process) -> list[psutil.Process]:
    try:
        return tree.children(recursive=True)
    except psutil.Error:
        return []


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cost_table(names: tuple[str, str], costs: dict[str, list[Cost]]) -> Table:
    """Return a table of the costs of both checkouts, with the ratio of each cost."""
    table = Table(title="A build by a commit and by the working tree, in one run")
    for column in ("load", "measure", *names, "ratio"):
        table.add_column(column, justify="left" if column in {"load", "measure"} else "right")
    for load, (before, after) in costs.items():
        for measure in MEASURES:
            old, new = getattr(before, measure), getattr(after, measure)
            digits = 0 if measure == "nodes" else 1
            values = (f"{value:,.{digits}f}" for value in (old, new))
            table.add_row(load, measure.replace("_", " "), *values, f"{new / old:.2f}")
    return table


if __name__ == "__main__":
    app()
