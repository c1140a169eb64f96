"""Seeds that have not changed are left out of a load by dbt's own state selection."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from orchestration.dagster_home import dagster_instance
from orchestration.dbt import build_target, exclude_unchanged_seeds, save_state
from orchestration.definitions import defs
from register.settings import Settings
from tests.orchestration.conftest import Place

SUPPLIERS = "ref__suppliers"


@pytest.fixture
def built(settings: Settings, tmp_path: Path) -> Settings:
    """A home after a good build."""
    (settings.warehouse).mkdir(parents=True, exist_ok=True)
    (settings.warehouse / "warehouse.duckdb").write_bytes(b"tables")
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    save_state(settings, tmp_path)
    return settings


def test_a_build_compares_seeds_with_those_of_the_last_good_one(built: Settings) -> None:
    """Prevents loading the same codes every morning."""
    arguments = exclude_unchanged_seeds(built)
    state = Path(arguments[arguments.index("--state") + 1])
    assert (state / "manifest.json").read_text(encoding="utf-8") == "{}"


def _fail_in_a_build(settings: Settings) -> None:
    exclude_unchanged_seeds(settings)


def _remove_warehouse(settings: Settings) -> None:
    (settings.warehouse / "warehouse.duckdb").unlink()


@pytest.mark.parametrize("disturb", [_fail_in_a_build, _remove_warehouse])
def test_a_build_that_cannot_rely_on_the_last_one_loads_every_seed(
    built: Settings, disturb: Callable[[Settings], None]
) -> None:
    """Prevents counting on seeds of a warehouse that is gone, or of a build that failed."""
    disturb(built)
    assert exclude_unchanged_seeds(built) == []


def _load(place: Place, *options: str) -> tuple[set[str], str]:
    """Load; return the seeds that dbt loaded, and the supplier's name as published."""
    result = CliRunner().invoke(app, ["load", *options])
    assert result.exit_code == 0, result.output
    path = build_target(place.settings) / "run_results.json"
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    loaded = {
        node["unique_id"].split(".")[-1]
        for node in results
        if node["unique_id"].startswith("seed.")
    }
    published = place.settings.published / "current" / "national_register.duckdb"
    with duckdb.connect(str(published), read_only=True) as connection:
        rows = connection.execute("select supplier_name from register.dim_suppliers").fetchall()
    return loaded, str(rows[0][0])


def _show_suppliers(place: Place) -> None:
    query = "select supplier_code, supplier_name from {{ ref('ref__suppliers') }}\n"
    model = place.project / "models" / "marts" / "register" / "dim_suppliers.sql"
    model.write_text(query, encoding="utf-8")


def _rename_supplier(place: Place) -> None:
    path = place.settings.seeds / f"{SUPPLIERS}.csv"
    rows = path.read_text(encoding="utf-8").replace("Invented Police", "Other Police")
    path.write_text(rows, encoding="utf-8")


def _build_a_part(settings: Settings) -> None:
    with dagster_instance(settings) as instance:
        job = defs().resolve_job_def("load_register")
        chosen = [
            key
            for key in job.asset_layer.executable_asset_keys
            if "stg_police_reports__reports" in key.path
        ]
        assert job.execute_in_process(instance=instance, asset_selection=chosen).success


@pytest.mark.slow
def test_a_load_takes_up_a_changed_seed_and_no_other(place: Place) -> None:
    """Prevents published codes that are not those of the seed, and seeds loaded for nothing."""
    _show_suppliers(place)
    every = {path.stem for path in place.settings.seeds.glob("*.csv")}
    assert _load(place) == (every, "Invented Police")
    _rename_supplier(place)
    assert _load(place) == ({SUPPLIERS}, "Other Police")


@pytest.mark.drill
def test_a_refreshed_load_loads_every_seed(loaded: Place) -> None:
    """Prevents a new warehouse without its codes."""
    every = {path.stem for path in loaded.settings.seeds.glob("*.csv")}
    assert _load(loaded)[0] == set()
    assert _load(loaded, "--refresh")[0] == every


@pytest.mark.drill
def test_a_part_that_is_built_stands_for_no_seed(place: Place) -> None:
    """Prevents a seed that was changed, or was never there, from being taken as built."""
    _show_suppliers(place)
    _build_a_part(place.settings)
    assert _load(place)[1] == "Invented Police"
    _rename_supplier(place)
    _build_a_part(place.settings)
    loaded, name = _load(place)
    assert SUPPLIERS in loaded
    assert name == "Other Police"
