"""Runs the tests of one model on its compiled SQL, broken or not, in DuckDB and without dbt.

A model's tests are dbt's unit tests as dbt compiled them, the tests of its steps, and, for a mart,
the rows that it publishes of the small nation, which `tests/end_to_end/test_published_columns.py`
holds column by column.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from register.settings import Settings
from tests.dbt.runs import dbt_target, next_folder
from tests.dbt.steps import StepTest, read_step_tests, run_step_test
from tests.mutants.sql_breaks import BreakableQuery, SqlBreak

MARTS = "marts"
# A break whose tests take longer is noticed: it multiplies rows.
MOST_SECONDS = 60


@dataclass
class ModelTests:
    """The tests of one model: each sees its compiled SQL and nothing else of the project."""

    name: str
    path: Path
    query: BreakableQuery
    is_mart: bool
    unit_tests: dict[str, BreakableQuery]
    step_tests: list[StepTest]
    published: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def failing(self, connection: duckdb.DuckDBPyConnection, sql_break: SqlBreak) -> str | None:
        """Return the name of a test that fails with the break, or None where none does."""
        overdue = threading.Timer(MOST_SECONDS, connection.interrupt)
        overdue.start()
        try:
            return self._failing(connection, sql_break)
        finally:
            overdue.cancel()

    def _failing(self, connection: duckdb.DuckDBPyConnection, sql_break: SqlBreak) -> str | None:
        for name, query in self.unit_tests.items():
            if not _unit_test_passes(connection, query.broken(sql_break)):
                return name
        broken = self.query.broken(sql_break)
        for step in self.step_tests:
            if not _step_test_passes(connection, broken, step):
                return step.name
        if self.is_mart and not self._publishes_the_same(connection, broken):
            return "published rows"
        return None

    def failing_unbroken(self, connection: duckdb.DuckDBPyConnection) -> str | None:
        """Return a test that fails without a break, or None; note what the mart publishes."""
        unbroken = self.query.unbroken()
        if self.is_mart:
            self.published = _rows(connection, unbroken)
        for name, query in self.unit_tests.items():
            if len(query) != len(self.query):
                return f"{name}: compiled otherwise than the model"
            if not _unit_test_passes(connection, query.unbroken()):
                return name
        for step in self.step_tests:
            if not _step_test_passes(connection, unbroken, step):
                return step.name
        if self.is_mart and not self._publishes_the_same(connection, unbroken):
            return "published rows"
        return None

    def _publishes_the_same(self, connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
        try:
            return _rows(connection, sql) == self.published
        except duckdb.Error:
            return False


def list_models(settings: Settings, folder: str = "") -> list[Path]:
    """Return the places of the compiled models below `folder` of the models' folder."""
    models = _project_folder(settings, "compiled")
    places = [path.relative_to(models) for path in sorted((models / folder).rglob("*.sql"))]
    # Beside a model lie its unit tests, in a folder named for its YAML.
    return [place for place in places if not any(part.endswith(".yml") for part in place.parts)]


def read_model_tests(settings: Settings, place: Path) -> ModelTests:
    """Return the compiled model at a place of the models' folder, with its tests."""
    path = _project_folder(settings, "compiled") / place
    ran = _project_folder(settings, "run") / place
    # Beside a model its YAML may hold others' tests too; names begin with their model's.
    tests = sorted(ran.with_suffix(".yml").rglob(f"{place.stem}__*.sql"))
    return ModelTests(
        name=place.stem,
        path=place,
        query=BreakableQuery(path.read_text(encoding="utf-8")),
        is_mart=place.parts[0] == MARTS,
        unit_tests={test.stem: BreakableQuery(test.read_text("utf-8")) for test in tests},
        step_tests=[step for step in read_step_tests() if step.model == place.stem],
    )


def _project_folder(settings: Settings, kind: str) -> Path:
    return dbt_target(settings) / kind / "national_register" / "models"


@contextmanager
def attached(settings: Settings, generation: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database that sees a built home, read only."""
    databases = [
        settings.warehouse / "warehouse.duckdb",
        *next_folder(settings, generation).glob("*.duckdb"),
    ]
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for path in databases:
            connection.execute(f"attach '{path}' as {path.stem} (read_only)")
        connection.execute("use warehouse")
        connection.execute("set timezone = 'UTC'")
        yield connection


def _unit_test_passes(connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
    try:
        rows = connection.execute(sql).fetchall()
    except duckdb.Error:
        return False
    actual = Counter(row[:-1] for row in rows if row[-1] == "actual")
    expected = Counter(row[:-1] for row in rows if row[-1] == "expected")
    return actual == expected


def _step_test_passes(connection: duckdb.DuckDBPyConnection, sql: str, step: StepTest) -> bool:
    try:
        run_step_test(connection, sql, step)
    except (AssertionError, duckdb.Error):
        return False
    return True


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Counter[tuple[object, ...]]:
    """Return how often each row comes, as a hash: rows may be wide and hold lists."""
    hashes = connection.execute(f"select hash(every_row) from ({sql}) as every_row").fetchall()
    return Counter(hashes)
