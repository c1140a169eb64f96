"""`register feedback --absences`: what an authority or a force should compare."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.access_record import read_record
from register.publishing import publish, read_absence_lines
from register.settings import Settings
from register.spreadsheet import read_rows
from tests.publishing.builds import DELIVERY_ID, build
from tests.publishing.listed_children import ABSENCE, write_absences

OF_FORCE = {
    **ABSENCE,
    "body_type_code": "police",
    "body_code": "E23000010",
    "is_recorded_by_body": True,
    "other_body_code": "370",
    "child_references": "NOM1",
    "report_references": "MP1",
}
OLDER = {**ABSENCE, "line_reference": "0000000B", "episode_id_register": "E2"}


@pytest.fixture
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home that commands find, with a generation of three lines."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    folder = build(settings, 1)
    write_absences(folder, ABSENCE, OLDER, OF_FORCE)
    publish(settings, folder)
    return settings


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["feedback", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_the_list_of_one_organisation_is_shown_and_recorded(home: Settings) -> None:
    """Prevents an authority's list with lines of a force, or one that nobody knows was read."""
    rows = json.loads(_run("--absences", "370", "--json", "--purpose", "audit"))
    assert [row["line_reference"] for row in rows] == ["0000000A", "0000000B"]
    assert {row["recorded_by"] for row in rows} == {"West Yorkshire Police"}
    assert "MP1" not in json.dumps(rows)
    (of_force,) = json.loads(_run("--absences", "E23000010", "--json"))
    assert (of_force["report_references"], of_force["not_recorded_by"]) == ("MP1", "Barnsley")
    first = next(entry for entry in read_record(home) if entry["what"] == "absence_list")
    assert first["keys"] == ["370", "E1", "E2"]
    assert "Barnsley: 2 absences to compare" in " ".join(_run("--absences", "370").split())
    assert json.loads(_run("--absences", "371", "--json")) == []


def test_the_list_is_written_for_its_receiver(home: Settings, tmp_path: Path) -> None:
    """Prevents an export that others on the machine can read, or that is not recorded."""
    file = tmp_path / "list.csv"
    _run("--absences", "371", "--csv", str(file), "--purpose", "audit")
    assert read_rows(file)[0]["what_to_do"].startswith("Nothing to compare")
    assert file.stat().st_mode & 0o077 == 0
    assert ("export", "absence_list") in {(e["kind"], e["what"]) for e in read_record(home)}


def test_a_delivery_or_a_list_is_asked_for(home: Settings) -> None:
    """Prevents a command that shows something else than was asked for."""
    assert home.outbox.exists()
    for arguments in ((), (DELIVERY_ID, "--absences", "370")):
        assert "either a delivery or --absences" in " ".join(_run(*arguments, code=2).split())


def test_an_older_generation_has_no_list(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an empty list that looks as if there were nothing to compare."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    generation = publish(settings, build(settings, 1))
    with pytest.raises(LookupError, match="load again"):
        read_absence_lines(generation)
    assert "load again" in " ".join(_run("--absences", "370", code=3).split())
