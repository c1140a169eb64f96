"""`python -m benchmarks.backup_cost HOME`: backing up and restoring a home beside copying it.

A restore should take at most twice the time of a copy. Each step ends when its files are on disk.
The home is only read: what is backed up is a copy of it. The copy that is timed is of the same
files that a restore writes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from register.backup import restore_backup, take_backup, verify_backups
from register.settings import Settings, load_settings

app = typer.Typer(add_completion=False)
KEY = "a key for this measurement alone, 0123456789"


@app.command()
def compare(
    home: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="home to back up")],
    folder: Annotated[Path | None, typer.Option(help="folder for the scratch copies")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="number of measurements of each")] = 1,
) -> None:
    """Back up, copy and restore a home by each tool; print the lowest costs and their ratio."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="backup-", dir=folder) as scratch:
        root = Path(scratch).resolve()
        settings = replace(load_settings({}), home=root / "home")
        shutil.copytree(home, settings.home, symlinks=True, ignore=_leave_out_what_is_built)
        for tool in ("restic", "chunk store") if shutil.which("restic") else ("chunk store",):
            seconds = _measure_tool(settings, root, tool, rounds)
            console.print(_build_table(tool, seconds))


def _leave_out_what_is_built(folder: str, names: list[str]) -> set[str]:
    return {"warehouse", "dagster", "inbox", "site", "docs"} & set(names)


def _measure_tool(
    settings: Settings, root: Path, tool: str, rounds: int
) -> dict[str, tuple[float, float]]:
    """Measure each step with one tool. A folder with restic's `config` is restic's."""
    place = root / tool.replace(" ", "-")
    backup = replace(settings.backup, place=str(place), key=KEY)
    settings = replace(settings, backup=backup)
    path = os.environ["PATH"]
    if tool != "restic":
        os.environ["PATH"] = ""
    try:
        seconds = {
            "first backup": _time_step(lambda: take_backup(settings)),
            "second backup": _time_step(lambda: take_backup(settings)),
            "verification of everything": _time_step(lambda: verify_backups(settings)),
        }
        restored = root / "restored"
        for _ in range(rounds):
            for step, function in (
                ("restore", lambda: restore_backup(settings, restored)),
                ("copy", lambda: _copy_home(settings.home, root / "copy")),
            ):
                spent = _time_step(function)
                seconds[step] = min(spent, seconds.get(step, spent))
            shutil.rmtree(restored)
            shutil.rmtree(root / "copy")
    finally:
        os.environ["PATH"] = path
    return seconds


def _copy_home(source: Path, target: Path) -> None:
    subprocess.run(["/bin/cp", "-a", "--reflink=never", source, target], check=True)


def _time_step(function: Callable[[], object]) -> tuple[float, float]:
    """Return the processor seconds of all processes of a step, and its seconds until it is on disk.

    Other work on the machine hardly affects the former.
    """
    os.sync()
    start, before = time.perf_counter(), sum(os.times()[:4])
    function()
    os.sync()
    return sum(os.times()[:4]) - before, time.perf_counter() - start


def _build_table(tool: str, seconds: dict[str, tuple[float, float]]) -> Table:
    table = Table(title=f"{tool}, beside a copy in the same run")
    for column in ("step", "processor seconds", "of the copy", "seconds", "of the copy"):
        table.add_column(column, justify="left" if column == "step" else "right")
    copied = seconds["copy"]
    for step, spent in seconds.items():
        ratios = ((f"{own:,.2f}", f"{own / of:.2f}") for own, of in zip(spent, copied, strict=True))
        table.add_row(step, *(cell for pair in ratios for cell in pair))
    return table


if __name__ == "__main__":
    app()
