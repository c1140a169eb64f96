"""The faults: each disturbs loads of a home, ends the disturbance, and says what was left."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.faults.fault_results import Result
from benchmarks.faults.homes import (
    Nation,
    Outcome,
    build_environment,
    copy_home,
    expect_success,
    find_current,
    find_differences,
    find_torn,
    list_steps,
    measure_bytes,
    run_register,
)
from benchmarks.faults.spoiled_disk import (
    NotPossibleError,
    fill_disk,
    forbid_writing,
    mount_disk,
    repair_disk,
)

# The folders of a home that a load writes.
STORES = (
    *("landing", "access_record", "decisions", "dagster"),
    *("warehouse", "published", "quality", "outbox"),
)
DISKS = ("full", "read only")
DAY = 24 * 3600
CLOCKS = {
    "an hour ahead": 3600,
    "an hour behind": -3600,
    "a year ahead": 365 * DAY,
    "a year behind": -365 * DAY,
}
# With a wrong clock, several threads of DuckDB never sleep while they wait for each other. DuckDB
# takes their number from this variable of a scheduler.
CLOCK_LIMITS = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "SLURM_CPUS_ON_NODE": "1"}
TRACE = "Traceback (most recent call last)"
# What a message about a disk says.
NAMED = re.compile(r"no space|full disk|disk (is )?full|make room|read.?only", re.IGNORECASE)
# How many loads of one home are disturbed before a load may end in it.
LOADS_IN_A_ROW = 5
POLL_SECONDS = 0.1
READER = Path(__file__).with_name("reader.py")


@dataclass(frozen=True)
class Tried:
    """A disturbed load: the fault, in which step it ended, what it printed, and what is wrong."""

    fault: str
    step: str
    outcome: Outcome
    wrong: tuple[str, ...] = ()


def spoil_disks(nation: Nation, home: Path) -> Iterator[Result]:
    """Load while a store's disk is full or can only be read, for each store; then without.

    A full disk has half the room that the load needs. A few faults follow each other in one home
    before a load without any, unless a load ends well in spite of its fault.
    """
    waiting = [(store, name) for store in STORES for name in DISKS]
    while waiting:
        copy_home(nation.before, home)
        tried: list[Tried] = []
        while waiting and len(tried) < LOADS_IN_A_ROW and all(each.outcome.code for each in tried):
            store, name = waiting.pop(0)
            growth = measure_bytes(nation.after / store) - measure_bytes(nation.before / store)
            try:
                with mount_disk(home / store) as disk:
                    if name == "full":
                        fill_disk(disk, max(growth, 0) // 2)
                    else:
                        forbid_writing(disk)
                    outcome = run_register(home, "load")
                    repair_disk(disk)
            except NotPossibleError as error:
                yield Result("disks", f"{store}, disk {name}", None, str(error))
                continue
            wrong = find_unclear(outcome)
            tried.append(note_load(nation, home, f"{store}, disk {name}", outcome, wrong))
        yield from judge(nation, home, "disks", tried)


def find_unclear(outcome: Outcome) -> list[str]:
    """Return whether a load that failed for its disk does not say so."""
    if outcome.code != 0 and not NAMED.search(outcome.text):
        return ["the message does not name the disk's fault"]
    return []


def change_clocks(nation: Nation, home: Path) -> Iterator[Result]:
    """Load with a wrong clock, then with the right one; times of receipt are the files' own."""
    for name, seconds in CLOCKS.items():
        try:
            library = _find_clock_library()
        except NotPossibleError as error:
            yield Result("clocks", name, None, str(error))
            continue
        copy_home(nation.before, home)
        clock = {"LD_PRELOAD": str(library), "FAKETIME": f"{seconds:+d}", **CLOCK_LIMITS}
        outcome = run_register(home, "load", **clock)
        yield from judge(nation, home, "clocks", [note_load(nation, home, name, outcome)])


