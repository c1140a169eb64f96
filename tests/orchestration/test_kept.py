"""Relations in the warehouse: kept while nothing changes, built again as soon as something does."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.dagster_home import dagster_instance
from orchestration.dbt import build_target
from orchestration.definitions import defs
from orchestration.kept import (
    forget_relations,
    kept_relations,
    note_relations,
    relation_hashes,
)
from orchestration.rules import audit_events
from register.settings import Settings
from tests.orchestration.conftest import Place

SUPPLIERS, TOLERANCES = "ref__suppliers", "ref__agreement_tolerances"
SEEDS = [TOLERANCES, SUPPLIERS]
# Models that read seeds and reference files alone: one a seed, one the other model and a file.
PERIODS, AREAS = "int_periods", "int_postcode_areas"
KEPT = [PERIODS, AREAS, *SEEDS]


def _seed(name: str, **more: Any) -> dict[str, Any]:
    return {
        "resource_type": "seed",
        "name": name,
        "database": "warehouse",
        "relation_name": f"warehouse.reference.{name}",
        "original_file_path": f"../seeds/{name}.csv",
        "raw_code": "",
        "config": {"column_types": {}},
        "columns": {},
        **more,
    }


def _model(name: str, *parents: str, code: str = "select 1") -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "database": "warehouse",
        "relation_name": f"warehouse.intermediate.{name}",
        "config": {"materialized": "table"},
        "columns": {},
        "raw_code": code,
        "language": "sql",
        "depends_on": {"nodes": list(parents), "macros": []},
    }


def _manifest() -> dict[str, Any]:
    test = {
        "resource_type": "test",
        "name": f"rules_of_{SUPPLIERS}",
        "depends_on": {"nodes": [f"seed.{SUPPLIERS}"]},
        "raw_code": "rules",
        "config": {},
        "test_metadata": {"name": "rules", "kwargs": {"not_null": ["supplier_code"]}},
    }
    seeds = {f"seed.{name}": _seed(name) for name in SEEDS}
    models = {
        f"model.{AREAS}": _model(AREAS, f"model.{PERIODS}", "source.postcodes"),
        f"model.{PERIODS}": _model(PERIODS, f"seed.{SUPPLIERS}"),
        "model.int_days": _model("int_days"),
        "model.int_known": _model(
            "int_known", f"seed.{SUPPLIERS}", code="{{ var('as_known_at') }}"
        ),
        "model.int_reports": _model("int_reports", f"seed.{SUPPLIERS}", "source.deliveries"),
    }
    sources = {
        "source.postcodes": {"source_name": "reference", "name": "postcodes"},
        "source.deliveries": {"source_name": "ledger", "name": "deliveries"},
    }
    return {
        "nodes": {**models, **seeds, "test.suppliers": test},
        "sources": sources,
        "macros": {},
    }


@pytest.fixture
def built(place: Place) -> Settings:
    """A home whose warehouse file is as the last good build left it."""
    warehouse = place.settings.warehouse / "warehouse.duckdb"
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    warehouse.write_bytes(b"tables")
    _postcodes(place.settings).parent.mkdir(parents=True, exist_ok=True)
    _postcodes(place.settings).write_bytes(b"postcodes")
    note_relations(place.settings, relation_hashes(place.settings, _manifest()))
    return place.settings


def _postcodes(settings: Settings) -> Path:
    return settings.landing / "reference" / "postcodes.parquet"


def _change_rows(settings: Settings, _: dict[str, Any]) -> None:
    path = settings.seeds / f"{SUPPLIERS}.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("14", "21"), encoding="utf-8")


def _change_types(_: Settings, manifest: dict[str, Any]) -> None:
    manifest["nodes"][f"seed.{SUPPLIERS}"]["config"]["column_types"]["due_days"] = "integer"


def _publish_elsewhere(_: Settings, manifest: dict[str, Any]) -> None:
    manifest["nodes"][f"seed.{SUPPLIERS}"]["database"] = "national_register"


def test_seeds_and_what_follows_from_them_alone_are_kept(built: Settings) -> None:
    """Prevents building the same rows every morning, and keeping what deliveries may change."""
    assert kept_relations(built, relation_hashes(built, _manifest())) == KEPT


def test_a_reference_file_that_changes_is_read_again(built: Settings) -> None:
    """Prevents placing children by last quarter's postcodes."""
    _postcodes(built).write_bytes(b"other postcodes")
    assert kept_relations(built, relation_hashes(built, _manifest())) == [PERIODS, *SEEDS]
    _postcodes(built).unlink()
    assert kept_relations(built, relation_hashes(built, _manifest())) == [PERIODS, *SEEDS]


def test_a_model_that_changes_is_built_again_with_its_children(built: Settings) -> None:
    """Prevents rows that an older model made."""
    manifest = _manifest()
    manifest["nodes"][f"model.{PERIODS}"]["raw_code"] = "select 2"
    assert kept_relations(built, relation_hashes(built, manifest)) == SEEDS


@pytest.mark.parametrize("change", [_change_rows, _change_types, _publish_elsewhere])
def test_a_seed_that_changes_is_loaded_again(
    built: Settings, change: Callable[[Settings, dict[str, Any]], None]
) -> None:
    """Prevents a register built on yesterday's codes, types or rules."""
    manifest = _manifest()
    change(built, manifest)
    assert kept_relations(built, relation_hashes(built, manifest)) == [TOLERANCES]


