"""Empty marts as dbt's contracts declare them, to compare what is read with what there is."""

from __future__ import annotations

from pathlib import Path

import duckdb
import yaml

from register.settings import PROJECT_ROOT

MARTS = PROJECT_ROOT / "dbt_project" / "models" / "marts"
PUBLISHED_SCHEMAS = ("register", "agreement", "quality")


def make_empty_marts(path: Path) -> None:
    """A published file in which every mart is there and has no row."""
    with duckdb.connect(str(path)) as connection:
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"create schema {schema}")
            for described in sorted((MARTS / schema).glob("*.yml")):
                for model in yaml.safe_load(described.read_text(encoding="utf-8"))["models"]:
                    columns = ", ".join(
                        f'"{column["name"]}" {column["data_type"]}' for column in model["columns"]
                    )
                    connection.execute(f"create table {schema}.{model['name']} ({columns})")
