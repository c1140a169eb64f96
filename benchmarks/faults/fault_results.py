"""The results of faults, kept in one file of a folder, and the page that is written from them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.faults.homes import SEED
from benchmarks.measured_pages import markdown_table

PARTS = {
    "disks": "Disks",
    "clocks": "Clocks",
    "kills": "Kills",
    "together": "At once",
    "readers": "Readers",
}
EXPLAINED = {
    "disks": "Each store of the home in turn lies on a disk of its own. The full disk has half the"
    " room that the load needs in it. Up to five loads in a row fail in one home before a load runs"
    " without a fault.",
    "clocks": "The machine's clock is wrong during the load, and right in the next.",
    "kills": "A load and all its processes are killed at a random line of its progress. Up to five"
    " loads in a row are killed in one home before a load runs to its end. The table counts kills"
    " by the step in which they came.",
    "together": "Commands start at the same moment. One load may be refused, with the exit code 4."
    " The decision must be in the register of the next load.",
    "readers": "Processes open the published files and count rows, again and again. Meanwhile loads"
    " publish new generations. A generation must always have the same rows.",
}
VERDICTS = {True: "well", False: "**fault**", None: "not tried"}


@dataclass(frozen=True)
class Result:
    """What a fault led to. `is_well` means that nothing was lost, torn or left unclear.

    It is None for a fault that could not be tried on this machine. `step` is the step of the load
    in which the fault ended it, if it did.
    """

    part: str
    fault: str
    is_well: bool | None
    says: str
    step: str = ""


def add_result(file: Path, result: Result) -> None:
    """Add a result; runs of several parts may add to one file at the same time."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(result)) + "\n")


def read_results(file: Path) -> list[Result]:
    """Return the latest result of each fault, in the order of parts."""
    lines = [Result(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
    latest = {(each.part, each.fault): each for each in lines}
    return [each for part in PARTS for each in latest.values() if each.part == part]


def format_page(results: Sequence[Result], authorities: int, planned: Mapping[str, int]) -> str:
    """Return the page of results in Markdown. `planned` has the number of faults of each part."""
    counts = Counter(result.is_well for result in results)
    tried = counts[True] + counts[False]
    parts = [
        "# Faults that a home survives",
        f"Of {tried} faults that were tried, {counts[True]} left nothing lost, torn or unclear, and"
        f" {counts[False]} did. {sum(planned.values()) - tried} others of the plan were not tried."
        " `python -m benchmarks.faults --page docs/reference/faults.md` tries them and writes this"
        f" page. Release {version('national-register')}, {datetime.now(UTC):%Y-%m-%d}.",
        f"Each fault disturbs a load of a simulated nation: {authorities} authorities, one year,"
        f" seed {SEED}. The home has published the earlier deliveries, and the last delivery of"
        " each supplier waits. After the fault, readers must have a whole register, the old or the"
        " new one. A load that failed must say why in plain words. The next load must publish the"
        " same tables as a load that nothing disturbed, row by row. `register doctor --deep` must"
        " find no fault.",
    ]
    for part, title in PARTS.items():
        rows = [result for result in results if result.part == part]
        number = f"{len(rows)} of {planned[part]} were tried."
        parts += [f"## {title}", f"{EXPLAINED[part]} {number}"]
        if rows:
            parts.append(_tabulate_kills(rows) if part == "kills" else _tabulate(rows))
    return "\n\n".join(parts) + "\n"


def _tabulate(rows: Sequence[Result]) -> str:
    cells = [[each.fault, VERDICTS[each.is_well], each.says] for each in rows]
    return markdown_table(["fault", "left", "what happened"], cells)


def _tabulate_kills(rows: Sequence[Result]) -> str:
    """Return how many kills came in each step of a load, and what was left if it was a fault."""
    steps = list(dict.fromkeys(each.step for each in rows))
    cells = []
    for step in steps:
        verdicts = [each.is_well for each in rows if each.step == step]
        cells.append([step, str(len(verdicts)), str(verdicts.count(True))])
    cells.append(["all", str(len(rows)), str(sum(each.is_well is True for each in rows))])
    table = markdown_table(["step of the load", "kills", "survived"], cells)
    bad = [each for each in rows if not each.is_well]
    return f"{table}\n\n{_tabulate(bad)}" if bad else table
