"""Who was not granted exact figures gets them rounded, as a release rounds them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import errors

from register.access_grants import decide_grant
from register.serving import serve_postgres
from register.settings import Settings
from tests.serving.registers import CHILD_KEYS, CHILDREN, published
from tests.serving.server import Server, serving_into

FIGURES = """
    drop table agreement.agg_measures_by_area_year;
    create table agreement.agg_measures_by_area_year (
        area_measure_id varchar not null primary key, area_level_code varchar, area_code varchar,
        is_year_delivered boolean, children_count bigint, episode_count bigint,
        missing_children_count bigint, missing_episode_count bigint, missing_children_share double,
    );
    insert into agreement.agg_measures_by_area_year values
        ('N', 'nation', 'E92000001', true, 94, 235, 44, 87, 0.46808),
        ('R', 'region', 'E12000003', true, 96, 224, 40, 90, 0.41666),
        ('L', 'authority', '383', true, 53, 121, 12, 43, 0.22641),
        ('B', 'authority', '330', true, 43, 103, 7, 40, 0.16279),
        ('S', 'authority', '331', true, 6, 41, 0, 0, 0);
    create table agreement.agg_reconciliation_by_area_year (
        reconciliation_id varchar not null primary key, area_level_code varchar, area_code varchar,
        register_figure double, is_equal_within_rounding boolean,
    );
    insert into agreement.agg_reconciliation_by_area_year values
        ('N', 'nation', 'E92000001', 235, true), ('L', 'authority', '383', 121, false);
    create table quality.agg_tasks_by_body (
        task_count_id varchar not null primary key, body_type_code varchar,
        body_code varchar, children_count bigint, episode_count bigint, mean_age_days double,
    );
    insert into quality.agg_tasks_by_body values ('F', 'authority', '383', 12, 18, 3.5);
    create view bi.children_by_area_year as
        select area_code, children_count, missing_children_share,
        from agreement.agg_measures_by_area_year;
    create view bi.episode_areas as
        select distinct authority_code_dfe from register.fct_episodes;
"""
MEASURES = "select * from {schema}.agg_measures_by_area_year order by area_measure_id"
ROUNDED = [
    ("B", "authority", "330", True, 45, 105, None, None, None),
    ("L", "authority", "383", True, 55, 120, 10, 45, None),
    ("N", "nation", "E92000001", True, 90, 240, 40, 90, None),
    ("R", "region", "E12000003", True, 100, 220, 40, 90, None),
    ("S", "authority", "331", True, None, None, None, None, None),
]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Any]:
    """Serve figures once; ask as a member of a role."""
    from register.home import prepare_home
    from register.settings import load_settings

    home = str(tmp_path_factory.mktemp("rounded") / "home")
    result = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": home})
    prepare_home(result)
    settings: Settings = replace(serving_into(result, server.database()))
    decide_grant(settings, "grant", "leeds_rounded", "383", "exact", by="A", reason="B")
    serve_postgres(settings, published(settings, 1, CHILDREN, FIGURES), CHILD_KEYS)

    def answer(name: str, role: str, query: str) -> list[tuple[Any, ...]]:
        dsn = server.member(settings.postgres_dsn, name, role)
        with psycopg.connect(dsn) as connection:
            return connection.execute(query).fetchall()

    yield answer


def test_figures_are_rounded_as_a_release_rounds_them(ask: Any) -> None:
    """Prevents exact counts beside a release from giving away what it hides."""
    query = MEASURES.format(schema="rounded_agreement")
    assert ask("analyst", "register_aggregate", query) == ROUNDED


def test_a_view_shows_an_analyst_rounded_figures(ask: Any) -> None:
    """Prevents a view of rounded tables from showing what the tables do not."""
    query = "select * from rounded_bi.children_by_area_year order by area_code"
    result = ask("analyst", "register_aggregate", query)
    expected = [("330", 45, None), ("331", None, None), ("383", 55, None)]
    assert result == [*expected, ("E12000003", 100, None), ("E92000001", 90, None)]


@pytest.mark.parametrize(
    "table",
    [
        "agreement.agg_measures_by_area_year",
        "agreement.agg_reconciliation_by_area_year",
        "quality.agg_tasks_by_body",
        "bi.children_by_area_year",
    ],
)
@pytest.mark.parametrize("role", ["register_aggregate", "register_quality", "register_area"])
def test_exact_figures_are_for_whom_they_were_granted(ask: Any, role: str, table: str) -> None:
    """Prevents a role that was not granted exact figures from reading them where they lie."""
    with pytest.raises(errors.InsufficientPrivilege):
        ask(f"plain_{role}", role, f"table {table}")
    assert ask("exact_analyst", "register_exact", f"table {table}")


@pytest.mark.parametrize("table", ["fct_episodes", "dim_child_keys", "bridge_child_sources"])
def test_a_reader_of_exact_figures_reads_no_row_about_a_child(ask: Any, table: str) -> None:
    """Prevents the grant of exact figures from being one of rows."""
    for name in (f"register.{table}", f"area_register.{table}"):
        with pytest.raises(errors.InsufficientPrivilege):
            ask("exact_analyst", "register_exact", f"table {name}")


@pytest.mark.parametrize(
    "table",
    [
        "rounded_agreement.agg_reconciliation_by_area_year",
        "rounded_register.fct_episodes",
        "rounded_bi.episode_areas",
        "rounded_bi.episodes",
    ],
)
def test_what_cannot_be_rounded_is_not_there(ask: Any, table: str) -> None:
    """Prevents a comparison with a public figure, or a row of a child, among rounded figures."""
    with pytest.raises(errors.UndefinedTable):
        ask("analyst", "register_aggregate", f"table {table}")


def test_counts_of_a_list_are_rounded(ask: Any) -> None:
    """Prevents small counts of children from being told by a table of quality."""
    query = "table rounded_quality.agg_tasks_by_body"
    assert ask("analyst", "register_aggregate", query) == [("F", "authority", "383", 10, 20, None)]
    assert ask("a_tester", "register_quality", query) == [("F", "authority", "383", 10, 20, None)]


def test_reference_data_are_beside_rounded_figures(ask: Any) -> None:
    """Prevents figures by code for readers who may not read what the codes mean."""
    assert len(ask("analyst", "register_aggregate", "table rounded_register.dim_authorities")) == 3
    assert len(ask("analyst", "register_aggregate", "table rounded_quality.agg_rows_by_delivery"))


def test_an_area_reads_its_own_figures_exactly_and_those_of_the_nation_rounded(ask: Any) -> None:
    """Prevents an area from narrowing others' hidden counts by exact national figures."""
    query = MEASURES.format(schema="area_agreement")
    own = ("L", "authority", "383", True, 53, 121, 12, 43, 0.22641)
    assert ask("leeds_rounded", "register_area", query) == [own, ROUNDED[2]]
    reconciled = "select area_code from area_agreement.agg_reconciliation_by_area_year"
    assert ask("leeds_rounded", "register_area", reconciled) == [("383",)]
