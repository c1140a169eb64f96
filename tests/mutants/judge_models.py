"""Tries every break of the compiled models of a folder, on a small nation that is built once."""

from __future__ import annotations

import multiprocessing
import os
import re
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
from tests.mutants.model_tests import attached, read_model_tests
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
    break_count: int
    survivors: list[SqlBreak]
    failing_unbroken: str | None


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
    known = [KnownSurvivor(**entry) for entry in read_yaml(SURVIVORS)]
    break_count = survivor_count = unexplained_count = 0
    for verdict in _verdicts(settings, folder):
        if verdict.failing_unbroken:
            raise MutantError(f"{verdict.model}: {verdict.failing_unbroken} fails without a break")
        noticed_count = verdict.break_count - len(verdict.survivors)
        console.print(f"{verdict.model}: {noticed_count} of {verdict.break_count} are noticed")
        break_count += verdict.break_count
        survivor_count += len(verdict.survivors)
        for survivor in verdict.survivors:
            reasons = [entry.reason for entry in known if entry.matches(verdict.model, survivor)]
            unexplained_count += not reasons
            console.print(f"    survives: {survivor} ({reasons[0] if reasons else 'NO REASON'})")
    if not break_count:
        raise MutantError(f"no model below {folder} has an expression to break")
    share = 1 - survivor_count / break_count
    console.print(
        f"{break_count - survivor_count} of {break_count} breaks are noticed ({share:.1%}); of "
        f"{survivor_count} survivors {unexplained_count} have no reason in {SURVIVORS.name}"
    )
    return share >= LEAST_SHARE and not unexplained_count


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
    names = [tests.name for tests in read_model_tests(settings, folder)]
    with ProcessPoolExecutor(
        os.cpu_count(), mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        chunks = [pool.submit(_judge_model, settings, folder, name) for name in names]
        for chunk in chunks:
            yield chunk.result()


def _judge_model(settings: Settings, folder: str, name: str) -> Verdict:
    (tests,) = (tests for tests in read_model_tests(settings, folder) if tests.name == name)
    with attached(settings, GENERATION) as connection:
        if failing := tests.failing_unbroken(connection):
            return Verdict(name, 0, [], failing)
        breaks = tests.query.breaks()
        survivors = [item for item in breaks if tests.failing(connection, item) is None]
    return Verdict(name, len(breaks), survivors, None)
