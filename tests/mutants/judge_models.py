"""Tries every break of the compiled models of a folder, on a small nation that is built once."""

from __future__ import annotations

import multiprocessing
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from rich.console import Console

from register.home import prepare_home
from register.settings import Settings, load_settings
from register.yaml_file import read_yaml
from simulation import simulate
from tests.dbt.runs import next_folder, run_dbt
from tests.end_to_end.conftest import PLAN
from tests.end_to_end.registers import land
from tests.mutants.model_tests import attached, list_models, read_model_tests
from tests.mutants.sql_breaks import SqlBreak

LEAST_SHARE = 0.90
GENERATION = "mutants"
SURVIVORS = Path(__file__).with_name("survivors.yml")
console = Console(highlight=False, soft_wrap=True)


class MutantError(RuntimeError):
    """Breaks cannot be judged: the nation is not built, or a test fails without a break."""


@dataclass(frozen=True)
class Verdict:
    """What came of the breaks of one model."""

    model: str
    folder: str
    break_count: int
    survivors: list[SqlBreak]
    failing_unbroken: str | None
    seconds: float


@dataclass(frozen=True)
class KnownSurvivor:
    """A pattern of breaks that no test notices, and why that is right."""

    model: str
    change: str
    reason: str

    def matches(self, model: str, sql_break: SqlBreak) -> bool:
        """Whether a break of a model is one of these."""
        is_model = fnmatch(model, self.model)
        return is_model and re.search(self.change, str(sql_break)) is not None


def judge_models(home: Path, folder: str) -> bool:
    """Try the breaks of the models in a folder; whether enough are noticed and the rest known.

    Raises `MutantError` where the nation cannot be built or a test fails without a break.
    """
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(home)})
    if not next_folder(settings, GENERATION).exists():
        _build_nation(settings)
    known = read_known_survivors()
    break_count = survivor_count = unexplained_count = 0
    verdicts = []
    for verdict in _verdicts(settings, folder):
        if verdict.failing_unbroken:
            raise MutantError(f"{verdict.model}: {verdict.failing_unbroken} fails without a break")
        verdicts.append(verdict)
        noticed_count = verdict.break_count - len(verdict.survivors)
        console.print(
            f"{verdict.model}: {noticed_count} of {verdict.break_count} are noticed"
            f" ({verdict.seconds:.0f} s)"
        )
        break_count += verdict.break_count
        survivor_count += len(verdict.survivors)
        for survivor in verdict.survivors:
            reasons = [entry.reason for entry in known if entry.matches(verdict.model, survivor)]
            unexplained_count += not reasons
            console.print(f"    survives: {survivor} ({reasons[0] if reasons else 'NO REASON'})")
    if not break_count:
        raise MutantError(f"no model below {folder} has an expression to break")
    stale = find_stale_entries(known, verdicts, {place.stem for place in list_models(settings)})
    for entry in stale:
        console.print(f"no longer survives: {entry.model}: {entry.change}")
    share = 1 - survivor_count / break_count
    shares = shares_by_folder(verdicts)
    for name, folder_share in sorted(shares.items()):
        console.print(f"{name}: {folder_share:.1%} are noticed")
    console.print(
        f"{break_count - survivor_count} of {break_count} breaks are noticed ({share:.1%}); of "
        f"{survivor_count} survivors {unexplained_count} have no reason in {SURVIVORS.name}"
    )
    return min(shares.values()) >= LEAST_SHARE and not unexplained_count and not stale


def shares_by_folder(verdicts: list[Verdict]) -> dict[str, float]:
    """Return the share of breaks that are noticed, for each folder that has any."""
    break_counts: Counter[str] = Counter()
    survivor_counts: Counter[str] = Counter()
    for verdict in verdicts:
        break_counts[verdict.folder] += verdict.break_count
        survivor_counts[verdict.folder] += len(verdict.survivors)
    return {
        name: 1 - survivor_counts[name] / count for name, count in break_counts.items() if count
    }


def read_known_survivors() -> list[KnownSurvivor]:
    """Return the entries of `survivors.yml`."""
    return [KnownSurvivor(**entry) for entry in read_yaml(SURVIVORS)]


def find_stale_entries(
    known: list[KnownSurvivor], verdicts: list[Verdict], models: set[str]
) -> list[KnownSurvivor]:
    """Return the entries that match no survivor though every model that they name was judged."""
    judged = {verdict.model for verdict in verdicts}
    return [
        entry
        for entry in known
        if {model for model in models if fnmatch(model, entry.model)} <= judged
        and not any(
            entry.matches(verdict.model, survivor)
            for verdict in verdicts
            for survivor in verdict.survivors
        )
    ]


def _build_nation(settings: Settings) -> None:
    """Build the small nation of the tests, and compile every unit test."""
    console.print("a small nation is simulated and built, once")
    prepare_home(settings)
    simulate(settings.home, PLAN)
    land(settings)
    folder = next_folder(settings, f"{GENERATION}-unfinished")
    for arguments in (
        ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
        ("test", "--select", "resource_type:unit_test"),
    ):
        outcome = run_dbt(settings, folder, *arguments, is_whole=arguments[0] == "build")
        if outcome.returncode != 0:
            raise MutantError(f"dbt {arguments[0]} failed:\n{outcome.stdout[-2000:]}")
    folder.rename(next_folder(settings, GENERATION))


def _verdicts(settings: Settings, folder: str) -> Iterator[Verdict]:
    places = list_models(settings, folder)
    with ProcessPoolExecutor(
        os.cpu_count(), mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        chunks = [pool.submit(_judge_model, settings, place) for place in places]
        for chunk in chunks:
            yield chunk.result()


def _judge_model(settings: Settings, place: Path) -> Verdict:
    started = time.monotonic()
    tests = read_model_tests(settings, place)
    folder = str(place.parent)
    with attached(settings, GENERATION) as connection:
        if failing := tests.failing_unbroken(connection):
            return Verdict(tests.name, folder, 0, [], failing, time.monotonic() - started)
        breaks = tests.query.breaks()
        survivors = [item for item in breaks if tests.failing(connection, item) is None]
    return Verdict(tests.name, folder, len(breaks), survivors, None, time.monotonic() - started)
