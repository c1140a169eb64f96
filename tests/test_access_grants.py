"""Access grants: who decided them, which are in force, what they include, a file that is wrong."""

from __future__ import annotations

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.access_grants import (
    Access,
    GrantError,
    decide_grant,
    find_access,
    list_areas_of_holders,
    read_area_codes,
    read_grants,
)
from register.choices import LEVELS
from register.decision_files import find_decision_faults
from register.settings import Settings

TODAY = date(2026, 11, 30)


def test_the_latest_decision_about_a_holder_and_an_area_stands(settings: Settings) -> None:
    """Prevents a grant that was taken back from being in force, or one that was given again not."""
    for decision, area in (("grant", "383"), ("grant", "330"), ("revoke", "383"), ("grant", "383")):
        decide_grant(settings, decision, "leeds", area, "exact", by="A", reason="B")
    decide_grant(settings, "revoke", "leeds", "330", by="A", reason="left")
    decide_grant(settings, "grant", "leeds", "383", "coarse", by="A", reason="too much")
    assert [grant.subject for grant in read_grants(settings)] == [("leeds", "383")]
    access = find_access(settings, "leeds", TODAY)
    assert access.levels == {"383": "coarse"}
    assert find_access(settings, "Leeds", TODAY) == Access("Leeds")


def test_a_level_includes_those_before_it_and_no_other_area(settings: Settings) -> None:
    """Prevents a grant from giving more detail, or another area, than it says."""
    decide_grant(settings, "grant", "ann", "383", "identity", by="A", reason="B")
    decide_grant(settings, "grant", "ann", "all", "coarse", by="A", reason="B")
    access = find_access(settings, "ann", TODAY)
    assert (access.level_for("383"), access.level_for("330")) == ("identity", "coarse")
    assert [sorted(access.list_areas(level)) for level in LEVELS] == [
        ["383", "all"],
        ["383", "all"],
        ["383"],
        ["383"],
    ]
    assert [access.sees_everything(level) for level in LEVELS] == [True, True, False, False]
    assert access.sees_area("identity", "383")
    assert not access.sees_area("identity", "330")
    assert not access.sees_area("identity", None), "a row without an area is the nation's"
    assert access.sees_area("coarse", None)
    nothing = find_access(settings, "stranger", TODAY)
    assert (nothing.level_for("383"), nothing.sees_any_area("aggregate")) == (None, False)


def test_a_grant_ends_after_its_last_day(settings: Settings) -> None:
    """Prevents somebody who left from seeing children after the day that was decided."""
    decide_grant(settings, "grant", "ann", "383", "exact", by="A", reason="B", expires_on=TODAY)
    assert find_access(settings, "ann", TODAY).sees_area("exact", "383")
    later = find_access(settings, "ann", date(2026, 12, 1))
    assert (later.levels, later.is_decided) == ({}, True)


def test_a_grant_for_the_nation_is_one_for_each_area(settings: Settings) -> None:
    """Prevents a member of PostgreSQL with a national grant from seeing nothing."""
    decide_grant(settings, "grant", "ann", "all", "identity", by="A", reason="B")
    decide_grant(settings, "grant", "ben", "383", "coarse", by="A", reason="B")
    listed = list(list_areas_of_holders(settings, read_grants(settings), "exact"))
    assert {area for _, area, _ in listed} == read_area_codes(settings)
    assert {holder for holder, _, _ in listed} == {"ann"}


def test_the_file_of_an_earlier_release_is_still_read(settings: Settings) -> None:
    """Prevents an upgrade that takes rights away, or that gives revoked ones back."""
    text = "decided_at,decided_by,decision,member,area_code,expires_on,reason\n" + "".join(
        f"2026-11-01T00:00:00Z,A,grant,{member},383,,B\n" for member in ("ann", "ben", "eve")
    )
    (settings.decisions / "serving_grants.csv").write_text(text, encoding="utf-8")
    decide_grant(settings, "revoke", "ben", "383", by="A", reason="left")
    decide_grant(settings, "grant", "eve", "383", "identity", by="A", reason="more")
    assert find_access(settings, "ann", TODAY).levels == {"383": "exact"}
    assert find_access(settings, "ben", TODAY).levels == {}
    assert find_access(settings, "eve", TODAY).levels == {"383": "identity"}
    assert find_decision_faults(settings) == []
    assert (settings.decisions / "serving_grants.csv").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("decision", "holder", "area", "level", "by", "message"),
    [
        ("grant", "leeds", "nowhere", "exact", "A", "no authority or police force has the code"),
        ("grant", " ", "383", "exact", "A", "needs a holder"),
        ("grant", "leeds", "383", "exact", "", "needs a holder, who decided it"),
        ("grant", "leeds", "383", "everything", "A", "a level is one of aggregate, coarse"),
        ("revoke", "leeds", "383", None, "A", "has no grant for 383"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(  # noqa: PLR0917 - a case each
    settings: Settings, decision: str, holder: str, area: str, level: str, by: str, message: str
) -> None:
    """Prevents a misspelt area that silently gives nobody anything."""
    with pytest.raises(GrantError, match=message):
        decide_grant(settings, decision, holder, area, level, by=by, reason="B")  # type: ignore[arg-type]
    assert read_grants(settings) == []


AT = "2026-11-01T00:00:00Z"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{AT},A,allow,leeds,exact,383,,B", "line 2: decision is none of grant, revoke"),
        (f"{AT},A,grant,leeds,exact,383,soon,B", "line 2: expires_on is not a day"),
        (f"{AT},A,grant,leeds,exact,999,,B", "line 2: no authority or police force has the code"),
        (f"{AT},A,grant,leeds,all,383,,B", "line 2: a level is one of"),
        (f"{AT},A,grant,,exact,383,,B", "line 2: no holder is named"),
        (f"{AT},A,grant,leeds,exact,383", "line 2: 6 fields, not 8"),
    ],
)
def test_a_line_that_is_wrong_is_named(settings: Settings, line: str, message: str) -> None:
    """Prevents a file that people edit from giving more, or less, than they meant."""
    with (settings.decisions / "access_grants.csv").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(GrantError, match=message):
        read_grants(settings)
    with pytest.raises(GrantError, match=message):
        find_access(settings, "leeds", TODAY)


def test_the_commands_grant_list_and_revoke(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents grants that only a programmer can make or see."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    by = ["--by", "A. Person", "--reason", "asked for"]
    run = CliRunner().invoke
    words = ["access", "grant", "leeds", "383", "--level", "exact", *by]
    answer = run(app, [*words, "--until", "2026-01-31"])
    assert (answer.exit_code, "register serve postgres" in answer.output) == (0, True)
    (result,) = json.loads(run(app, ["access", "list", "--json"]).stdout)
    assert (result["holder"], result["area_code"], result["level"]) == ("leeds", "383", "exact")
    assert (result["expires_on"], result["is_expired"]) == ("2026-01-31", True)
    assert "2026-01-31 (expired)" in run(app, ["access", "list"]).output
    assert run(app, ["access", "grant", "x", "383", "--level", "most", *by]).exit_code == 2
    assert run(app, ["access", "revoke", "leeds", "383", *by]).exit_code == 0
    assert run(app, ["access", "revoke", "leeds", "383", *by]).exit_code == 1
    assert json.loads(run(app, ["access", "list", "--json"]).stdout) == []
