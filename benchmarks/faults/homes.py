"""Homes for the faults: one before a load, and what an undisturbed load makes of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.same.announced import VARYING
from benchmarks.same.differences import compare_generations

TIMEOUT = 1800


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code, and what it printed."""

    code: int
    text: str
    seconds: float


@dataclass(frozen=True)
class Nation:
    """A home after one load with new deliveries waiting, and the same home after a second load."""

    before: Path
    after: Path
    seconds: float


def build_environment(home: Path, extra: Mapping[str, str] = {}) -> dict[str, str]:
    """Return the environment of a command over a home."""
    return {**os.environ, "REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(home), **extra}


def run_register(home: Path, *words: str, **extra: str) -> Outcome:
    """Run a command of the register over a home, with extra variables of the environment."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "interfaces.command_line", *words],
        env=build_environment(home, extra),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    return Outcome(done.returncode, done.stdout + done.stderr, time.monotonic() - began)


def build_nation(folder: Path, authorities: int) -> Nation:
    """Simulate a nation, load most of it, and load the rest in a copy. Reuses a finished folder."""
    before, after = folder / "before", folder / "after"
    if not after.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _expect_success(
            run_register(before, "simulate", "--authorities", str(authorities), "--years", "1")
        )
        withheld = folder / "withheld"
        _move_later_deliveries(before / "inbox", withheld)
        _expect_success(run_register(before, "load"))
        shutil.copytree(withheld, before / "inbox", dirs_exist_ok=True)
        copy_home(before, folder / "unfinished")
        _expect_success(run_register(folder / "unfinished", "load"))
        (folder / "unfinished").rename(after)
    copy_home(before, folder / "timed")
    seconds = run_register(folder / "timed", "load").seconds
    shutil.rmtree(folder / "timed")
    return Nation(before, after, seconds)


def copy_home(source: Path, target: Path) -> Path:
    """Copy a home with its links and file times; an earlier copy is replaced."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)
    return target


def find_differences(nation: Nation, home: Path) -> str:
    """Return how a home's published register differs from the undisturbed one's; empty if not."""
    folders = [(each / "published" / "current").resolve() for each in (nation.after, home)]
    compared = compare_generations(folders[0], folders[1], VARYING, ())
    return "; ".join(f"{item.table}: {item.detail}" for item in compared.differences[:3])


def _move_later_deliveries(inbox: Path, withheld: Path) -> None:
    """Take the last period of each feed and supplier out of an inbox."""
    for folder in inbox.glob("*/*"):
        last = max(folder.iterdir(), key=lambda path: path.name)
        target = withheld / last.relative_to(inbox)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(last, target)


def _expect_success(outcome: Outcome) -> None:
    if outcome.code != 0:
        raise RuntimeError(f"a load without any fault failed:\n{outcome.text}")