def kill_loads(nation: Nation, home: Path, count: int, seed: int) -> Iterator[Result]:
    """Kill whole loads at random lines of their progress; then let a load of the home end.

    A few loads of one home are killed before that. The kill comes a random time after its line, at
    most as long as an average line takes.
    """
    rng = random.Random(seed)  # noqa: S311 - moments of kills
    done = 0
    while done < count:
        copy_home(nation.before, home)
        tried: list[Tried] = []
        for _ in range(min(LOADS_IN_A_ROW, count - done)):
            line = rng.randrange(nation.lines)
            pause = rng.uniform(0.0, nation.seconds / nation.lines)
            with _start(home, "load") as load:
                while load.poll() is None and len(list_steps(_read_log(home))) < line:
                    time.sleep(POLL_SECONDS)
                try:
                    load.wait(pause)
                except subprocess.TimeoutExpired:
                    os.killpg(load.pid, signal.SIGKILL)
            if load.returncode != -signal.SIGKILL:
                break  # It ended before its moment: that was no kill.
            done += 1
            outcome = Outcome(load.returncode, _read_log(home))
            tried.append(note_load(nation, home, f"kill {seed}.{done}", outcome))
        yield from judge(nation, home, "kills", tried)


def start_together(nation: Nation, home: Path) -> Iterator[Result]:
    """Start two loads and a review at once; one load waits or says that another is running."""
    copy_home(nation.before, home)
    pairs = json.loads(run_register(home, "review", "--json").text)
    decide = _word_decision(pairs[0])
    with _start(home, "load") as first, _start(home, "load", name="second") as second:
        reviews = [run_register(home, "review", "--json"), run_register(home, *decide)]
        codes = sorted((first.wait(), second.wait()))
    text = "".join(_read_log(home, name) for name in ("first", "second"))
    reviewed = [each.code for each in reviews]
    is_refused = codes in ([0, 4], [0, 0]) and reviewed == [0, 0]
    published = find_current(home)
    run_register(home, "load")
    was_in_time = find_current(home) == published  # The first load has the decision.
    expected = home.with_name("decided")
    copy_home(nation.before if was_in_time else nation.after, expected)
    expect_success(run_register(expected, *decide))
    expect_success(run_register(expected, "load"))
    decided = replace(nation, after=expected)
    outcome = Outcome(0, text + "".join(each.text for each in reviews))
    tried = Tried("two loads, a list for review and a decision", "", outcome, ())
    (result,) = judge(decided, home, "together", [tried])
    loads, others = (" and ".join(map(str, each)) for each in (codes, reviewed))
    says = f"exit codes {loads} of the loads, {others} of the review"
    says += "; the next gave the same tables" if result.is_well else f"; {result.says}"
    yield Result("together", result.fault, bool(result.is_well) and is_refused, says)


