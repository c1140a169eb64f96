"""`register case-lists`: lists for safeguarding staff, counts for all others."""

from __future__ import annotations

import json

import duckdb
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.publishing import publish
from register.settings import Settings
from tests.publishing.builds import build

ROWS = """
    create schema if not exists operations;
    create table operations.case_list_falling_through as
    select
        row_id as falling_through_id, list_code, reason_code, age_days,
        date '2026-06-01' - age_days as since_date, body_type_code, body_code, body_name,
        child_id as child_id_register, episode_id as episode_id_register,
        forenames, surname, date '2011-02-03' as birth_date, feed, 1 as episode_count,
    from (values
        ('a', 'closed_without_return_interview', 'not_offered', 9, 'authority', '370', 'Barnsley',
         'C1', 'E1', 'Jackie', 'Flynn', null),
        ('b', 'closed_without_return_interview', 'not_offered', 30, 'authority', '371',
         'Doncaster', 'C2', 'E2', 'Sam', 'Moss', null),
        ('c', 'known_to_one_source_only', 'police_only', 12, 'authority', '370', 'Barnsley',
         'C1', 'E3', 'Jackie', 'Flynn', null),
        ('d', 'supplier_delivered_nothing', 'stopped', 80, 'police', 'F1', 'Invented Police',
         null, null, null, null, 'police_reports')
    ) as cases (row_id, list_code, reason_code, age_days, body_type_code, body_code, body_name,
        child_id, episode_id, forenames, surname, feed)
"""


def _publish(settings: Settings, rows: str | None) -> None:
    folder = build(settings, 1)
    if rows is not None:
        with duckdb.connect(str(folder / "case_lists.duckdb")) as connection:
            connection.execute(rows)
    publish(settings, folder)


@pytest.fixture
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home that commands find, without a generation."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    return settings


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["case-lists", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_without_a_list_it_counts_and_names_no_child(home: Settings) -> None:
    """Prevents names on a screen of somebody who asked how many there are."""
    _publish(home, ROWS)
    for options in ((), ("--count",), ("--list", "closed_without_return_interview", "--count")):
        text = _run(*options)
        assert "Flynn" not in text
        assert "closed without return interview" in text
    assert json.loads(_run("--json")) == [
        {"list_code": "known_to_one_source_only", "reason_code": "police_only", "case_count": 1,
         "oldest_age_days": 12},
        {"list_code": "closed_without_return_interview", "reason_code": "not_offered",
         "case_count": 2, "oldest_age_days": 30},
        {"list_code": "supplier_delivered_nothing", "reason_code": "stopped", "case_count": 1,
         "oldest_age_days": 80},
    ]  # fmt: skip


def test_a_list_is_for_one_body_and_begins_with_the_oldest(home: Settings) -> None:
    """Prevents an authority from searching its own cases among everybody's."""
    _publish(home, ROWS)
    listed = json.loads(_run("--list", "closed_without_return_interview", "--json"))
    assert [case["age_days"] for case in listed] == [30, 9]
    own = json.loads(_run("--list", "closed_without_return_interview", "--body", "370", "--json"))
    assert [(case["surname"], case["birth_date"]) for case in own] == [("Flynn", "2011-02-03")]
    assert json.loads(_run("--body", "370", "--count", "--json"))[0]["case_count"] == 1
    text = _run("--list", "closed_without_return_interview", "--limit", "1")
    assert "Sam Moss" in text
    assert "Flynn" not in text
    assert "police reports" in _run("--list", "supplier_delivered_nothing")


def test_a_list_that_is_not_there_is_said(home: Settings) -> None:
    """Prevents an empty list from standing for one that was never made."""
    assert "nothing is published yet" in _run(code=3)
    assert "--list" in _run("--list", "everybody", code=2)
    _publish(home, None)
    assert "has no such lists" in _run(code=3)
