"""A backfill: years of deliveries put into the inbox at once, so that no time tells them apart."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from register.feeds import read_ledger
from register.publishing import publish
from register.settings import Settings
from tests.dbt.runs import PUBLICATION, dbt_target, next_folder, run_dbt
from tests.end_to_end.conftest import Nation, copy_inbox, other_home
from tests.end_to_end.registers import FIGURES, build, groups, land, rows

pytestmark = pytest.mark.drill

GENERATION = "backfill"
DATABASES = ("warehouse", "national_register", "case_lists")
# Three million rows, each found by its key alone.
UNSHUFFLED = {"stg_reference__postcodes", "int_postcode_areas"}
SEEDS = (1, 20_000_003)


@dataclass(frozen=True)
class Backfill:
    """The settings of a home that received all of its deliveries in one second, and its build."""

    settings: Settings
    built: Path


@pytest.fixture(scope="module")
def backfill(nation: Nation, tmp_path_factory: pytest.TempPathFactory) -> Backfill:
    """The nation's inbox received within one second: landed, built and audited."""
    settings = other_home(nation, tmp_path_factory.mktemp("backfill") / "home")
    copy_inbox(nation.inbox, settings)
    moment = int(time.time()) - 86_400
    for file in settings.inbox.rglob("*"):
        os.utime(file, (moment, moment))
    land(settings)
    folder = next_folder(settings, GENERATION)
    outcome = run_dbt(settings, folder, "build", "--exclude-resource-type", "unit_test")
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    return Backfill(settings, folder)


def test_a_backfill_gives_the_same_register_and_is_published(
    nation: Nation, backfill: Backfill
) -> None:
    """Prevents a home whose first load, of all its past at once, fails its audit."""
    for key in ("child_id_register", "episode_id_register"):
        assert groups(nation.built, key) == groups(backfill.built, key)
    assert rows(nation.built, FIGURES) == rows(backfill.built, FIGURES)
    # A copy: other tests read the build where it is.
    folder = next_folder(backfill.settings, "published")
    shutil.copytree(backfill.built, folder)
    assert publish(backfill.settings, folder).is_current


def test_deliveries_received_from_last_to_first_give_the_same_register(
    nation: Nation, tmp_path: Path
) -> None:
    """Prevents a register that takes what came last for what is of the latest period."""
    settings = other_home(nation, tmp_path / "home")
    copy_inbox(nation.inbox, settings)
    moment = int(time.time()) - 86_400
    # The first in this order is the last received.
    deliveries = sorted(settings.inbox.glob("*/*/*"), key=_arrived)
    for place, delivery in enumerate(deliveries):
        for file in [delivery, *delivery.rglob("*")]:
            os.utime(file, (moment - 10 * place, moment - 10 * place))
    land(settings)
    held = _held(nation.settings)
    assert held and held == _held(settings)
    built = build(settings, "reversed", only=("+fct_reports", "+fct_episodes"))
    for key in ("child_id_register", "episode_id_register"):
        assert groups(nation.built, key) == groups(built, key)
    assert rows(nation.built, FIGURES) == rows(built, FIGURES)


def _held(settings: Settings) -> dict[str, str | None]:
    ledger = read_ledger(settings)
    return {item.delivery_id: item.hold_rule_code for item in ledger if item.is_held}


def _arrived(delivery: Path) -> tuple[float, str]:
    files = [file for file in [delivery, *delivery.rglob("*")] if file.is_file()]
    return max(file.stat().st_mtime for file in files), delivery.as_posix()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_model_depends_on_the_order_of_the_rows_it_reads(
    backfill: Backfill, tmp_path: Path, seed: int
) -> None:
    """Prevents two figures of one register: every model is run again on rows in another order."""
    # A build writes none.
    parsed = run_dbt(backfill.settings, backfill.built, "parse")
    assert parsed.returncode == 0, parsed.stdout[-4000:]
    manifest = json.loads((dbt_target(backfill.settings) / "manifest.json").read_text("utf-8"))
    with _shuffled(backfill, tmp_path, seed) as connection:
        compared = dict(_changed_rows(manifest, backfill.settings, connection))
    assert len(compared) > 130
    assert {name: count for name, count in compared.items() if count} == {}


