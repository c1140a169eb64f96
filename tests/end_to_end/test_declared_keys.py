"""Joins by declared keys: every fact keeps its rows with every dimension that it names."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.end_to_end.conftest import Nation

VIEWS = ("dim_authorities_current", "dim_children_current", "dim_police_forces_current")


@dataclass(frozen=True)
class Key:
    """A column of a mart and the column of a dimension to which its contract says it leads."""

    mart: str
    column: str
    dimension: str
    parent: str


def _declared(manifest: dict[str, Any]) -> Iterator[Key]:
    """The foreign keys of the marts that are in the published file of the register."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["database"] == "national_register":
            for name, column in node["columns"].items():
                for item in column["constraints"]:
                    if item["type"] == "foreign_key":
                        dimension = re.findall(r"\w+", item["to"])[-1]
                        mart = f"{node['schema']}.{node['name']}"
                        yield Key(mart, name, f"register.{dimension}", item["to_columns"][0])


def _joined(connection: duckdb.DuckDBPyConnection, key: Key) -> tuple[int, ...]:
    """Rows of the mart, rows after a join that keeps all, rows with a key and rows that found."""
    found = connection.execute(
        f"select (select count(*) from {key.mart}), count(*), count(mart.{key.column}),"
        f" count(dimension.{key.parent}) from {key.mart} as mart left join {key.dimension}"
        f" as dimension on mart.{key.column} = dimension.{key.parent}"
    ).fetchone()
    assert found is not None
    return found


def test_a_join_by_a_declared_key_keeps_every_row_once(
    nation: Nation, manifest: dict[str, Any]
) -> None:
    """Prevents 4,980 rows of 3,871 episodes, and episodes that are lost with their authority."""
    keys = list(_declared(manifest))
    facts = {key.mart for key in keys if key.mart.split(".")[1].startswith("fct_")}
    assert len(facts) >= 7
    wrong = {}
    file = nation.built / "national_register.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        for key in keys:
            rows, joined, keyed, found = _joined(connection, key)
            if rows != joined or keyed != found:
                wrong[f"{key.mart}.{key.column}"] = (rows, joined, keyed, found)
        several = connection.execute(
            "select count(*) > count(distinct authority_code_dfe) from register.dim_authorities"
        ).fetchone()
    assert wrong == {}
    assert several == (True,), "no authority has two versions: the test would show nothing"


def test_the_version_of_a_fact_is_of_its_own_authority_force_and_child(nation: Nation) -> None:
    """Prevents a version of somebody else's, which a count of rows would not show."""
    file = nation.built / "national_register.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        for dimension, code, version in (
            ("dim_authorities", "authority_code_dfe", "authority_version_id"),
            ("dim_police_forces", "police_force_code", "police_force_version_id"),
            ("dim_children", "child_id_register", "child_version_id"),
        ):
            other, matched = connection.execute(
                f"select count(case when fact.{code} != dimension.{code} then 1 end), count(*)"
                f" from register.fct_episodes as fact inner join register.{dimension} as dimension"
                f" using ({version})"
            ).fetchone() or (None, None)
            assert other == 0, dimension
            assert matched, dimension


def test_views_of_a_published_file_can_be_read_under_any_name(
    nation: Nation, tmp_path: Path
) -> None:
    """Prevents views that name the file in which they were made, and fail in every copy of it."""
    copy = tmp_path / "copied.duckdb"
    shutil.copy(nation.built / "national_register.duckdb", copy)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{copy}' as elsewhere (read_only)")
        for view in VIEWS:
            found = connection.execute(f"select count(*) from elsewhere.register.{view}").fetchone()
            assert found is not None
            assert found[0] > 0, view
