"""The commands that look: deliveries, feedback, generations, trace; and a decision on one held."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.home import prepare_home
from register.publishing import publish
from register.settings import Settings, load_settings
from tests.publishing.builds import DELIVERY_ID, build

LINEAGE = (
    f"'{DELIVERY_ID}' as delivery_id, 'police_reports' as feed, 'E23000099' as supplier_code,"
    " 'reports.csv' as file_name, 2 as row_number"
)
TABLES = {
    "fct_reports": (
        "select 'R1' as report_id_register, 'E1' as episode_id_register,"
        f" 'C1' as child_id_register, {LINEAGE}"
    ),
    "fct_rule_breaches": (
        "select 'B1' as rule_breach_id, 'absence_in_future' as rule_code, 'reports' as table_name,"
        f" 'last_seen_at' as column_name, {LINEAGE}"
    ),
    "dim_suppliers": "select 'E23000099' as supplier_code, 'Invented Police' as supplier_name",
    "dim_deliveries": (
        f"select '{DELIVERY_ID}' as delivery_id, 'police_reports' as feed, 'current' as status,"
        " '2026-10' as period, timestamp '2026-11-01 00:00:00' as received_at"
    ),
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one delivery, which is held, and two generations that show it; never changed."""
    folder = tmp_path_factory.mktemp("commands") / "home"
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(folder)})
    prepare_home(settings)
    for stamp in (1, 2):
        built = build(settings, stamp)
        with duckdb.connect(str(built / "national_register.duckdb")) as connection:
            for name, query in TABLES.items():
                connection.execute(f"create or replace table register.{name} as {query}")
        publish(settings, built)
    return settings.home


