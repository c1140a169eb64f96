"""Empty marts as dbt's contracts declare them, to compare what is read with what there is."""

from __future__ import annotations

from pathlib import Path

import duckdb

from expectations.released import FIGURES, RULES
from register.settings import PROJECT_ROOT
from register.yaml_file import read_yaml

MODELS = PROJECT_ROOT / "dbt_project" / "models"
# Where the marts of each published schema are described.
PUBLISHED = {
    "register": ("marts/register/*.yml",),
    "agreement": ("marts/agreement/*.yml",),
    "quality": (
        "marts/quality/*.yml",
        "marts/operations/agg_falling_through_by_body.yml",
        "evaluation/marts/*.yml",
    ),
    "bi": ("marts/bi/*.yml",),
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
        for schema, patterns in PUBLISHED.items():
            connection.execute(f"create schema {schema}")
            for described in (path for each in patterns for path in sorted(MODELS.glob(each))):
                for model in read_yaml(described)["models"]:
                    columns = ", ".join(
                        f'"{column["name"]}" {column["data_type"]}' for column in model["columns"]
                    )
                    connection.execute(f"create table {schema}.{model['name']} ({columns})")
