"""Runs one stage in a process of its own and measures its time and peak memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Measurement:
    """Seconds of clock and processors, peak resident bytes of the process tree, what it said.

    Processor seconds are those of all processes of the stage: what else runs adds little to them.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    said: dict[str, float]


class StageError(RuntimeError):
    """A stage failed; the message holds the end of what it printed."""


def measure(stage: str, home: Path, *options: str) -> Measurement:
    """Run `python -m benchmarks.stages STAGE HOME`, sampling memory 20 times a second.

    A stage prints one JSON object as its last line: its own figures, such as rows, and where it
    measures a part of itself, `seconds`.
    """
    command = [sys.executable, "-m", "benchmarks.stages", stage, str(home), *options]
    began, used = time.perf_counter(), _cpu_seconds()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "REGISTER_HOME": str(home)},
    ) as process:
        peak = _watch(psutil.Process(process.pid), process)
        output = process.stdout.read() if process.stdout else ""
    seconds = time.perf_counter() - began
    if process.returncode != 0:
        raise StageError(f"{stage} failed:\n{output[-3000:]}")
    said = json.loads(output.strip().splitlines()[-1])
    return Measurement(said.pop("seconds", seconds), _cpu_seconds() - used, peak, said)


def _cpu_seconds() -> float:
    """What processes that have ended took, with those that they started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(tree: psutil.Process, process: subprocess.Popen[str]) -> int:
    peak = 0
    while process.poll() is None:
        try:
            members = [tree, *tree.children(recursive=True)]
            peak = max(peak, sum(_resident(member) for member in members))
        except psutil.NoSuchProcess:
            break
        time.sleep(0.05)
    return peak


def _resident(member: psutil.Process) -> int:
    try:
        return int(member.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