@pytest.fixture
def home(published: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of that home, and commands that run in it."""
    shutil.copytree(published, settings.home, symlinks=True, dirs_exist_ok=True)
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    return settings


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ((), 1),
        (("--supplier", "E23000099"), 1),
        (("--supplier", "373"), 0),
        (("--feed", "authority_extract"), 0),
        (("--outcome", "accepted"), 1),
        (("--outcome", "rejected"), 0),
        (("--outcome", "held"), 1),
    ],
)
@pytest.mark.usefixtures("home")
def test_deliveries_are_found_by_supplier_feed_and_outcome(
    options: tuple[str, ...], count: int
) -> None:
    """Prevents a rejected delivery from being lost in a list of thousands."""
    listed = json.loads(_run("deliveries", "--json", *options))
    assert [entry["delivery_id"] for entry in listed] == [DELIVERY_ID] * count


def test_a_delivery_that_waits_for_a_file_is_named(home: Settings) -> None:
    """Prevents an upload that broke off from going unseen until its time is over."""
    folder = home.inbox / "police_reports" / "E23000001" / "2026-10"
    folder.mkdir(parents=True)
    (folder / "Testperson.csv.part").write_bytes(b"half")
    message = _run("deliveries")
    assert "waiting, a file is still being sent: police_reports/E23000001/2026-10" in message
    assert "Testperson" not in message
    status = json.loads(_run("status", "--json", code=5))
    assert status["waiting"] == ["police_reports/E23000001/2026-10"]


def test_the_delivered_name_of_a_file_is_shown_with_its_lines_alone(home: Settings) -> None:
    """Prevents a name that a force gave its file from being shown where no child may be named."""
    folder = home.landing / "police_reports" / DELIVERY_ID
    (folder / "raw" / "reports.csv").rename(folder / "raw" / "Testperson.csv")
    names = {"reports.csv": "Testperson.csv"}
    (folder / "file_names.json").write_text(json.dumps(names), encoding="utf-8")
    assert "Testperson" not in _run("trace", "R1") + _run("trace", "R1", "--json")
    output = _run("trace", "R1", "--show-line")
    assert "Testperson.csv" in output
    assert "INVENTED/1" in output
    (line,) = json.loads(_run("trace", "R1", "--show-line", "--json"))["lines"]
    assert line["delivered_as"] == "Testperson.csv"


def test_a_held_delivery_is_confirmed_with_a_name_and_a_reason(home: Settings) -> None:
    """Prevents a delivery that shrank from entering the register without a named author."""
    assert "--reason" in _run("deliveries", "confirm", DELIVERY_ID, "--by", "A. Person", code=2)
    _run("deliveries", "confirm", DELIVERY_ID, "--by", "A. Person", "--reason", "Fewer children")
    with (home.decisions / "deliveries.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["decided_by"], row["decision"], row["reason"]) for row in rows] == [
        ("A. Person", "confirm", "Fewer children")
    ]
    assert json.loads(_run("deliveries", "--json", "--outcome", "held")) == []
    _run("deliveries", "confirm", "no-such", "--by", "A. Person", "--reason", "x", code=3)


def test_a_delivery_is_withdrawn_and_reinstated_with_a_name_and_a_reason(home: Settings) -> None:
    """Prevents a delivery that stops the nation, and none but an edit of files to set it aside."""
    person = ("--by", "A. Person", "--reason", "Another force's month")
    _run("deliveries", "withdraw", DELIVERY_ID, *person, code=3)
    _run("deliveries", "confirm", DELIVERY_ID, *person)
    message = _run("deliveries", "withdraw", DELIVERY_ID, *person)
    assert "takes effect with `register load`" in message
    listed = json.loads(_run("deliveries", "--json", "--outcome", "withdrawn"))
    assert [(entry["delivery_id"], entry["is_withdrawn"]) for entry in listed] == [
        (DELIVERY_ID, True)
    ]
    assert "withdrawn" in _run("deliveries")
    _run("deliveries", "withdraw", DELIVERY_ID, *person, code=3)
    _run("deliveries", "reinstate", DELIVERY_ID, *person)
    assert json.loads(_run("deliveries", "--json", "--outcome", "withdrawn")) == []
    _run("deliveries", "reinstate", DELIVERY_ID, *person, code=3)
    rows = (home.decisions / "deliveries.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[3] for row in rows] == ["confirm", "withdraw", "reinstate"]


@pytest.mark.usefixtures("home")
def test_feedback_says_what_to_put_right() -> None:
    """Prevents a supplier from being told only that something was wrong."""
    rows = json.loads(_run("feedback", DELIVERY_ID, "--json"))
    assert [(row["rule_code"], row["line"]) for row in rows] == [
        ("impossible_date", "2"),
        ("absence_in_future", "2"),
    ]
    assert {row["record_id"] for row in rows} == {"INVENTED/1"}
    assert rows[1]["what_to_fix"]
    _run("feedback", "no-such", code=3)


def test_feedback_is_written_for_its_supplier_alone(home: Settings) -> None:
    """Prevents the only copy for a supplier from being a table at a terminal, cut at 200 rows."""
    file = home.home / "feedback.csv"
    _run("feedback", DELIVERY_ID, "--csv", str(file))
    with file.open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 2
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("identifier", "kind"),
    [("R1", "report"), ("E1", "episode"), ("C1", "child"), ("B1", "rule breach")],
)
def test_a_published_id_leads_to_file_and_line(identifier: str, kind: str) -> None:
    """Prevents a figure that an auditor cannot walk back from."""
    outcome = json.loads(_run("trace", identifier, "--json"))
    assert outcome["kind"] == kind
    line = outcome["lines"][0]
    assert (line["delivery_id"], line["file_name"], line["row_number"]) == (
        DELIVERY_ID,
        "reports.csv",
        2,
    )
    assert line["supplier_name"] == "Invented Police"
    assert "line" not in line
    assert "Sample" not in _run("trace", identifier)


@pytest.mark.usefixtures("home")
def test_the_delivered_line_is_shown_only_when_asked_for() -> None:
    """Prevents a name on a screen where none was asked for."""
    assert "INVENTED/1,Sample" in _run("trace", "R1", "--show-line")
    _run("trace", "R2", code=3)


def test_readers_are_put_back_by_command(home: Settings) -> None:
    """Prevents an operator from moving symlinks by hand at night."""
    newest, oldest = json.loads(_run("generations", "--json"))
    assert newest["is_current"]
    _run("generations", "rollback", oldest["generation_id"])
    assert [item["is_current"] for item in json.loads(_run("generations", "--json"))] == [
        False,
        True,
    ]
    folder = Path(_run("generations", "path").strip())
    assert folder == home.published / oldest["generation_id"]
    assert not folder.is_symlink()
    manifest = json.loads(_run("generations", "show", oldest["generation_id"]))
    assert manifest["generation_id"] == oldest["generation_id"]
    _run("generations", "rollback", "no-such", code=3)


@pytest.mark.parametrize(
    "command",
    [
        "simulate",
        "load",
        "deliveries",
        "feedback",
        "trace",
        "generations",
        "doctor",
        "ui",
        "docs",
        "audit",
    ],
)
def test_every_command_explains_itself(command: str) -> None:
    """Prevents having to read the source to use the register."""
    assert len(_run(command, "--help").splitlines()) > 5
