"""Runs one stage in a process of its own and measures its time and peak memory."""

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

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Measurement:
    """Seconds of clock and processors, peak resident bytes of the process tree, printed figures.

    Processor seconds are those of all processes of the stage: what else runs adds little to them.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    figures: dict[str, float]


class StageError(RuntimeError):
    """A stage failed; the message holds the end of what it printed."""


def measure(stage: str, home: Path, *options: str) -> Measurement:
    """Run `python -m benchmarks.stages STAGE HOME`, sampling memory 20 times a second.

    A stage prints one JSON object as its last line: its own figures, such as rows, and where it
    measures a part of itself, `seconds`.
    """
    command = [sys.executable, "-m", "benchmarks.stages", stage, str(home), *options]
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "REGISTER_HOME": str(home)},
    ) as process:
        cpu_seconds, peak = _watch(psutil.Process(process.pid), process)
        output = process.stdout.read() if process.stdout else ""
    seconds = time.perf_counter() - began
    if process.returncode != 0:
        raise StageError(f"{stage} failed:\n{output[-3000:]}")
    figures = json.loads(output.strip().splitlines()[-1])
    return Measurement(figures.pop("seconds", seconds), cpu_seconds, peak, figures)


def _watch(tree: psutil.Process, process: subprocess.Popen[str]) -> tuple[float, int]:
    """Return processor seconds and peak resident bytes of a process and of all that it starts.

    Workers may be nobody's children when they end: each is asked while it lives.
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
