"""Tries the catalogue on the tree that it runs in, which it breaks: `__main__` gives it a copy.

Breaks of models are tried together, one a model, since their unit tests and the tests of their
steps see one model alone, on invented rows. Every other break is tried alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from rich.console import Console

from register.home import prepare_home
from register.settings import PROJECT_ROOT, Settings, load_settings
from simulation import simulate
from tests.dbt.runs import dbt_target, next_folder, run_dbt
from tests.dbt.steps import read_step_tests, run_step_test
from tests.end_to_end.conftest import PLAN
from tests.end_to_end.registers import compiled_models, land
from tests.mutants.catalogue import Mutant, MutantError, read_mutants, rounds

LEAST_SHARE = 0.95
GENERATION = "mutants"
console = Console(highlight=False, soft_wrap=True)


def main(home: Path, only: list[str]) -> int:
    """Try the mutants whose name has any of `only` in it, or all; 0 if enough of them are seen."""
    mutants = [
        mutant for mutant in read_mutants() if not only or any(part in mutant.name for part in only)
    ]
    if not mutants:
        raise MutantError(f"no mutant is named {' or '.join(only)}")
    settings = _built_home(home)
    _check_unbroken(settings, mutants)
    survivors = []
    for mutant, is_seen in tried(settings, mutants):
        console.print(f"{'seen    ' if is_seen else 'SURVIVES'}  {mutant.name}  ({mutant.file})")
        if not is_seen:
            survivors.append(mutant)
    share = 1 - len(survivors) / len(mutants)
    console.print(f"{len(mutants) - len(survivors)} of {len(mutants)} are seen ({share:.0%})")
    return 0 if share >= LEAST_SHARE else 1


def tried(settings: Settings, mutants: list[Mutant]) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant, and whether a test sees it."""
    for together in rounds([mutant for mutant in mutants if mutant.model]):
        with broken(together):
            models = [mutant.model for mutant in together if mutant.model]
            failing = failing_models(settings, models)
        for mutant in together:
            yield mutant, mutant.model in failing
    for mutant in mutants:
        if mutant.model is None:
            with broken([mutant]):
                is_seen = not passes(mutant.tests)
            yield mutant, is_seen


@contextmanager
def broken(mutants: list[Mutant]) -> Iterator[None]:
    """Break the tree, and mend it after."""
    before: dict[str, str] = {}
    try:
        for mutant in mutants:
            before[mutant.file] = mutant.make(PROJECT_ROOT)
        yield
    finally:
        for file, text in before.items():
            (PROJECT_ROOT / file).write_text(text, encoding="utf-8")


def failing_models(settings: Settings, models: list[str]) -> set[str]:
    """Models of which a unit test, or the test of a step, fails."""
    folder = next_folder(settings, GENERATION)
    # It writes the manifest too, which says what models have unit tests; a build writes none.
    compiled = run_dbt(settings, folder, "compile", "--select", *models)
    if compiled.returncode != 0:
        raise MutantError(f"the models do not compile:\n{compiled.stdout[-2000:]}")
    failed = _models_with_failing_unit_tests(settings, folder, models)
    return failed | _models_with_failing_steps(settings, set(models))


def _models_with_failing_unit_tests(
    settings: Settings, folder: Path, models: list[str]
) -> set[str]:
    # unit_test.<project>.<model>.<name>
    manifest = json.loads((dbt_target(settings) / "manifest.json").read_text(encoding="utf-8"))
    with_tests = {name.split(".")[2] for name in manifest["unit_tests"]}
    # dbt takes a selection that names nothing for an error; such a model has tests of steps.
    chosen = [f"{model},resource_type:unit_test" for model in models if model in with_tests]
    if not chosen:
        return set()
    tested = run_dbt(settings, folder, "test", "--select", *chosen)
    if "Compilation Error" in tested.stdout or "Parsing Error" in tested.stdout:
        raise MutantError(f"the models do not compile:\n{tested.stdout[-2000:]}")
    results = json.loads((dbt_target(settings) / "run_results.json").read_text(encoding="utf-8"))
    return {
        result["unique_id"].split(".")[2]
        for result in results["results"]
        if result["unique_id"].startswith("unit_test.") and result["status"] != "pass"
    }


def _models_with_failing_steps(settings: Settings, models: set[str]) -> set[str]:
    compiled = compiled_models(settings)
    databases = [
        settings.warehouse / "warehouse.duckdb",
        *next_folder(settings, GENERATION).glob("*.duckdb"),
    ]
    failed = set()
    with duckdb.connect(":memory:") as connection:
        for path in databases:
            connection.execute(f"attach '{path}' as {path.stem} (read_only)")
        connection.execute("use warehouse")
        connection.execute("set timezone = 'UTC'")
        for test in read_step_tests():
            if test.model in models:
                try:
                    run_step_test(connection, compiled[test.model], test)
                except AssertionError:
                    failed.add(test.model)
    return failed


def passes(paths: tuple[str, ...]) -> bool:
    """Whether the tests at `paths` pass. Raises `MutantError` if they cannot be run."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *paths]
    outcome = subprocess.run(
        command, cwd=PROJECT_ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    # 1: tests failed; 2: they could not be collected, as when a module does not import.
    if outcome.returncode > 1:
        raise MutantError(f"pytest {' '.join(paths)}:\n{outcome.stdout[-2000:]}")
    return outcome.returncode == 0


def _built_home(home: Path) -> Settings:
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(home)})
    prepare_home(settings)
    console.print("a nation is simulated and built: unit tests read its types")
    simulate(home, PLAN)
    land(settings)
    # Whole: with the models of public statistics, whose unit tests read types as well.
    without_tests = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    folder = next_folder(settings, GENERATION)
    built = run_dbt(settings, folder, "build", *without_tests, is_whole=True)
    if built.returncode != 0:
        raise MutantError(f"the nation is not built:\n{built.stdout[-2000:]}")
    return settings


def _check_unbroken(settings: Settings, mutants: list[Mutant]) -> None:
    """Raise `MutantError` if a test that must see a break fails without it."""
    models = sorted({mutant.model for mutant in mutants if mutant.model})
    if models and (failing := failing_models(settings, models)):
        raise MutantError(f"tests of {', '.join(sorted(failing))} fail without a break")
    for paths in sorted({mutant.tests for mutant in mutants if mutant.model is None}):
        if not passes(paths):
            raise MutantError(f"{' '.join(paths)} fails without a break")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
