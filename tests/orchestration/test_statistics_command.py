"""`register statistics` as a statistician types it: what it says, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from interfaces.command_line import app
from official_statistics.releases import Version, hash_public_files, latest_version
from register.settings import Settings, load_settings
from tests.statistics.versions import STEPS, version_in_state

Say = CliRunner()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home in which the release of 2026 is announced by the command for this moment."""
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    result = _run_command(
        "announce", "2026", "--at", "now", "--by", "Ann Hill", "--reason", "A test"
    )
    assert result.exit_code == 0, result.output
    return load_settings({"REGISTER_HOME": str(tmp_path), "REGISTER_ENVIRONMENT": "test"})


@pytest.fixture
def checked(home: Settings) -> Version:
    """A version whose check has passed."""
    return version_in_state(home, "checked")


def _run_command(*arguments: str) -> Result:
    return Say.invoke(app, ["statistics", *arguments])


def test_a_checked_version_is_signed_approved_and_published(checked: Version) -> None:
    """Prevents a way to publication that the commands do not go to its end."""
    assert "2026/v1 is signed" in _run_command("sign", "2026", "--by", "Pat Reed").output
    refused = _run_command("approve", "2026", "--by", "pat reed")
    assert refused.exit_code != 0
    assert "2026/v1 is approved" in _run_command("approve", "2026", "--by", "Ann Hill").output
    assert "2026/v1 is published" in _run_command("publish", "2026", "--late", "A test").output
    assert checked.state == "published"
    assert "published" in _run_command("list").output
    assert "published" in _run_command("show", "2026").output
    assert _run_command("verify", "--all").exit_code == 0


def test_both_commands_show_the_checks_and_the_hash(home: Settings) -> None:
    """Prevents people who sign figures without having seen what the checks found."""
    found = {
        "name": "sums",
        "title": "Sums",
        "fault_count": 1,
        "faults": ["a sum of the check"],
    }
    version = version_in_state(home, "draft")
    (version.internal / "checks.json").write_text(json.dumps([found]), encoding="utf-8")
    STEPS["checked"](home, version)
    for command, name in (("sign", "Pat Reed"), ("approve", "Ann Hill")):
        output = _run_command(command, "2026", "--by", name).output
        assert "Sums: 1 fault" in output
        assert "a sum of the check" in output
        assert hash_public_files(version) in output


def test_an_unsigned_release_is_refused(checked: Version) -> None:
    """Prevents a release that nobody answers for."""
    result = _run_command("publish", "2026")
    assert result.exit_code != 0
    assert checked.state == "checked"


def test_a_release_is_not_out_before_its_hour(checked: Version, home: Settings) -> None:
    """Prevents a command that is quicker than the calendar."""
    _run_command("sign", "2026", "--by", "Pat Reed")
    _run_command("approve", "2026", "--by", "Ann Hill")
    moved = _run_command(
        "announce", "2026", "--at", "2036-11-27T09:30", "--by", "Ann Hill", "--reason", "A test"
    )
    assert moved.exit_code == 0, moved.output
    for words in ((), ("--late", "A test")):
        result = _run_command("publish", "2026", *words)
        assert result.exit_code == 1
        assert "announced for 2036-11-27T09:30+00:00: not before" in " ".join(result.output.split())
    early = _run_command("pre-release", "2026", "--to", "Minister's office", "--reason", "Briefing")
    assert "opens 24 hours before" in " ".join(early.output.split())
    assert checked.state == "approved"
    assert latest_version(home) is None


def test_a_file_that_was_changed_after_the_check_is_not_signed(
    checked: Version, home: Settings
) -> None:
    """Prevents a signature under other figures than those that were checked."""
    (checked.data / "table.csv").write_text("a,b\n1,3\n", encoding="utf-8")
    result = _run_command("sign", "2026", "--by", "Pat Reed")
    assert result.exit_code == 1
    assert "have changed since they were checked" in " ".join(result.output.split())
    assert _run_command("approve", "2026", "--by", "Ann Hill").exit_code == 1
    assert _run_command("publish", "2026", "--late", "A test").exit_code == 1
    assert checked.state == "checked"
    assert latest_version(home) is None


def test_a_withdrawn_release_says_so_by_two_people(checked: Version, home: Settings) -> None:
    """Prevents a release that one person takes back, or that is taken back without a word."""
    _run_command("sign", "2026", "--by", "Pat Reed")
    _run_command("approve", "2026", "--by", "Ann Hill")
    _run_command("publish", "2026", "--late", "A test")
    words = ("withdraw", "2026", "A wrong table", "--by", "Pat Reed", "--approved-by")
    assert _run_command(*words, "pat REED").exit_code == 1
    assert latest_version(home) == checked
    assert "2026/v1 is withdrawn" in _run_command(*words, "Ann Hill").output
    assert "A wrong table" in (checked.public / "index.html").read_text(encoding="utf-8")
    assert latest_version(home) is None
    assert _run_command("verify", "--all").exit_code == 0


def test_a_changed_file_is_named(checked: Version) -> None:
    """Prevents a changed byte that the command passes over."""
    _run_command("sign", "2026", "--by", "Pat Reed")
    _run_command("approve", "2026", "--by", "Ann Hill")
    _run_command("publish", "2026", "--late", "A test")
    path = checked.data / "table.csv"
    path.chmod(0o644)
    path.write_text("a,b\n1,3\n", encoding="utf-8")
    result = _run_command("verify", "2026")
    assert result.exit_code != 0
    assert "table.csv" in result.output


def test_what_is_announced_is_shown_and_written(home: Settings) -> None:
    """Prevents a calendar that a program cannot read."""
    assert "2026" in _run_command("calendar").output
    (line,) = json.loads(_run_command("calendar", "--json").stdout)
    assert line["release"] == "2026"


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "2031"),
        ("sign", "2031", "--by", "Pat Reed"),
        ("announce", "2027", "--at", "tomorrow"),
        ("revise", "2026"),
        ("draft", "2026"),
        ("withdraw", "2026", "A wrong table", "--by", "Pat Reed", "--approved-by", "Ann Hill"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(
    home: Settings, arguments: tuple[str, ...]
) -> None:
    """Prevents a traceback, or a step that is taken all the same."""
    result = _run_command(*arguments)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert not (home.statistics / "missing_children" / "latest").exists()
