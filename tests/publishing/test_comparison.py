"""What `register diff` says of two generations: rows by key, figures, and causes."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.publishing import Generation, compare_generations, publish
from register.publishing.comparison import list_causes
from register.settings import Settings
from tests.publishing.builds import DELIVERY_ID, build

# The few columns that a summary counts by.
COUNTED = """
    create table register.fct_episodes (episode_id varchar, is_open boolean, note int);
    create table register.dim_children as select true as is_current;
    create table register.fct_rule_breaches (rule_breach_id varchar);
    create schema agreement;
    create table agreement.fct_agreement as
        select 'both' as status, true as is_in_scope, true as is_police_expected,
            true as is_authority_expected;
    alter table register.dim_deliveries add column outcome varchar;
"""


def _generation(settings: Settings, stamp: int, *statements: str) -> Generation:
    folder = build(settings, stamp, rows=2)
    with duckdb.connect(str(folder / "national_register.duckdb")) as connection:
        for statement in (COUNTED, *statements):
            connection.execute(statement)
    return publish(settings, folder, primary_keys={"register.fct_episodes": ["episode_id"]})


@pytest.fixture
def two(settings: Settings) -> tuple[Generation, Generation]:
    """Two generations of which the second has one row more, one less and one that changed."""
    rows = "insert into register.fct_episodes values"
    before = _generation(settings, 1, f"{rows} ('A', true, 1), ('B', true, null), ('C', false, 3)")
    with (settings.decisions / "links.csv").open("a", encoding="utf-8") as file:
        file.write("2026-01-01T00:00:00Z,A. Person,link,k1,k2,because,,\n")
    after = _generation(settings, 1, f"{rows} ('A', true, 1), ('B', true, 2), ('D', false, 3)")
    return before, after


def test_rows_are_told_apart_by_their_key(two: tuple[Generation, Generation]) -> None:
    """Prevents a changed row from counting as one that came and one that went."""
    tables = {table.table: table for table in compare_generations(*two).tables}
    episodes = tables["register.fct_episodes"]
    assert (episodes.added, episodes.removed, episodes.changed) == (1, 1, 1)
    assert (episodes.rows_before, episodes.rows_after) == (3, 3)
    assert tables["register.dim_children"].is_same
    assert "register.published_generation" not in tables


def test_a_table_without_a_key_is_compared_row_for_row(settings: Settings) -> None:
    """Prevents tables without a key from being called the same, whatever is in them."""
    before, after = _generation(settings, 1), _generation(settings, 2)
    reports = next(
        table
        for table in compare_generations(before, after).tables
        if table.table == "register.fct_reports"
    )
    assert (reports.added, reports.removed, reports.changed, reports.has_key) == (2, 2, 0, False)


def test_columns_and_tables_that_came_or_went_are_named(settings: Settings) -> None:
    """Prevents a change of structure from being told as changed rows, or not at all."""
    before = _generation(settings, 1, "create table register.gone as select 1 as one")
    after = _generation(settings, 1, "alter table register.fct_episodes alter note type varchar")
    tables = {table.table: table for table in compare_generations(before, after).tables}
    assert tables["register.fct_episodes"].columns_added == ("note VARCHAR",)
    assert tables["register.fct_episodes"].columns_removed == ("note INTEGER",)
    assert (tables["register.gone"].removed, tables["register.gone"].rows_after) == (1, 0)


def test_the_causes_are_what_went_into_one_alone(two: tuple[Generation, Generation]) -> None:
    """Prevents figures that moved without anybody seeing why."""
    assert compare_generations(*two).causes == {"decisions": ["links.csv"]}
    before, after = (dict(generation.manifest()) for generation in two)
    after["deliveries"] = [
        {"delivery_id": DELIVERY_ID, "status": "withdrawn"},
        {"delivery_id": "new", "status": "current"},
    ]
    after["code"] = {**before["code"], "commit": "c" * 40}
    before["code"] = {**before["code"], "commit": "b" * 40}
    after["linkage_model"] = {**before["linkage_model"], "version": "9"}
    outcome: dict[str, Any] = list_causes(before, after)
    assert outcome["new deliveries"] == ["new (current)"]
    assert outcome["deliveries whose standing changed"] == [f"{DELIVERY_ID}: current → withdrawn"]
    assert outcome["code"] == ["commit: bbbbbbbbbbbb → cccccccccccc"]
    assert [line.rsplit(" ", 1)[-1] for line in outcome["linkage model"]] == ["9"]


def test_the_command_says_it_in_words_and_as_json(
    settings: Settings, two: tuple[Generation, Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a comparison that only a programmer can read, or only a person."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    output = CliRunner().invoke(app, ["diff"]).output
    assert "Decisions: 1\n  links.csv" in output
    assert "register.fct_episodes" in output
    result = CliRunner().invoke(app, ["diff", two[1].generation_id, "previous", "--json"])
    outcome = json.loads(result.stdout)
    assert (outcome["before"], outcome["after"]) == (two[1].generation_id, two[0].generation_id)
    assert outcome["figures"]["episode_count"] == [3, 3]
    assert CliRunner().invoke(app, ["diff", "20260101T000000-000000"]).exit_code == 3
