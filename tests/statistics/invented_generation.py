"""A generation of invented marts, from which the real models of statistics count a release.

A load takes minutes and is not needed: what the models read of a generation is a dozen relations.
What the rows are is for a test to say.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from register.publishing import Generation
from register.settings import Settings
from register.yaml_file import read_yaml
from tests.dbt.part_of_project import REAL, write_project

GENERATION_ID = "20261126T093000-000000"
Rows = Sequence[Mapping[str, Any]]
# Of every relation that the models read of a generation: its columns, with their types.
MARTS = {
    "register.fct_episodes": (
        "collection_year varchar, is_in_scope boolean, authority_version_id varchar,"
        " source_status varchar"
    ),
    "register.dim_authorities": (
        "authority_version_id varchar, authority_code_dfe varchar, authority_code_ons varchar,"
        " authority_name varchar, region_code_ons varchar, region_name varchar,"
        " police_force_code varchar, valid_from date, valid_to date"
    ),
    "register.dim_police_forces": (
        "police_force_code varchar, police_force_name varchar, valid_from date, valid_to date"
    ),
    "quality.agg_supplier_coverage_by_period": (
        "supplier_code varchar, feed varchar, period_end date, is_expected boolean,"
        " is_delivered boolean, is_late boolean"
    ),
    "quality.agg_linkage_quality": (
        'basis varchar, linkage varchar, unit varchar, "grouping" varchar, group_value varchar,'
        " true_count bigint, false_count bigint, missed_count bigint, precision double,"
        " precision_lower double, precision_upper double, recall double, recall_lower double,"
        " recall_upper double"
    ),
    "agreement.agg_measures_by_area_year": (
        "area_level_code varchar, area_code varchar, collection_year varchar,"
        " population_code varchar, looked_after_children_count bigint"
    ),
    "agreement.agg_reconciliation_by_area_year": (
        "area_level_code varchar, area_code varchar, collection_year varchar,"
        " measure_code varchar, category_code varchar, statistic_code varchar,"
        " published_figure double, register_figure bigint, reason_code varchar"
    ),
    "agreement.agg_agreement_by_linkage": (
        "area_level_code varchar, area_code varchar, collection_year varchar,"
        " population_code varchar, linkage_code varchar, both_count bigint,"
        " police_only_count bigint, authority_only_count bigint"
    ),
    "agreement.agg_recording_breaks_by_supplier": (
        "supplier_code varchar, feed varchar, break_month date, is_announced boolean,"
        " category_code varchar, level_ratio double, is_certain_step boolean, change_code varchar"
    ),
    "bi.rates_by_area_year": (
        "area_level_code varchar, area_code varchar, collection_year varchar,"
        " population_code varchar, measure_code varchar, denominator_count bigint"
    ),
    "bi.areas": "area_level_code varchar, area_code varchar, area_name varchar",
}
# What the models count, which is drawn from many marts: given as it is.
EPISODES = "statistics.fct_publication_episodes"
STATISTICS = ("statistics", "marts/statistics")
MODEL_OF_EPISODES = "fct_publication_episodes"


class InventedGeneration:
    """The published generation of a home, and the part of the dbt project that counts it."""

    def __init__(self, settings: Settings, project: Path) -> None:
        """Publish a generation without a row, and write the part of the project."""
        self.settings = settings
        folder = settings.published / GENERATION_ID
        folder.mkdir(parents=True)
        manifest = {
            "as_known_at": None,
            "linkage_model": {"version": "2026-11-26-00000000"},
            "pseudonym_key_id": settings.key_id,
        }
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        (settings.published / "current").symlink_to(GENERATION_ID)
        self.generation = Generation(GENERATION_ID, folder, is_current=True)
        self.give()
        self._write_project(project)

    def give(self, **rows: Rows) -> None:
        """Give relations these rows, by their names; the others have none."""
        give_rows(self.settings, **rows)

    def _write_project(self, project: Path) -> None:
        models = project / "models"
        for folder in STATISTICS:
            shutil.copytree(REAL / "models" / folder, models / folder, dirs_exist_ok=True)
        for suffix in (".sql", ".yml"):
            (models / "marts" / "statistics" / f"{MODEL_OF_EPISODES}{suffix}").unlink()
        for name in _types():
            text = f"select * from national_register.{name}\n"
            path = models / "statistics" / f"{name.partition('.')[2]}.sql"
            path.write_text(text, encoding="utf-8")
        shutil.copy(REAL / "profiles.yml", project)
        write_project(project)


def give_rows(settings: Settings, **rows: Rows) -> None:
    """Give relations of the invented generation these rows; the others have none."""
    types_of = _types()
    unknown = set(rows) - {name.partition(".")[2] for name in types_of}
    assert not unknown, f"no model reads {', '.join(sorted(unknown))}"
    path = settings.published / GENERATION_ID / "national_register.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for name, types in types_of.items():
            schema, _, table = name.partition(".")
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {name} ({types})")
            for row in rows.get(table, ()):
                columns = ", ".join(f'"{column}"' for column in row)
                marks = ", ".join("?" for _ in row)
                connection.execute(
                    f"insert into {name} ({columns}) values ({marks})", list(row.values())
                )


def _types() -> dict[str, str]:
    """Of each relation, its columns with their types."""
    described = read_yaml(REAL / f"models/marts/statistics/{MODEL_OF_EPISODES}.yml")
    columns = described["models"][0]["columns"]
    types = ", ".join(f"{one['name']} {one['data_type']}" for one in columns)
    return {**MARTS, EPISODES: types}
