"""The faults: each disturbs loads of a home, ends the disturbance, and says what was left."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.homes import (
    Nation,
    Outcome,
    build_environment,
    copy_home,
    find_differences,
    run_register,
)

# The folders of a home that a load writes.
STORES = ("landing", "warehouse", "published", "decisions", "quality", "outbox", "dagster")
# How a disk is spoiled, and the option of `mount` that ends it.
DISKS = {"full": "size=4g", "read only": "rw"}
DAY = 24 * 3600
CLOCKS = {
    "an hour ahead": 3600,
    "an hour behind": -3600,
    "a year ahead": 365 * DAY,
    "a year behind": -365 * DAY,
}
TRACE = "Traceback (most recent call last)"
READER = Path(__file__).with_name("reader.py")


class NotPossibleError(RuntimeError):
    """A fault cannot be made on this machine; the message says what is missing."""


@dataclass(frozen=True)
class Result:
    """What a fault led to. `is_well` means that nothing was lost, torn or left unclear.

    It is None for a fault that could not be tried on this machine.
    """

    fault: str
    is_well: bool | None
    says: str


def survive_spoiled_disk(nation: Nation, home: Path, store: str, spoiled: str) -> Result:
    """Load while a store's disk is full or can only be read, then with its disk in order."""
    copy_home(nation.before, home)
    with _mount_disk(home / store, spoiled) as folder:
        disturbed = run_register(home, "load")
        _remount(folder, DISKS[spoiled])
        return _judge(nation, home, f"{store}: disk {spoiled}", disturbed)


def survive_wrong_clock(nation: Nation, home: Path, name: str) -> Result:
    """Load with a wrong clock, then with the right one; times of receipt are the files' own."""
    copy_home(nation.before, home)
    library = _find_clock_library()
    clock = {"LD_PRELOAD": str(library), "FAKETIME": f"{CLOCKS[name]:+d}"}
    disturbed = run_register(home, "load", **clock, FAKETIME_DONT_FAKE_MONOTONIC="1")
    return _judge(nation, home, f"clock {name}", disturbed)


def survive_kills(nation: Nation, home: Path, count: int, seed: int) -> Iterator[Result]:
    """Kill whole loads at random moments, and load again after each."""
    rng = random.Random(seed)  # noqa: S311 - moments of kills
    for number in range(count):
        copy_home(nation.before, home)
        moment = rng.uniform(0.0, nation.seconds)
        with _start(home, "load") as load:
            try:
                load.wait(moment)
            except subprocess.TimeoutExpired:
                os.killpg(load.pid, signal.SIGKILL)
        killed = Outcome(load.wait(), "", moment)
        yield _judge(nation, home, f"kill {number + 1} after {moment:.1f} s", killed)


def survive_each_other(nation: Nation, home: Path) -> Result:
    """Start two loads and a review at once; one load waits or says that another is running."""
    copy_home(nation.before, home)
    with _start(home, "load") as first, _start(home, "load") as second:
        review = run_register(home, "review", "list", "--json")
        codes = sorted((first.wait(), second.wait()))
    is_refused = codes in ([0, 4], [0, 0]) and review.code == 0
    result = _judge(nation, home, "two loads and a review", Outcome(0, review.text, 0))
    says = f"exit codes of the loads {codes}, of the review {review.code}; {result.says}"
    return Result(result.fault, bool(result.is_well) and is_refused, says)


def serve_readers(nation: Nation, home: Path, loads: int, opens: int, dsn: str | None) -> Result:
    """Open published files again and again while loads publish; no reader fails or sees a mix."""
    copy_home(nation.after, home)
    report, processes = home.parent / "readers", 4
    shutil.rmtree(report, ignore_errors=True)
    report.mkdir()
    words = [str(home), str(report), str(opens // processes), dsn or ""]
    targets = {"REGISTER_SERVE": "parquet postgres", "REGISTER_POSTGRES_DSN": dsn} if dsn else {}
    run_register(home, "load", "--refresh", **targets)
    readers = [subprocess.Popen([sys.executable, READER, *words]) for _ in range(processes)]
    codes = [run_register(home, "load", "--refresh", **targets).code for _ in range(loads)]
    (report / "enough").touch()
    ended = [reader.wait() for reader in readers]
    lines = [line for path in report.glob("*.txt") for line in path.read_text().splitlines()]
    faults = [line for line in lines if not line.startswith("opened")]
    generations = {line.split()[2] for line in lines if line.startswith("opened")}
    says = (
        f"{len(lines) - len(faults):,} opens by {processes} processes saw"
        f" {len(generations)} generations through {codes.count(0)} of {loads} publications;"
        f" {len(faults)} failed or mixed"
    )
    return Result("readers", not faults and not any(ended) and not any(codes), says)


def _judge(nation: Nation, home: Path, fault: str, disturbed: Outcome) -> Result:
    """Load once more without the fault, and compare with the undisturbed register."""
    has_trace = TRACE in disturbed.text
    again = run_register(home, "load")
    check = run_register(home, "doctor", "--deep")
    differences = find_differences(nation, home) if again.code == 0 else "the next load failed"
    faults = [
        *(["the message was a traceback"] if has_trace else []),
        *([differences] if differences else []),
        *([f"doctor: {check.text.strip()[-200:]}"] if check.code else []),
    ]
    ended = f"the load ended with {disturbed.code}"
    return Result(fault, not faults, "; ".join([ended, *(faults or ["the next gave the same"])]))


@contextmanager
def _start(home: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command in a process group of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "interfaces.command_line", *words],
        env=build_environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        yield process


@contextmanager
def _mount_disk(store: Path, kind: str) -> Iterator[Path]:
    """Put a store on a disk of its own in memory, which is full or can only be read."""
    store.mkdir(exist_ok=True)
    aside = store.with_name(f"{store.name}.aside")
    store.rename(aside)
    store.mkdir(mode=aside.stat().st_mode & 0o777)
    try:
        _run_command(["mount", "-t", "tmpfs", "-o", "size=4g", "tmpfs", str(store)])
        try:
            shutil.copytree(aside, store, symlinks=True, dirs_exist_ok=True)
            if kind == "full":
                size = sum(each.lstat().st_blocks * 512 for each in store.rglob("*"))
                _remount(store, f"size={size // 1024 + 64}k")
            else:
                _remount(store, "ro")
            yield store
            _remount(store, "rw")
        finally:
            _run_command(["umount", "--lazy", str(store)])
    finally:
        store.rmdir()
        aside.rename(store)


def _remount(folder: Path, options: str) -> None:
    _run_command(["mount", "-o", f"remount,{options}", str(folder)])


def _run_command(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotPossibleError(f"{command[0]}: {done.stderr.strip()} (needs root)")


def _find_clock_library() -> Path:
    """Return the library that changes what a process takes for the time."""
    try:
        import libfaketime  # type: ignore[import-untyped]
    except ImportError:
        raise NotPossibleError("the package libfaketime is not installed") from None
    (path,) = Path(libfaketime.__file__).parent.rglob("libfaketime.so.1")
    return path
