"""Changes that suppliers announced are written down, replaced and withdrawn by command."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.decision_history import APPENDED
from register.recording_changes import ChangeError, list_standing_changes
from register.settings import Settings

FORCE = "E23000001"
WHO = ("--by", "A. Person", "--reason", "So that the step is not asked about")
SAID = ("--announced-by", "Letter of the force", *WHO)


@pytest.fixture
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty home that the commands see."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    return settings


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["recording-changes", *arguments])
    assert result.exit_code == code, result.output
    return " ".join(result.output.replace("│", " ").split())


def _listed(*options: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_run("--json", *options))
    return rows


def _rows(home: Settings) -> list[str]:
    path = home.decisions / "recording_changes.csv"
    return path.read_text(encoding="utf-8").splitlines()[1:]


def test_a_change_is_written_down_with_who_announced_it(home: Settings) -> None:
    """Prevents a question to a force about a change that it has already announced."""
    brief = ("--left-out", "since", "--under-hours", "6")
    output = _run("add", FORCE, "2026-01-31", "threshold", *brief, *SAID)
    assert "register load" in output
    _run("add", "373", "2026-02-01", "case_system", *SAID)
    (of_authority, of_force) = list_standing_changes(home)
    assert (of_force.supplier_code, of_force.changed_from) == (FORCE, "2026-01-31")
    assert (of_force.change_code, of_force.left_out, of_force.under_hours) == (
        "threshold",
        "since",
        "6",
    )
    assert (of_force.announced_by, of_force.recorded_by) == ("Letter of the force", "A. Person")
    assert (of_authority.category_code, of_authority.left_out) == ("every", "neither")
    assert [row["supplier_code"] for row in _listed("--supplier", "373")] == ["373"]
    assert "Letter of the force" in _run()


def test_a_later_row_takes_the_place_of_an_earlier_one(home: Settings) -> None:
    """Prevents a mistake that can be corrected only by editing the file."""
    _run("add", FORCE, "2026-01-31", "threshold", *SAID)
    _run("add", FORCE, "2026-01-31", "category", "--category", "absent", *SAID)
    _run("add", FORCE, "2026-01-31", "procedure", *SAID)
    assert [(row["category_code"], row["change_code"]) for row in _listed()] == [
        ("absent", "category"),
        ("every", "procedure"),
    ]
    assert len(_rows(home)) == 3


def test_a_change_is_withdrawn_and_its_row_stays(home: Settings) -> None:
    """Prevents an announcement that was never made from marking breaks for ever."""
    _run("add", FORCE, "2026-01-31", "threshold", *SAID)
    assert "`register recording-changes` lists" in _run("remove", FORCE, "2026-02-01", *WHO, code=3)
    _run("remove", FORCE, "2026-01-31", "--category", "absent", *WHO, code=3)
    _run("remove", FORCE, "2026-01-31", *WHO)
    assert _listed() == []
    assert len(_rows(home)) == 2
    _run("remove", FORCE, "2026-01-31", *WHO, code=3)
    _run("add", FORCE, "2026-01-31", "threshold", *SAID)
    assert len(_listed()) == 1


LONG_AHEAD = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("E23000099", "2026-01-31", "threshold"), "no supplier of reports has the code E23000099"),
        (("DFE", "2026-01-31", "threshold"), "no supplier of reports has the code DFE"),
        ((FORCE, "2026-02-30", "threshold"), "a day that is in the calendar"),
        ((FORCE, "2001-01-01", "threshold"), "between 2009-04-01 and"),
        ((FORCE, LONG_AHEAD, "threshold"), "between 2009-04-01 and"),
        ((FORCE, "2026-01-31", "mood"), "change must be one of case_system"),
        ((FORCE, "2026-01-31", "category", "--category", "lost"), "category must be one of absent"),
        ((FORCE, "2026-01-31", "category", "--left-out", "never"), "left-out must be one of"),
        ((FORCE, "2026-01-31", "threshold", "--under-hours", "0"), "more than 0"),
        ((FORCE, "2026-01-31", "threshold", "--reason", " "), "needs a name"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    home: Settings, arguments: tuple[str, ...], says: str
) -> None:
    """Prevents a slip from becoming a break of a supplier that changed nothing."""
    # What a case gives comes last, and so counts.
    assert says in _run("add", *SAID, *arguments, code=2)
    assert _rows(home) == []


def test_a_home_from_before_has_no_changes_and_a_foreign_file_is_refused(home: Settings) -> None:
    """Prevents a home of an older register from failing, and rows under wrong headings."""
    path = home.decisions / "recording_changes.csv"
    path.unlink()
    assert _listed() == []
    _run("add", FORCE, "2026-01-31", "threshold", *SAID)
    assert len(_listed()) == 1
    # Where no command has written it, nothing is known of what it was.
    (home.decisions / APPENDED).unlink()
    path.write_text("supplier,day\n", encoding="utf-8")
    with pytest.raises(ChangeError, match="does not have the columns"):
        list_standing_changes(home)
    assert "columns" in _run("add", FORCE, "2026-01-31", "threshold", *SAID, code=2)


def test_the_commands_explain_themselves() -> None:
    """Prevents having to read the source to write a change down."""
    assert "interruption" in _run("kinds")
    for command in ("add", "remove"):
        assert "--by" in _run(command, "--help")
