"""`register case-lists`: lists for safeguarding staff, counts for all others."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.access_record import read_record
from register.choices import TASKS
from register.publishing import publish
from register.settings import PROJECT_ROOT, Settings
from register.spreadsheet import read_rows
from tests.publishing.builds import build
from tests.publishing.listed_children import CHILD, OVERDUE, write_children, write_task_counts

MOSS = {"child_id_register": "C2", "episode_id_register": "E2", "surname": "Moss"}
POLICE = {
    "body_type_code": "police",
    "body_code": "E23000010",
    "body_name": "West Yorkshire Police",
}
ROWS = (
    {**CHILD, **POLICE},
    CHILD,
    {**OVERDUE, **MOSS},
    {**OVERDUE, **MOSS, "body_code": "371", "body_name": "Doncaster"},
)


def _publish(settings: Settings, *rows: dict[str, Any]) -> None:
    folder = build(settings, 1)
    if rows:
        write_children(folder, *rows)
        write_task_counts(folder, *rows)
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


def test_tasks_are_those_of_the_seed() -> None:
    """Prevents an option for a task that does not exist, or a task without an option."""
    rows = read_rows(PROJECT_ROOT / "seeds" / "ref__tasks.csv")
    assert [row["urgency"] for row in rows] == sorted(row["urgency"] for row in rows)
    assert tuple(dict.fromkeys(row["task_code"] for row in rows)) == TASKS


def test_without_a_task_it_counts_and_names_no_child(home: Settings) -> None:
    """Prevents names on a screen of somebody who asked how many there are."""
    _publish(home, *ROWS)
    for options in ((), ("--count",), ("--task", "interview_overdue", "--count")):
        text = _run(*options)
        assert "Moss" not in text
        assert "Return interview overdue" in text
        assert ("Away now" in text) == ("--task" not in options)
    counts = json.loads(_run("--json"))
    assert [(row["body_name"], row["task_code"], row["children_count"]) for row in counts] == [
        ("Barnsley", "away_now", 1),
        ("Barnsley", "interview_overdue", 1),
        ("Doncaster", "interview_overdue", 1),
        ("West Yorkshire Police", "away_now", 1),
    ]


def test_a_list_is_for_one_body_and_begins_with_the_most_urgent(home: Settings) -> None:
    """Prevents an authority from searching its own children among everybody's."""
    _publish(home, *ROWS)
    listed = json.loads(_run("--task", "interview_overdue", "--json"))
    assert [child["urgency_rank"] for child in listed] == [3, 4]
    own = json.loads(_run("--task", "away_now", "--body", "370", "--json"))
    assert [(child["surname"], child["birth_date"]) for child in own] == [("Flynn", "2011-02-03")]
    assert json.loads(_run("--body", "371", "--json"))[0]["children_count"] == 1
    text = _run("--task", "away_now", "--limit", "1")
    assert "Jackie" in text
    assert "The 1 most urgent of 2" in text
    assert len(json.loads(_run("--task", "away_now", "--limit", "1", "--json"))) == 2
    assert "2 rows: one for each child, task and organisation" in " ".join(text.split())
    alone = " ".join(_run("--task", "away_now", "--body", "370").split())
    assert "1 row: one for each child, task and organisation" in alone


def test_each_area_and_force_has_a_file(home: Settings, tmp_path: Path) -> None:
    """Prevents a file with another organisation's children, or an export that is not recorded."""
    _publish(home, *ROWS)
    folder = tmp_path / "lists"
    assert "3 files written" in _run("--out", str(folder), "--purpose", "safeguarding")
    assert sorted(path.name for path in folder.iterdir()) == [
        "370-barnsley.csv",
        "371-doncaster.csv",
        "E23000010-west-yorkshire-police.csv",
    ]
    with (folder / "370-barnsley.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["task_code"], row["surname"]) for row in rows] == [
        ("away_now", "Flynn"),
        ("interview_overdue", "Moss"),
    ]
    assert [(row["latest_at"], row["due_at"]) for row in rows] == [
        ("2026-05-30T21:15+01:00", ""),
        ("2026-05-30T21:15+01:00", "2026-05-08T10:00+01:00"),
    ], "Prevents UTC times that staff read as those of their clock"
    assert [path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())] == [0] * 4
    entry = list(read_record(home))[-1]
    assert (entry["kind"], entry["what"]) == ("export", "case_list")
    assert {"C1", "C2", "E1", "E2", "370", "371", "E23000010"} <= set(entry["keys"])
    for wrong, fault in ((folder, "not an empty folder"), (home.home / "lists", "in the home")):
        assert fault in " ".join(_run("--out", str(wrong), code=1).split())


def test_a_list_that_is_not_there_is_said(home: Settings) -> None:
    """Prevents an empty list from standing for one that was never made."""
    assert "nothing is published yet" in _run(code=3)
    assert "--task" in _run("--task", "everybody", code=2)
    _publish(home)
    assert "has no such list" in _run(code=3)
