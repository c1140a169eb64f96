"""`python -m benchmarks.encryption_cost`: loads into an encrypted and a plain home.

An encrypted load should take at most 1.15 times as long. Both load the same inbox into fresh homes
in turn. Of several rounds the lowest counts, because other work on the machine can only add to it.
At the end, both published registers are compared, table by table: they must be equal.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.same.announced import VARYING
from benchmarks.same.differences import Compared, compare_generations
from register.data_keys import KeyRing, make_key
from register.settings import PROJECT_ROOT

app = typer.Typer(add_completion=False)
PLAIN, ENCRYPTED = "plain", "encrypted"
# What `register simulate` writes, and a load reads.
SIMULATED = ("inbox", "truth", "simulation.json")


@dataclass(frozen=True)
class Cost:
    """The cost of one load: seconds of all its processes on processors, and by the clock."""

    cpu_seconds: float
    seconds: float


@app.command()
def compare(
    home: Annotated[
        Path | None,
        typer.Option(
            exists=True, help="home of a simulation, which is only read; default: the demonstration"
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="number of loads into each home")] = 3,
    folder: Annotated[Path | None, typer.Option(help="folder for the scratch homes")] = None,
) -> None:
    """Load an inbox into plain and encrypted homes in turn; print the costs and their ratios.

    Exit code 1 if the published registers differ.
    """
    console = Console()
    ring = KeyRing((make_key(),))
    with tempfile.TemporaryDirectory(prefix="encryption-", dir=folder) as scratch:
        root = Path(scratch).resolve()
        source = home or root / "nation"
        if home is None:
            run_register(source, None, "simulate", "--seed", "1")
        costs: dict[str, list[Cost]] = {PLAIN: [], ENCRYPTED: []}
        for _ in range(rounds):
            for name, keys in ((PLAIN, None), (ENCRYPTED, ring)):
                _make_home(source, root / name)
                cost = run_register(root / name, keys, "load")
                console.log(f"{name}: {cost.cpu_seconds:.1f} processor seconds")
                costs[name].append(cost)
        console.print(cost_table(costs))
        compared = compare_published(root / PLAIN, root / ENCRYPTED, ring)
    for difference in compared.differences:
        console.print(f"{difference.table}: {difference.detail}", markup=False)
    counts = f"{compared.table_count:,} tables, {compared.row_count:,} rows"
    console.print(f"{counts}; {len(compared.differences)} differences")
    raise typer.Exit(1 if compared.differences else 0)


def compare_published(plain: Path, encrypted: Path, ring: KeyRing) -> Compared:
    """Compare every published table of two homes, in both directions."""
    folders = [(home / "published" / "current").resolve() for home in (plain, encrypted)]
    return compare_generations(folders[0], folders[1], VARYING, (), ring)


def run_register(home: Path, ring: KeyRing | None, *words: str) -> Cost:
    """Run a command on a home, with the keys of a ring, and return its cost."""
    keys = {} if ring is None else {"REGISTER_DATA_KEYS": ring.to_text()}
    began, used = time.perf_counter(), _children_cpu()
    done = subprocess.run(
        [sys.executable, "-m", "interfaces.command_line", *words],
        cwd=PROJECT_ROOT,
        env={**os.environ, "REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(home), **keys},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"register {words[0]} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return Cost(_children_cpu() - used, time.perf_counter() - began)


def _make_home(source: Path, home: Path) -> None:
    """Make a fresh home with the inbox and the truth of another."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    for name in SIMULATED:
        (home / name).symlink_to(source / name)
    os.sync()


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cost_table(costs: dict[str, list[Cost]]) -> Table:
    """Return a table of the lowest costs of both homes, with their ratio."""
    table = Table(title="A load into a plain and an encrypted home, in one run")
    for column in ("", PLAIN, ENCRYPTED, "ratio"):
        table.add_column(column, justify="right" if column else "left")
    for title, measure in (("processor seconds", "cpu_seconds"), ("seconds", "seconds")):
        plain, encrypted = (
            min(getattr(cost, measure) for cost in costs[name]) for name in (PLAIN, ENCRYPTED)
        )
        table.add_row(title, f"{plain:,.1f}", f"{encrypted:,.1f}", f"{encrypted / plain:.2f}")
    return table


if __name__ == "__main__":
    app()
