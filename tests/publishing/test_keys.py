"""A child's key in a published generation: its history, and the successor of a retired one."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.publishing import churn
from register.publishing.churn import ChurnError, accept_churn, read_held_churn
from register.publishing.generations import Generation, keep_failed, publish
from register.publishing.key_history import read_key_history
from register.publishing.trace import trace_id
from register.settings import Settings
from tests.publishing.builds import DELIVERY_ID, build

KEYS = """
    create table register.dim_child_keys as
    select * from (values
        ('C1', 'current', null, '20260101T000000-000000', null),
        ('C2', 'merged', 'C1', '20260101T000000-000000', 'this_generation'),
        ('C3', 'vanished', null, '20260101T000000-000000', '20260201T000000-000000')
    ) as keys (
        child_id_register, status_code, successor_child_id_register, first_generation_id,
        retired_generation_id
    );
    create table register.fct_identity_events as
    select * from (values
        ('merged', timestamp '2026-03-01', 'this_generation', 'C2', 'C1', 2, 'linkage',
            null, null),
        ('decided', timestamp '2026-02-01', 'this_generation', 'C1', 'C9', 2, 'seen_on_paper',
            'never_link', true)
    ) as events (
        event_code, occurred_at, generation_id, child_id_register, other_child_id_register,
        mention_count, reason_code, decision, is_in_force
    );
    alter table register.bridge_child_sources add column source varchar default 'police';
    alter table register.bridge_child_sources add column issuer_code varchar default 'E23000018';
    alter table register.bridge_child_sources add column link_method varchar default 'decision';
    create table register.fct_episodes as select 'E1' as episode_id_register,
        'C1' as child_id_register;
    drop table register.fct_reports;
    create table register.fct_reports as select 'R1' as report_id_register,
        'E1' as episode_id_register, 'C1' as child_id_register, 'police_reports' as feed,
        'E23000099' as supplier_code, '{delivery}' as delivery_id, 'reports.csv' as file_name,
        2 as row_number;
    create table register.dim_suppliers as select 'E23000099' as supplier_code,
        'Invented Police' as supplier_name;
    drop table register.dim_deliveries;
    create table register.dim_deliveries as select '{delivery}' as delivery_id, '2026-10' as period,
        timestamp '2026-11-01' as received_at, 'current' as status;
    create table register.fct_rule_breaches as select 'B1' as rule_breach_id,
        * exclude (report_id_register, episode_id_register, child_id_register)
        from register.fct_reports;
"""


def _write(folder: Path, statements: str) -> Path:
    with duckdb.connect(str(folder / "national_register.duckdb")) as connection:
        connection.execute(statements)
    return folder


@pytest.fixture
def generation(settings: Settings) -> Generation:
    """A generation with a child, a key merged into it and one that vanished."""
    statements = KEYS.format(delivery=DELIVERY_ID)
    return publish(settings, _write(build(settings, 1, rows=3), statements))


def test_a_key_shows_what_is_recorded_under_it(generation: Generation, settings: Settings) -> None:
    """Prevents a key in an old report from being a dead end."""
    current, merged = (
        read_key_history(generation, child, settings.seeds) for child in ("C1", "C2")
    )
    assert current is not None
    assert merged is not None
    assert (current.episode_count, current.report_count) == (1, 1)
    assert [(item.mention_count, item.decided_count) for item in current.mentions] == [(3, 3)]
    assert [event.event_code for event in current.events] == ["decided", "merged"]
    assert merged.successor_child_id_register == "C1"
    assert merged.retired_generation_id == generation.generation_id, "by its own name"
    assert merged.episode_count == 0
    assert read_key_history(generation, "C8", settings.seeds) is None


def test_a_retired_key_is_traced_as_the_child_that_it_is_now(generation: Generation) -> None:
    """Prevents an auditor from being told that a published child does not exist."""
    result = trace_id(generation, "C2")
    assert result is not None
    assert (result.identifier, result.retired_key, result.kind) == ("C1", "C2", "child")
    assert [line.row_id for line in result.lines] == ["R1"]
    assert trace_id(generation, "C3") is None
    itself = trace_id(generation, "C1")
    assert itself is not None
    assert itself.retired_key is None


def test_the_command_tells_a_person_and_a_machine(
    generation: Generation, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a history that only SQL can read."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    output = CliRunner().invoke(app, ["key", "show", "C1"]).output
    assert "C2 was merged into C1 (2 records)" in output
    assert "a person decided on records of C1 and C9: two children" in output
    assert "3 of Derbyshire Constabulary, 3 by decision" in output
    assert "E23000018" not in output, "a person reads the name"
    (records,) = json.loads(CliRunner().invoke(app, ["key", "show", "C1", "--json"]).stdout)[
        "mentions"
    ]
    assert (records["issuer_code"], records["issuer_name"]) == (
        "E23000018",
        "Derbyshire Constabulary",
    )
    retired = CliRunner().invoke(app, ["key", "show", "C2"]).output
    assert "now              C1" in retired
    assert "now              no child" in CliRunner().invoke(app, ["key", "show", "C3"]).output
    as_json = json.loads(CliRunner().invoke(app, ["key", "show", "C2", "--json"]).stdout)
    assert as_json["successor_child_id_register"] == "C1"
    assert as_json["generation_id"] == generation.generation_id
    assert CliRunner().invoke(app, ["key", "show", "C8"]).exit_code == 3
    traced = CliRunner().invoke(app, ["trace", "C2"]).output
    assert "C2 is retired: the child is now C1" in traced


def test_an_acceptance_names_the_last_logged_generation(settings: Settings) -> None:
    """Prevents accepting for a generation that readers never had, or for ever."""
    with pytest.raises(ChurnError, match="nothing is published"):
        accept_churn(settings, "A Publisher", "meant")
    publish(settings, build(settings, 1))
    last = publish(settings, build(settings, 2)).generation_id
    with pytest.raises(ChurnError, match="a name and a reason"):
        accept_churn(settings, " ", "meant")
    assert accept_churn(settings, "A Publisher", "meant, as agreed") == last
    rows = (settings.decisions / churn.DECISIONS).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2
    assert rows[1].endswith(f'A Publisher,{last},"meant, as agreed"')


def test_a_held_build_says_what_it_would_have_changed(settings: Settings) -> None:
    """Prevents a person from accepting without knowing how much."""
    assert read_held_churn(settings) is None
    keep_failed(settings, build(settings, 1))
    assert read_held_churn(settings) is None, "a build that failed before its keys were counted"
    folder = build(settings, 2)
    _write(
        folder,
        "create schema quality; create table quality.agg_identity_churn_by_generation as"
        " select true as is_this_generation, 900 as known_mention_count, 30 as"
        " changed_mention_count, 4 as vanished_mention_count, 20 as merged_count,"
        " 1 as split_count, 'g1' as previous_generation_id",
    )
    keep_failed(settings, folder)
    churn = read_held_churn(settings)
    assert churn is not None
    assert (churn.changed_mention_count, churn.previous_generation_id) == (30, "g1")
    assert "register load --accept-churn" in churn.describe_hold()