def _shuffled(backfill: Backfill, folder: Path, seed: int) -> duckdb.DuckDBPyConnection:
    """The home's relations, each with its rows in another order, and as they were (`before_`)."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    for name in DATABASES:
        home = backfill.settings.warehouse if name == "warehouse" else backfill.built
        shutil.copy(home / f"{name}.duckdb", folder)
        (folder / f"{name}.duckdb").chmod(0o600)
        connection.execute(f"attach '{folder / name}.duckdb' as {name}")
        connection.execute(f"attach '{home / name}.duckdb' as before_{name} (read_only)")
    tables = connection.execute(
        "select database_name, schema_name, table_name from duckdb_tables()"
        " where database_name in ('warehouse', 'national_register', 'case_lists')"
    ).fetchall()
    for database, schema, table in tables:
        if table not in UNSHUFFLED:
            name = f'{database}."{schema}"."{table}"'
            connection.execute(
                f"create or replace table {name} as"
                f" from {name} order by hash(rowid + {seed}), rowid"
            )
    # Models call functions of the warehouse by their name alone.
    connection.execute("use warehouse")
    return connection


def _changed_rows(
    manifest: dict[str, Any], settings: Settings, connection: duckdb.DuckDBPyConnection
) -> Iterator[tuple[str, int]]:
    """By model that reads relations alone: how many rows are others than they were."""
    compiled = dbt_target(settings) / "compiled" / "national_register"
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or node["config"]["materialized"] != "table":
            continue
        if PUBLICATION in node["tags"]:
            continue  # a release builds it
        if node["language"] == "python":
            connection.register("again", _run_python(node, manifest, settings, connection))
        else:
            sql = (compiled / node["original_file_path"]).read_text(encoding="utf-8")
            if "getvariable(" in sql:
                continue
            connection.execute(f"create or replace temp table again as {sql}")
        yield node["name"], _differing(node, connection)
        kind = "view" if node["language"] == "python" else "table"
        connection.execute(f"drop {kind} again")


def _differing(node: dict[str, Any], connection: duckdb.DuckDBPyConnection) -> int:
    before = f'before_{node["database"]}."{node["schema"]}"."{node["alias"]}"'
    types = connection.execute(f"describe {before}").fetchall()
    is_published = node["config"]["contract"]["enforced"]
    columns = ", ".join(
        # As `published_number` has them.
        f'round("{name}", case when abs("{name}") < 1000000 then 9 else 3 end) + 0'
        if is_published and kind == "DOUBLE"
        else f'"{name}"'
        for name, kind, *_ in types
    )
    counts = (
        f"select count(*) from (select {columns} from {one} except all"
        f" select {columns} from {other})"
        for one, other in ((before, "again"), ("again", before))
    )
    return sum(int(connection.execute(count).fetchall()[0][0]) for count in counts)


class _Dbt:
    """What a Python model asks of dbt, answered from the connection."""

    def __init__(
        self, node: dict[str, Any], manifest: dict[str, Any], connection: duckdb.DuckDBPyConnection
    ) -> None:
        self.this = _Relation(node)
        self._connection = connection
        self._relations = {
            other["name"]: str(_Relation(other))
            for other in manifest["nodes"].values()
            if other["resource_type"] in {"model", "seed"}
        }

    def config(self, **_: Any) -> None:
        """How a model is kept does not matter here."""

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        """The relation of this name."""
        return self._connection.sql(f"select * from {self._relations[name]}")


class _Relation:
    def __init__(self, node: dict[str, Any]) -> None:
        self.database, self.schema = node["database"], node["schema"]
        self.identifier = node["alias"]

    def __str__(self) -> str:
        return f'{self.database}."{self.schema}"."{self.identifier}"'


def _run_python(
    node: dict[str, Any],
    manifest: dict[str, Any],
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
) -> Any:
    path = settings.dbt_project / node["original_file_path"]
    spec = importlib.util.spec_from_file_location(node["name"], path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.model(_Dbt(node, manifest, connection), connection)
