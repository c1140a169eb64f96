"""The measurement of one stage, which runs in a process of its own: its time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.checkouts import Checkout

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Measurement:
    """Elapsed and processor seconds, peak resident bytes of the process tree, and printed figures.

    Processor seconds count only the stage's own processes, so other work on the machine hardly
    affects them.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    figures: dict[str, float]


class StageError(RuntimeError):
    """An error: a stage failed. The message holds the end of its output."""


def measure(stage: str, home: Path, *options: str, checkout: Checkout | None = None) -> Measurement:
    """Run `python -m benchmarks.stages STAGE HOME` of a checkout, and measure time and memory.

    The default is the checkout of this process.

    Memory is sampled 20 times a second. A stage prints one JSON object as its last line, with
    figures such as rows. If a stage times only a part of itself, the object contains `seconds`.
    """
    python = checkout.python if checkout else sys.executable
    command = [str(python), "-m", "benchmarks.stages", stage, str(home), *options]
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=checkout.root if checkout else None,
        env=checkout.environment(home) if checkout else {**os.environ, "REGISTER_HOME": str(home)},
    ) as process:
        cpu_seconds, peak = _watch(psutil.Process(process.pid), process)
        output = process.stdout.read() if process.stdout else ""
    seconds = time.perf_counter() - began
    if process.returncode != 0:
        raise StageError(f"{stage} failed:\n{output[-3000:]}")
    figures = json.loads(output.strip().splitlines()[-1])
    return Measurement(figures.pop("seconds", seconds), cpu_seconds, peak, figures)


def _watch(tree: psutil.Process, process: subprocess.Popen[str]) -> tuple[float, int]:
    """Return processor seconds and peak resident bytes of a process and all its descendants.

    Each process is measured while it runs, because a worker may have lost its parent when it ends.
    """
    spent: dict[int, float] = {}
    peak = 0
    while process.poll() is None:
        resident = 0
        for member in _members(tree):
            with suppress(psutil.NoSuchProcess):
                times = member.cpu_times()
                spent[member.pid] = times.user + times.system
                resident += member.memory_info().rss
        peak = max(peak, resident)
        time.sleep(SAMPLE_SECONDS)
    return sum(spent.values()), peak


def _members(tree: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [tree, *tree.children(recursive=True)]
    return []
