"""The nation in PostgreSQL: its keys hold there, its views run there, each area sees its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from orchestration.dbt_manifest import list_coarse_levels, list_foreign_keys, list_primary_keys
from register.access_grants import decide_grant
from register.home import prepare_home
from register.publishing import Generation
from register.serving import ForeignKey, serve_postgres
from register.settings import Settings, load_settings
from tests.end_to_end.conftest import Nation
from tests.serving.server import Server, running_server, serving_into

# A server of its own and the whole nation in it; invented registers are served in tests/serving.
pytestmark = pytest.mark.drill

OWN_EPISODES = """
    select episodes.episode_id_register
    from register.fct_episodes as episodes
    left join register.dim_placements as placements using (placement_id_register)
    where $area in (
            episodes.authority_code_dfe, episodes.placing_authority_code_dfe,
            episodes.police_force_code, placements.host_authority_code_dfe
        )
        or exists (
            select 1 from register.fct_reports as reports
            where reports.episode_id_register = episodes.episode_id_register
                and reports.supplier_code = $area
        )
"""
AREAS = """
    select distinct unnest([authority_code_dfe, police_force_code]) as area
    from register.fct_episodes order by area
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server for this module."""
    with running_server() as running:
        yield running


@pytest.fixture(scope="module")
def served(
    nation: Nation,
    manifest: dict[str, Any],
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """The nation, served with a grant of each of its areas to a member of that name."""
    home = tmp_path_factory.mktemp("served") / "home"
    settings = replace(load_settings({"REGISTER_ENVIRONMENT": "test"}), home=home)
    prepare_home(settings)
    settings = serving_into(settings, server.database())
    for area in _areas(nation):
        decide_grant(settings, "grant", f"member_{area}", area, "exact", by="A", reason="B")
    keys: list[ForeignKey] = list_foreign_keys(manifest)
    assert len(keys) > 50
    folder = home / nation.generation_id
    folder.mkdir()
    (folder / "national_register.duckdb").symlink_to(nation.built / "national_register.duckdb")
    primary_keys = list_primary_keys(manifest)
    assert len(primary_keys) > 50
    declared = {"primary_keys": primary_keys, "coarse_levels": list_coarse_levels(manifest)}
    (folder / "manifest.json").write_text(json.dumps(declared), "utf-8")
    serve_postgres(settings, Generation(nation.generation_id, folder, True), keys)
    return settings


def _ask(nation: Nation, query: str, **values: str) -> list[tuple[Any, ...]]:
    path = str(nation.built / "national_register.duckdb")
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(query, values or None).fetchall()


def _areas(nation: Nation) -> list[str]:
    codes = [str(area) for (area,) in _ask(nation, AREAS) if area is not None]
    return [code for code in codes if code not in {"unknown", "unmapped"}]


def test_every_relation_of_the_nation_is_there_whole(
    nation: Nation, served: Settings, server: Server
) -> None:
    """Prevents a mart or a view that PostgreSQL cannot have, or has otherwise."""
    names = _ask(
        nation, "select table_schema, table_name from information_schema.tables order by all"
    )
    assert len(names) > 50
    reader = server.member(served.postgres_dsn, "whole_nation", "register_national_exact")
    with psycopg.connect(reader) as connection:
        for schema, name in names:
            query = f"select * from {schema}.{name}"
            assert _told(connection.execute(query).fetchall()) == _told(_ask(nation, query)), name


def test_the_coarse_form_of_the_nation_is_that_of_its_file(
    served: Settings, server: Server, coarse: Path
) -> None:
    """Prevents a form that shows analysts other values in PostgreSQL than in files."""
    reader = server.member(served.postgres_dsn, "coarse_nation", "register_national")
    with (
        psycopg.connect(reader) as connection,
        duckdb.connect(str(coarse), read_only=True) as register,
    ):
        names = register.execute(
            "select table_schema, table_name from information_schema.tables order by all"
        ).fetchall()
        assert len(names) > 50
        for schema, name in names:
            rows = connection.execute(f"select * from coarse_{schema}.{name}").fetchall()
            expected = register.execute(f"select * from {schema}.{name}").fetchall()
            assert _told(rows) == _told(expected), name


def _told(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Rows as text, in order; a view computes fractions anew, to nine digits the same."""
    return sorted(
        tuple(f"{value:.9g}" if isinstance(value, float) else str(value) for value in row)
        for row in rows
    )


def test_each_area_of_the_nation_sees_its_own_absences(
    nation: Nation, served: Settings, server: Server
) -> None:
    """Prevents an authority or a force from reading others' absences, or missing its own."""
    shares = []
    for area in _areas(nation):
        expected = {key for (key,) in _ask(nation, OWN_EPISODES, area=area)}
        member = server.member(served.postgres_dsn, f"member_{area}", "register_area")
        with psycopg.connect(member) as connection:
            found = connection.execute("select episode_id_register from area_register.fct_episodes")
            assert {key for (key,) in found} == expected, area
            found = connection.execute("select episode_id_register from area_bi.episodes")
            assert {key for (key,) in found} == expected, area
        shares.append(len(expected))
    assert min(shares) > 0
    assert len(set(shares)) > 5
