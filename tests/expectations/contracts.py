"""Empty marts as dbt's contracts declare them, to compare what is read with what there is."""

from __future__ import annotations

from pathlib import Path

import duckdb

from expectations.released import FIGURES, RULES
from register.settings import PROJECT_ROOT
from register.yaml_file import read_yaml

MODELS = PROJECT_ROOT / "dbt_project" / "models"
# The folders of the marts of each published schema, or one of them.
PUBLISHED = {
    "register": ("marts/register",),
    "agreement": ("marts/agreement",),
    "quality": (
        "marts/quality",
        "marts/operations/agg_tasks_by_body.sql",
        "evaluation/marts",
    ),
    "bi": ("marts/bi",),
}


def make_empty_marts(path: Path) -> None:
    """A published file in which every mart is there and has no row.

    The relations of a release of statistics are put beside the marts when they are measured.
    """
    with duckdb.connect(str(path)) as connection:
        for name, schema in (("figures", FIGURES), ("screener_rules", RULES)):
            connection.register("empty", schema.empty_table())
            connection.execute(f"create table released_{name} as from empty")
            connection.unregister("empty")
        described = _described_columns()
        for schema, places in PUBLISHED.items():
            connection.execute(f"create schema {schema}")
            for mart in (mart for place in places for mart in _marts(MODELS / place)):
                columns = ", ".join(
                    f'"{column["name"]}" {column["data_type"]}' for column in described[mart]
                )
                connection.execute(f"create table {schema}.{mart} ({columns})")


def _marts(place: Path) -> list[str]:
    return [path.stem for path in (sorted(place.glob("*.sql")) if place.is_dir() else [place])]


def _described_columns() -> dict[str, list[dict[str, str]]]:
    """Return the columns of each model: one YAML may describe models of two schemas."""
    return {
        model["name"]: model.get("columns", [])
        for path in sorted(MODELS.rglob("*.yml"))
        for model in read_yaml(path).get("models", [])
    }
