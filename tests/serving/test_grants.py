"""Grants of areas: who decided them, which are in force, and a file that is wrong."""

from __future__ import annotations

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.serving import GrantError, decide_grant, read_grants
from register.settings import Settings


def test_the_latest_decision_about_a_member_and_an_area_stands(settings: Settings) -> None:
    """Prevents a grant that was taken back from being in force, or one that was given again not."""
    for decision, area in (("grant", "383"), ("grant", "330"), ("revoke", "383"), ("grant", "383")):
        decide_grant(settings, decision, "leeds", area, by="A", reason="B")
    decide_grant(settings, "revoke", "leeds", "330", by="A", reason="left")
    assert [grant.subject for grant in read_grants(settings)] == [("leeds", "383")]


@pytest.mark.parametrize(
    ("decision", "member", "area", "by", "message"),
    [
        ("grant", "leeds", "nowhere", "A", "no authority or police force has the code nowhere"),
        ("grant", " ", "383", "A", "needs a member"),
        ("grant", "leeds", "383", "", "needs a member, who decided it"),
        ("revoke", "leeds", "383", "A", "has no grant for 383"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(  # noqa: PLR0917 - a case each
    settings: Settings, decision: str, member: str, area: str, by: str, message: str
) -> None:
    """Prevents a misspelt area that silently gives nobody anything."""
    with pytest.raises(GrantError, match=message):
        decide_grant(settings, decision, member, area, by=by, reason="B")
    assert read_grants(settings) == []


AT = "2026-11-01T00:00:00Z"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{AT},A,allow,leeds,383,,B", "line 2: decision is none of grant, revoke"),
        (f"{AT},A,grant,leeds,383,soon,B", "line 2: expires_on is not a day"),
        (f"{AT},A,grant,leeds,999,,B", "line 2: no authority or police force has the code 999"),
        (f"{AT},A,grant,,383,,B", "line 2: no member is named"),
        (f"{AT},A,grant,leeds,383", "line 2: 5 fields, not 7"),
    ],
)
def test_a_line_that_is_wrong_is_named(settings: Settings, line: str, message: str) -> None:
    """Prevents a file that people edit from giving more, or less, than they meant."""
    with (settings.decisions / "serving_grants.csv").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(GrantError, match=message):
        read_grants(settings)


def test_the_commands_grant_list_and_revoke(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents grants that only a programmer can make or see."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    by = ["--by", "A. Person", "--reason", "asked for"]
    run = CliRunner().invoke
    answer = run(app, ["serve", "grant", "leeds", "383", *by, "--until", "2026-01-31"])
    assert (answer.exit_code, "register serve postgres" in answer.output) == (0, True)
    (result,) = json.loads(run(app, ["serve", "grants", "--json"]).stdout)
    assert (result["member"], result["area_code"], result["is_expired"]) == ("leeds", "383", True)
    assert result["expires_on"] == date(2026, 1, 31).isoformat()
    assert "2026-01-31 (expired)" in run(app, ["serve", "grants"]).output
    assert run(app, ["serve", "revoke", "leeds", "383", *by]).exit_code == 0
    assert run(app, ["serve", "revoke", "leeds", "383", *by]).exit_code == 1
    assert json.loads(run(app, ["serve", "grants", "--json"]).stdout) == []
