"""Loads from the command line: what is published, what is not, and what people are told."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from orchestration.dagster_home import dagster_instance
from orchestration.locks import command_lock
from register.decision_files import append_decisions
from register.load_history import find_failed_run, read_loads
from register.publishing import current_generation
from tests.orchestration.conftest import Place
from tests.orchestration.small_project import break_the_audit
from tests.publishing.builds import DELIVERY_ID

pytestmark = pytest.mark.slow


def _known_at(folder: Path) -> str:
    path = folder / "national_register.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute("select known_at from register.fct_reports").fetchall()
    return str(rows[0][0])


def test_a_load_publishes_and_says_where_to_look(loaded: Place) -> None:
    """Prevents a load that ends without a register, or one that cannot be found."""
    output = (loaded.settings.home.parent / "output.txt").read_text(encoding="utf-8")
    assert "published/current/national_register.duckdb" in output
    assert "Episodes known to police only" in output
    assert "quality/site/index.html" in output
    # Into a pipe, as here, progress is plain lines.
    assert " Land deliveries: started\n" in output
    assert " Build and audit: done\n" in output
    assert "\x1b[" not in output
    generation = current_generation(loaded.settings)
    assert generation is not None
    assert generation.manifest()["row_counts"]["register.fct_reports"] == 1
    assert generation.primary_keys()["register.fct_reports"] == ("report_id_register",)
    assert not list(loaded.project.glob("target*")), "the project folder stays clean"


def test_the_first_load_says_what_to_look_at_in_three_sentences(loaded: Place) -> None:
    """Prevents a stranger's first load from ending in counts, without a next step."""
    output = (loaded.settings.home.parent / "output.txt").read_text(encoding="utf-8")
    lines = output.partition("Your first load\n")[2].splitlines()
    assert lines[0] == "  1. The register has police reports of Invented Police (2026-10)."
    assert lines[1].startswith("  2. To compare the sources, deliver the authority extract of")
    assert lines[2].startswith("  3. Open ")
    assert len(lines) == 3
    loads = read_loads(loaded.settings)
    assert [(load.outcome, load.delivery_counts) for load in loads] == [("published", {"held": 1})]
    again = CliRunner().invoke(app, ["load", "--refresh"])
    assert again.exit_code == 0, again.output
    assert "Your first load" not in again.output


def test_a_home_without_a_delivery_is_not_loaded(place: Place) -> None:
    """Prevents two minutes of building an empty register for somebody who put a file elsewhere."""
    shutil.rmtree(place.settings.landing / "police_reports" / DELIVERY_ID)
    for options in ([], ["--refresh"]):
        result = CliRunner().invoke(app, ["load", *options])
        assert result.exit_code == 3
        message = " ".join(result.output.split())
        assert "there is nothing to load: the inbox" in message
        assert "inbox/police_reports/<code of the force>/<year>-<month>" in message
    assert current_generation(place.settings) is None


def test_a_load_tells_a_supplier_what_the_register_found(loaded: Place) -> None:
    """Prevents breaches that are published and that no supplier hears of."""
    generation = current_generation(loaded.settings)
    assert generation is not None
    absences, messages = sorted(
        loaded.settings.outbox.glob("E23000099/*.csv"), key=lambda path: path.name, reverse=True
    )
    assert (absences.name, messages.stem) == ("absences.csv", generation.generation_id)
    with messages.open(encoding="utf-8", newline="") as file:
        rows = [(row["rule_code"], row["line"], row["record_id"]) for row in csv.DictReader(file)]
    assert rows == [
        ("impossible_date", "2", "INVENTED/1"),
        ("absence_in_future", "2", "INVENTED/1"),
    ]


def test_a_failed_audit_leaves_readers_where_they_were(loaded: Place) -> None:
    """Prevents a register that breaks its own rules from reaching a reader."""
    before = current_generation(loaded.settings)
    failing = break_the_audit(loaded.project)
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 1
    message = " ".join(result.output.split())
    assert (
        "assert_there_is_no_report is broken by 1 row, of"
        " police_reports-E23000099-2026-10-0123456789ab" in message
    )
    assert "register deliveries withdraw <delivery>" in message
    assert "Readers stay on the current generation" in result.output
    assert current_generation(loaded.settings) == before
    assert len(list(loaded.settings.published.glob(".failed-*"))) == 1
    assert not list(loaded.settings.published.glob(".next-*"))
    load = read_loads(loaded.settings)[0]
    assert (load.run_id, load.outcome) == (find_failed_run(loaded.settings), "failed")
    assert load.step == "build_register" and "Readers stay" in load.advice
    assert load.faults == (
        "assert_there_is_no_report is broken by 1 row, of"
        " police_reports-E23000099-2026-10-0123456789ab",
    )
    failing.unlink()
    assert CliRunner().invoke(app, ["load"]).exit_code == 0
    # Nothing differs now from what the current generation was built from.
    assert current_generation(loaded.settings) == before
    assert not find_failed_run(loaded.settings)