def serve_readers(
    nation: Nation, home: Path, publications: int, opens: int, dsn: str
) -> Iterator[Result]:
    """Open published files again and again while loads publish others.

    The first load has new deliveries, the others build the register again. No reader may fail, or
    see rows of two generations.
    """
    copy_home(nation.before, home)
    report, processes = home.with_name(f"{home.name}-report"), 4
    shutil.rmtree(report, ignore_errors=True)
    report.mkdir()
    forms = ["parquet", *(["postgres"] if dsn else [])]
    targets = {"REGISTER_SERVE": " ".join(forms), "REGISTER_POSTGRES_DSN": dsn}
    for form in forms:
        expect_success(run_register(home, "serve", form, **targets))
    words = [str(home), str(report), str(opens // processes), dsn]
    readers = [subprocess.Popen([sys.executable, READER, *words]) for _ in range(processes)]
    codes = [run_register(home, "load", "--refresh", **targets).code for _ in range(publications)]
    (report / "enough").touch()
    ended = [reader.wait() for reader in readers]
    lines = [line for path in report.glob("*.txt") for line in path.read_text().splitlines()]
    for form in ("duckdb", *forms):
        opened = [line.split()[2] for line in lines if line.startswith(f"opened {form} ")]
        failed = [line for line in lines if line.startswith(f"{form} ")]
        says = (
            f"{len(opened):,} opens by {processes} processes saw {len(set(opened))} generations"
            f" through {codes.count(0)} of {publications} publications; {len(failed)} failed or"
            " mixed"
        )
        is_well = not failed and not any(ended) and not any(codes)
        yield Result("readers", form, is_well, says)


def note_load(
    nation: Nation, home: Path, fault: str, outcome: Outcome, wrong: Sequence[str] = ()
) -> Tried:
    """Note what a disturbed load printed, and whether readers still have a whole register."""
    torn = find_torn(nation, home)
    everything = [
        *wrong,
        *(["the message was a traceback"] if TRACE in outcome.text else []),
        *([torn] if torn else []),
    ]
    step = (list_steps(outcome.text) or ["Start"])[-1]
    return Tried(fault, step, outcome, tuple(everything))


def judge(nation: Nation, home: Path, part: str, tried: Sequence[Tried]) -> Iterator[Result]:
    """Load once more without the fault, and compare with the undisturbed register."""
    if not tried:
        return
    again = run_register(home, "load")
    check = run_register(home, "doctor", "--deep")
    differences = find_differences(nation.after, home)
    common = [
        *([f"the next load ended with {again.code}"] if again.code else []),
        *([differences] if differences else []),
        *([f"doctor: {_shorten(check.text)}"] if check.code else []),
    ]
    for each in tried:
        wrong = [*each.wrong, *common]
        if TRACE in each.outcome.text + again.text + check.text or wrong:
            _keep_texts(home, each, again, check)
        ended = f"the load stopped at *{each.step}* with exit code {each.outcome.code}"
        if each.outcome.code == 0:
            ended = "the load ended well"
        says = [ended, *(wrong or ["the next gave the same tables"])]
        yield Result(part, each.fault, not wrong, "; ".join(says), each.step)


def _keep_texts(home: Path, tried: Tried, again: Outcome, check: Outcome) -> None:
    """Keep what commands printed, for whoever looks for the cause of a fault."""
    texts = (tried.outcome.text, again.text, check.text)
    path = home.with_name(f"{tried.fault.replace(' ', '_')}.txt")
    path.write_text("\n=====\n".join(texts), encoding="utf-8")


def _word_decision(pair: dict[str, object]) -> list[str]:
    """Return the command that confirms what the register made of a pair."""
    decision = "link" if pair["is_joined"] else "never_link"
    words = ["review", "decide", str(pair["review_pair_id"]), "--decision", decision]
    return [*words, "--by", "A. Reviewer", "--reason", "a drill", "--yes"]


def _shorten(text: str) -> str:
    """Return the lines of faults among what `register doctor` printed."""
    lines = [" ".join(line.split()) for line in text.splitlines() if "✗" in line]
    return "; ".join(lines) or text.strip()[-200:]


def _read_log(home: Path, name: str = "first") -> str:
    return _find_log(home, name).read_text(encoding="utf-8")


def _find_log(home: Path, name: str) -> Path:
    return home.with_name(f"{home.name}-{name}.log")


@contextmanager
def _start(home: Path, *words: str, name: str = "first") -> Iterator[subprocess.Popen[bytes]]:
    """A command in a process group of its own, which prints into a file beside the home."""
    with (
        _find_log(home, name).open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "interfaces.command_line", *words],
            env=build_environment(home),
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        yield process


def _find_clock_library() -> Path:
    """Return the library that changes what a process takes for the time."""
    try:
        import libfaketime  # type: ignore[import-untyped]
    except ImportError:
        raise NotPossibleError("the package libfaketime is not installed") from None
    (path,) = Path(libfaketime.__file__).parent.rglob("libfaketime.so.1")
    return path
