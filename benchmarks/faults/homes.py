"""Homes for the faults: one before a load, and what an undisturbed load makes of it."""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.same.announced import VARYING, Varying
from benchmarks.same.differences import compare_generations

TIMEOUT = 7200
SEED = 1
# Values that depend on the moment of a decision.
DECIDED = (
    Varying("operations.review_pairs", "decided_at", "the moment of the decision"),
    Varying("register.fct_identity_events", "identity_event_id", "a hash with that moment"),
)


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code, and what it printed."""

    code: int
    text: str


@dataclass(frozen=True)
class Nation:
    """A home after one load with new deliveries waiting, and the same home after a second load.

    `seconds` is how long that second load took, and `lines` how many lines of progress it wrote.
    """

    before: Path
    after: Path
    seconds: float
    lines: int


def build_environment(home: Path, extra: Mapping[str, str] = {}) -> dict[str, str]:
    """Return the environment of a command over a home."""
    return {**os.environ, "REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(home), **extra}


def run_register(home: Path, *words: str, **extra: str) -> Outcome:
    """Run a command of the register over a home, with extra variables of the environment."""
    done = subprocess.run(
        [sys.executable, "-m", "interfaces.command_line", *words],
        env=build_environment(home, extra),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    return Outcome(done.returncode, done.stdout + done.stderr)


def build_nation(folder: Path, authorities: int) -> Nation:
    """Simulate a nation, load most of it, and load the rest in a copy. Reuses a finished folder."""
    before, after, facts = folder / "before", folder / "after", folder / "facts.json"
    if not facts.exists():
        shutil.rmtree(folder, ignore_errors=True)
        size = ("--authorities", str(authorities), "--years", "1", "--seed", str(SEED))
        expect_success(run_register(before, "simulate", *size))
        withheld = folder / "withheld"
        _move_later_deliveries(before / "inbox", withheld)
        expect_success(run_register(before, "load"))
        shutil.copytree(withheld, before / "inbox", dirs_exist_ok=True)
        began = time.monotonic()
        load = run_register(copy_home(before, after), "load")
        expect_success(load)
        measured = {"seconds": time.monotonic() - began, "lines": len(list_steps(load.text))}
        facts.write_text(json.dumps(measured))
    return Nation(before, after, **json.loads(facts.read_text()))


def prepare_copies(nation: Nation, home: Path) -> Nation:
    """Return the nation with homes that know the dbt project at this path.

    A project is parsed once for each path of a home, which would slow the first load of each copy.
    """
    template = home.with_name(f"{home.name}-before")
    if not template.exists():
        copy_home(nation.before, home)
        run_register(home, "doctor")
        home.rename(template)
    return replace(nation, before=template)


def list_steps(text: str) -> list[str]:
    """Return the step of a load that each line of its progress names."""
    lines = re.findall(r"^\d+:\d\d:\d\d ([A-Z][A-Za-z ]+)(?:: (done)| |:)", text, re.MULTILINE)
    return [f"after {step}" if has_ended else step for step, has_ended in lines]


def copy_home(source: Path, target: Path) -> Path:
    """Copy a home with its links and file times; an earlier copy is replaced."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)
    return target


def measure_bytes(folder: Path) -> int:
    """Return the space that a folder takes on a disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def find_current(home: Path) -> str:
    """Return the id of the generation that readers of a home get."""
    return (home / "published" / "current").resolve().name


def find_differences(expected: Path, home: Path) -> str:
    """Return how a home's published register differs from another home's; empty if it does not."""
    folders = [(each / "published" / "current").resolve() for each in (expected, home)]
    try:
        compared = compare_generations(folders[0], folders[1], (*VARYING, *DECIDED), ())
    except FileNotFoundError:
        return "the published register has no file"
    return "; ".join(f"{item.table}: {item.detail}" for item in compared.differences[:3])


def find_torn(nation: Nation, home: Path) -> str:
    """Return what is wrong if a home publishes neither the register of before nor of after."""
    if find_current(nation.before) == find_current(home):
        before, now = ((each / "published" / "current") for each in (nation.before, home))
        names = [path.name for path in before.iterdir() if path.is_file()]
        _, unlike, unreadable = filecmp.cmpfiles(before, now, names, shallow=False)
        differences = ", ".join([*unlike, *unreadable])
    else:
        differences = find_differences(nation.after, home)
    return f"readers did not have a whole register: {differences}" if differences else ""


def expect_success(outcome: Outcome) -> None:
    """Raise an error if a command failed that nothing disturbed."""
    if outcome.code != 0:
        raise RuntimeError(f"a command without any fault failed:\n{outcome.text}")


def _move_later_deliveries(inbox: Path, withheld: Path) -> None:
    """Take the last period of each feed and supplier out of an inbox."""
    for folder in inbox.glob("*/*"):
        last = max(folder.iterdir(), key=lambda path: path.name)
        target = withheld / last.relative_to(inbox)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(last, target)