@pytest.mark.drill
def test_a_look_back_is_built_as_known_at_and_put_aside(loaded: Place) -> None:
    """Prevents a look back that shows today's register, or that replaces it."""
    now = current_generation(loaded.settings)
    result = CliRunner().invoke(app, ["load", "--as-known-at", "2026-01-31", "--json"])
    assert result.exit_code == 0, result.output
    folder = Path(json.loads(result.stdout)["folder"])
    assert folder.parent == loaded.settings.published / "as-known-at" / "2026-01-31T235959Z"
    assert _known_at(folder) == "2026-01-31T23:59:59Z"
    assert current_generation(loaded.settings) == now
    assert now is not None
    assert _known_at(now.folder) == "9999-12-31T00:00:00Z"


@pytest.mark.drill
def test_a_look_back_is_not_built_from_damaged_deliveries(loaded: Place) -> None:
    """Prevents an old figure that cannot be reproduced, since a delivery of it is another now."""
    table = next(loaded.settings.landing.glob("police_reports/*/reports.parquet"))
    table.write_bytes(table.read_bytes()[:-9])
    result = CliRunner().invoke(app, ["load", "--as-known-at", "2026-01-31"])
    assert result.exit_code == 1
    message = " ".join(result.output.split())
    assert f"police_reports/{DELIVERY_ID}: reports.parquet cannot be read" in message
    assert not (loaded.settings.published / "as-known-at").exists()


@pytest.mark.drill
def test_a_target_that_cannot_be_served_harms_nothing_else(
    loaded: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a database that is away from stopping a publication, or telling its password."""
    before = current_generation(loaded.settings)
    secret = "unguessed-word"
    dsn = f"host=127.0.0.1 port=1 user=loader password={secret}"
    monkeypatch.setenv("REGISTER_SERVE", "parquet postgres")
    monkeypatch.setenv("REGISTER_POSTGRES_DSN", dsn)
    result = CliRunner().invoke(app, ["load", "--refresh"])
    assert result.exit_code == 1
    message = " ".join(result.output.split())
    assert "serving to PostgreSQL failed: connection failed" in message
    assert "PostgreSQL has the one before, whole" in message
    for line in ("Serve Parquet: done", "Serve PostgreSQL: failed", "Measure: done"):
        assert line in message
    assert message.index("Serve PostgreSQL: failed") < message.index("Measure: started")
    generation = current_generation(loaded.settings)
    assert generation is not None
    assert generation != before
    assert (loaded.settings.published / "parquet").resolve() == generation.folder / "parquet"
    stored = [path for path in loaded.settings.home.rglob("*") if path.is_file()]
    telling = [path.name for path in stored if secret.encode() in path.read_bytes()]
    assert telling == []
    assert secret not in result.output
    completed = CliRunner().invoke(app, ["load"])
    assert "completing: postgres." in completed.output
    assert current_generation(loaded.settings) == generation


def test_a_second_load_is_told_to_wait(place: Place) -> None:
    """Prevents two commands fighting over one warehouse."""
    with command_lock(place.settings):
        result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 4
    assert "another command is loading" in result.output


def test_a_load_with_another_key_is_refused_before_anything_runs(
    loaded: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents decisions about nobody, and a development load that says nothing of its key."""
    output = (loaded.settings.home.parent / "output.txt").read_text(encoding="utf-8")
    assert "PSEUDONYMS PROTECT NOBODY" in output
    generation = current_generation(loaded.settings)
    assert generation is not None
    assert generation.manifest()["pseudonym_key_id"] == loaded.settings.key_id
    moment = "2026-05-01T00:00:00Z"
    row = [moment, "A. Person", "link", "a" * 32, "b" * 32, "Same", "", "other"]
    append_decisions(loaded.settings, "links.csv", [row], ValueError)
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY", "another key")
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 1
    assert "register keys rotate-pseudonyms" in " ".join(result.output.split())
    assert current_generation(loaded.settings) == generation


def test_a_date_that_is_none_is_refused_before_anything_runs(place: Place) -> None:
    """Prevents a rebuild as known at another moment than was meant."""
    result = CliRunner().invoke(app, ["load", "--as-known-at", "31/01/2026"])
    assert result.exit_code == 2
    assert "2026-01-31" in result.output


KILLED = """
import os, signal, sys
from interfaces.command_line.commands.load import load
from orchestration import runner
original = runner._define_progress_logger
def progress(listener):
    def on_event(event):
        if event.event_type_value == "STEP_START" and event.step_key == "land_deliveries":
            os.kill(os.getpid(), signal.SIGKILL)
    listener.on_event = on_event
    return original(listener)
runner._define_progress_logger = progress
load()
"""


@pytest.mark.drill
def test_a_load_after_a_killed_one_goes_through(place: Place) -> None:
    """Prevents a killed load from holding its place in the queue, and the next from hanging."""
    killed = subprocess.run(
        [sys.executable, "-c", _over(place, KILLED)], capture_output=True, check=False, timeout=120
    )
    assert killed.returncode == -9, killed.stderr.decode()
    assert CliRunner().invoke(app, ["load"]).exit_code == 0
    with dagster_instance(place.settings) as instance:
        statuses = sorted(run.status.value for run in instance.get_runs())
    assert statuses == ["FAILURE", "SUCCESS"]


def _over(place: Place, program: str) -> str:
    """A program for a process of its own, over the same small project."""
    return (
        "from pathlib import Path\n"
        "from register.settings import Settings\n"
        f"Settings.dbt_project = property(lambda _: Path({str(place.project)!r}))\n"
        f"Settings.seeds = property(lambda _: Path({str(place.settings.seeds)!r}))\n" + program
    )