@pytest.mark.parametrize(
    "code",
    [
        "{{ var('as_known_at') }}",
        "select current_date",
        "select now()",
        "select getvariable('landed_files')",
    ],
)
@pytest.mark.parametrize("is_in_macro", [False, True])
def test_what_moves_between_loads_is_not_kept(
    built: Settings, code: str, is_in_macro: bool
) -> None:
    """Prevents yesterday's date, or another load's variable, from standing in today's rows."""
    manifest = _manifest()
    model = manifest["nodes"][f"model.{PERIODS}"]
    if is_in_macro:
        for name, called in (("outer", "inner"), ("inner", None)):
            manifest["macros"][f"macro.project.{name}"] = {
                "macro_sql": code if called is None else "select 1",
                "depends_on": {"macros": [f"macro.project.{called}"] if called else []},
            }
        model["depends_on"]["macros"] = ["macro.project.outer"]
    else:
        model["raw_code"] = code
    note_relations(built, relation_hashes(built, manifest))
    assert kept_relations(built, relation_hashes(built, manifest)) == SEEDS


def test_a_python_model_is_not_kept(built: Settings) -> None:
    """Prevents rows of an older method, whose code is not in the dbt project."""
    manifest = _manifest()
    manifest["nodes"][f"model.{PERIODS}"]["language"] = "python"
    note_relations(built, relation_hashes(built, manifest))
    assert kept_relations(built, relation_hashes(built, manifest)) == SEEDS


def test_a_home_that_was_copied_is_built_whole(built: Settings, tmp_path: Path) -> None:
    """Prevents a view that reads the files of the home it was copied from."""
    copy = tmp_path / "copy"
    shutil.copytree(built.home, copy, copy_function=shutil.copy2)
    moved = dataclasses.replace(built, home=copy)
    assert moved.warehouse.is_relative_to(copy)
    assert kept_relations(moved, relation_hashes(moved, _manifest())) == []


def test_a_seed_with_another_rule_is_tested_again(built: Settings) -> None:
    """Prevents a rule that was added from never being asked; what reads the seed is as it was."""
    manifest = _manifest()
    manifest["nodes"]["test.suppliers"]["test_metadata"]["kwargs"]["unique"] = ["supplier_code"]
    assert kept_relations(built, relation_hashes(built, manifest)) == [PERIODS, AREAS, TOLERANCES]


def test_a_macro_that_changes_builds_everything_again(built: Settings) -> None:
    """Prevents seeds that stay where an older macro put them."""
    macro = built.dbt_project / "macros" / "generate_schema_name.sql"
    macro.write_text(macro.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert kept_relations(built, relation_hashes(built, _manifest())) == []


def _remove(path: Path) -> None:
    path.unlink()


def _touch(path: Path) -> None:
    os.utime(path, ns=(0, 0))


def _leave_log(path: Path) -> None:
    path.with_name("warehouse.duckdb.wal").write_bytes(b"open")


@pytest.mark.parametrize("disturb", [_remove, _touch, _leave_log])
def test_a_warehouse_that_another_build_left_is_loaded_whole(
    built: Settings, disturb: Callable[[Path], None]
) -> None:
    """Prevents counting on seeds in a warehouse that is new, restored or left half-way."""
    disturb(built.warehouse / "warehouse.duckdb")
    assert kept_relations(built, relation_hashes(built, _manifest())) == []


def test_a_build_that_fails_leaves_no_note(built: Settings) -> None:
    """Prevents counting on seeds of a build that ended before it loaded them."""
    forget_relations(built)
    assert kept_relations(built, relation_hashes(built, _manifest())) == []


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


@pytest.mark.drill
def test_a_load_takes_up_a_changed_seed_and_no_other(place: Place) -> None:
    """Prevents published codes that are not those of the seed, and seeds loaded for nothing."""
    query = "select supplier_code, supplier_name from {{ ref('ref__suppliers') }}\n"
    model = place.project / "models" / "marts" / "register" / "dim_suppliers.sql"
    model.write_text(query, encoding="utf-8")
    every = {path.stem for path in place.settings.seeds.glob("*.csv")}
    assert _load(place) == (every, "Invented Police")
    path = place.settings.seeds / f"{SUPPLIERS}.csv"
    rows = path.read_text(encoding="utf-8").replace("Invented Police", "Other Police")
    path.write_text(rows, encoding="utf-8")
    assert _load(place) == ({SUPPLIERS}, "Other Police")
    assert _load(place, "--refresh") == (every, "Other Police")


def _show_suppliers(place: Place) -> None:
    query = (
        "select supplier_code, {{ shown_name() }} as supplier_name from {{ ref('ref__suppliers') }}"
    )
    model = place.project / "models" / "marts" / "register" / "dim_suppliers.sql"
    model.write_text(f"{query}\n", encoding="utf-8")
    _write_macro(place, "supplier_name")


def _write_macro(place: Place, shown: str) -> None:
    path = place.project / "macros" / "shown_name.sql"
    path.write_text(f"{{% macro shown_name() %}}{shown}{{% endmacro %}}\n", encoding="utf-8")


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


@pytest.mark.drill
def test_what_changes_during_a_build_is_built_by_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a seed or a macro that is taken as built because it was there when dbt had ended."""
    _show_suppliers(place)

    def edit_at_the_end(*given: Any, **more: Any) -> Iterator[Any]:
        yield from audit_events(*given, **more)
        _rename_supplier(place)
        _write_macro(place, "upper(supplier_name)")

    with monkeypatch.context() as patch:
        patch.setattr("orchestration.defs.transform.dbt_project.audit_events", edit_at_the_end)
        assert _load(place)[1] == "Invented Police"
    assert _load(place)[1] == "OTHER POLICE"
