"""The cost of landing files that are large, or larger than they look: seconds and peak memory.

`python -m benchmarks.hostile_files [MEGABYTES]` lands each file in its own home. It prints the
outcome, seconds, peak memory of all processes, and the ratio of the peak to the file's unpacked
size. Nothing is asserted, because machines differ.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measure import measure
from register.home import prepare_home
from register.settings import load_settings
from tests.feeds import hostile_files
from tests.feeds.deliveries import AUTHORITY, COMPACT, MONTH, YEAR, force_of, zipped

MEBIBYTE = 1 << 20
REPORTS = ("police_reports", COMPACT, MONTH)
WORKBOOK = ("police_reports", force_of("athena"), MONTH)
RETURN = ("authority_return", AUTHORITY, YEAR)
Made = tuple[tuple[str, str, str], str, bytes]


def hostile_file_makers(megabytes: int) -> dict[str, Callable[[], Made]]:
    """Return, for each file, a function that makes it, so that only one is in memory at a time."""
    size = megabytes * MEBIBYTE
    record = len(hostile_files.many_reports(2)) - len(hostile_files.many_reports(1))
    count = size // record
    return {
        "good reports": lambda: (REPORTS, "reports.csv", hostile_files.many_reports(count)),
        "good reports, zipped": lambda: (
            *(REPORTS, "reports.zip"),
            zipped({"reports.csv": hostile_files.many_reports(count)}),
        ),
        "a good workbook, a tenth": lambda: (
            *(WORKBOOK, "reports.xlsx"),
            hostile_files.wide_workbook(count // 40),
        ),
        "one line": lambda: (REPORTS, "reports.csv", hostile_files.one_line(size)),
        "200,000 headings": lambda: (
            *(REPORTS, "reports.csv"),
            hostile_files.many_headings(200_000),
        ),
        "100,000 elements in one another": lambda: (
            *(RETURN, "return.xml"),
            hostile_files.nested(100_000),
        ),
        "a workbook whose directory lies": lambda: (
            *(WORKBOOK, "reports.xlsx"),
            hostile_files.lying_workbook(4 * size),
        ),
        "a workbook of one text in 700,000 cells": lambda: (
            *(WORKBOOK, "reports.xlsx"),
            hostile_files.swelling_workbook(700_000, 30_000),
        ),
    }


def main(megabytes: int) -> None:
    """Land each file and print the cost."""
    table = Table(
        title=f"Landing one file, of up to {megabytes} MB; the first line is an empty home"
    )
    table.add_column("file")
    for name in ("MB", "outcome", "seconds", "peak MB", "peak over the empty home / MB"):
        table.add_column(name, justify="right")
    _, base = _land(None)
    table.add_row("none", "", "", *_format_cost(base), "")
    for name, make in hostile_file_makers(megabytes).items():
        hostile_file = make()
        size = len(hostile_file[2]) / MEBIBYTE
        outcome, cost = _land(hostile_file)
        ratio = (cost[1] - base[1]) / size
        table.add_row(name, f"{size:,.1f}", outcome, *_format_cost(cost), f"{ratio:,.1f}")
        del hostile_file
    Console(width=140).print(table)


def _format_cost(cost: tuple[float, float]) -> tuple[str, str]:
    return f"{cost[0]:,.1f}", f"{cost[1]:,.0f}"


def _land(hostile_file: Made | None) -> tuple[str, tuple[float, float]]:
    home = Path(tempfile.mkdtemp(prefix="hostile-"))
    try:
        prepare_home(load_settings({"REGISTER_HOME": str(home)}))
        if hostile_file is not None:
            place, name, data = hostile_file
            folder = home.joinpath("inbox", *place)
            folder.mkdir(parents=True)
            (folder / name).write_bytes(data)
        measurement = measure("land_deliveries", home)
        entries = [json.loads(path.read_text()) for path in home.glob("landing/*/*/delivery.json")]
        outcome = next((e["reject_rule_code"] or e["outcome"] for e in entries), "")
        return outcome, (measurement.seconds, measurement.peak_bytes / MEBIBYTE)
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
