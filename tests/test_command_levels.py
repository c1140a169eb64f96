"""Which level of detail each command shows, and who may run it in production."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from register.access_grants import decide_grant, find_access
from register.access_record import current_actor, read_record
from register.choices import Level
from register.data_keys import KeyRing, make_key
from register.encrypted_kinds import ENCRYPTED_KINDS
from register.home import prepare_home
from register.key_rotation import rotate_files
from register.settings import Settings, load_settings
from tests.publishing.builds import DELIVERY_ID
from tests.register_commands import list_commands
from tests.review.cases import child_id, pair_id, record_key
from tests.web.conftest import SURNAME, publish_home

PAIR = pair_id("2", "5")
KEY = "an invented sentence of some 0123456789 letters"
# Commands in production ask for a grant of `identity` or `exact` for the whole nation. An operator
# loads, serves and keeps the home, and needs its files. Figures are no secret from people who have
# these files, so no command asks for a grant of `aggregate` or `coarse`.
COMMANDS = {
    "identity": """
audit draw|audit enter|case-lists|explain|feedback|review|review decide|review page|review undo
trace|keys decrypt
""",
    "exact": "key show",
    "operator": """
audit report|diff|identity card|identity evaluate|identity report|metrics ask|metrics list
metrics query|review reliability|statistics calendar|statistics check|statistics diff
statistics list|statistics show|statistics signers|statistics verify
access approvals|access approve|access deliver|access grant|access list|access log|access refuse
access request|access restart|access revoke|access verify|alerts|backup|backup forget|backup list
backup verify|check|conformance run|conformance write
deliveries|deliveries confirm|deliveries refuse|deliveries reinstate|deliveries reread
deliveries withdraw|docs|doctor|erase|manifest
receipts keys|receipts list|receipts show|receipts verify
generations|generations path|generations rollback|generations show|guide
identity clerical-sample|identity models|identity pin|identity train
identity unpin|keys list|keys new|keys rotate
keys rotate-pseudonyms|layouts|layouts check|layouts draft|load
recording-changes|recording-changes add|recording-changes kinds|recording-changes remove
restore|retain|serve lake|serve parquet
serve parquet_exact|serve postgres|simulate
statistics announce|statistics approve|statistics attack|statistics draft|statistics export
statistics note|statistics pre-release|statistics publish|statistics reproduce|statistics revise
statistics sign|statistics withdraw|statistics work|status|ui|web|web account add|web account list
web account password|web account remove|web token add|web token list|web token remove
web upload check|web upload land
""",
}
# An example of each command that asks for a grant. `trace` asks if it shows a line's text,
# `case-lists` if it lists children.
BY = ["--reason", "Seen", "--reason-code", "other"]
EXAMPLES: dict[str, Sequence[str]] = {
    "audit draw": ["--purpose", "audit"],
    "audit enter": ["form.csv"],
    "case-lists": ["--task", "away_now", "--purpose", "audit"],
    "explain": [child_id("1"), "--purpose", "audit"],
    "feedback": [DELIVERY_ID, "--purpose", "audit"],
    "key show": [child_id("1"), "--purpose", "audit"],
    "review": ["--pair", PAIR, "--purpose", "audit"],
    "review decide": [record_key("2"), record_key("5"), "--decision", "link", *BY],
    "review page": ["--pair", PAIR, "--purpose", "audit"],
    "review undo": [record_key("7"), record_key("8"), "--reason", "Seen"],
    "trace": ["R1", "--show-line", "--purpose", "audit"],
    "keys decrypt": ["decisions", "--out", "copies", "--purpose", "audit"],
}


def _list_declared(level: str) -> list[str]:
    return [words for words in COMMANDS[level].replace("\n", "|").split("|") if words]


def test_every_command_has_one_level() -> None:
    """Prevents a new command of which nobody said how much of a child it shows."""
    declared = [words for level in COMMANDS for words in _list_declared(level)]
    assert sorted(list_commands()) == sorted(declared)
    asking = {*_list_declared("identity"), *_list_declared("exact")}
    assert asking == set(EXAMPLES)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A published home in production, which commands use."""
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY", KEY)
    settings = load_settings()
    prepare_home(settings)
    publish_home(settings, 1)
    ring = KeyRing((make_key(),))
    monkeypatch.setenv("REGISTER_DATA_KEYS", ring.to_text())
    assert list(rotate_files(replace(settings, data_keys=ring), ENCRYPTED_KINDS))
    (tmp_path / "form.csv").write_text("sample_id\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "production")
    return load_settings()


@pytest.mark.parametrize("command", EXAMPLES)
def test_an_account_without_a_grant_sees_no_names(home: Settings, command: str) -> None:
    """Prevents an account of the machine from reading names because it can read the files."""
    words = [*command.split(), *EXAMPLES[command]]
    account = current_actor().name
    least: Level = "coarse" if command in _list_declared("exact") else "exact"
    grants: tuple[tuple[Level, str] | None, ...] = (None, (least, "all"), ("identity", "370"))
    for grant in grants:
        if grant is not None:
            level, area = grant
            decide_grant(home, "grant", account, area, level, by="A", reason="B")
        answer = CliRunner().invoke(commands, words, input="stop\n")
        assert (answer.exit_code, "has no grant for this" in answer.output) == (1, True), answer
        assert SURNAME not in answer.output
    assert list(read_record(home))[-1]["kind"] == "refusal"
    decide_grant(home, "grant", account, "all", "identity", by="A", reason="B")
    assert find_access(home, account).sees_everything("identity")
    assert "has no grant" not in CliRunner().invoke(commands, words, input="stop\n").output
