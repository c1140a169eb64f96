"""Commands that show children's records write an entry first, and say who runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from register.access_grants import decide_grant
from register.access_record import Actor, current_actor, read_record, verify_record
from register.approvals import decide_request, request_approval
from register.data_keys import KeyRing, make_key
from register.decision_history import read_decision_file
from register.encrypted_kinds import ENCRYPTED_KINDS
from register.home import prepare_home
from register.key_rotation import rotate_files
from register.settings import Settings, load_settings
from tests.publishing.builds import DELIVERY_ID
from tests.register_commands import list_commands
from tests.review.cases import child_id, pair_id
from tests.web.conftest import SURNAME, publish_home

PAIR = pair_id("2", "5")
KEY = "an invented sentence of some 0123456789 letters"
# Each command that shows or writes records of children, an example, and the code of its entry.
SHOWING: dict[str, tuple[Sequence[str], str]] = {
    "case-lists": (["--task", "away_now"], "case_list"),
    "trace": (["R1", "--show-line"], "delivered_lines"),
    "review": (["--pair", PAIR, "--by", "ann"], "review_pair"),
    "review page": (["--pair", PAIR], "review_pages"),
    "explain": ([child_id("1")], "explanation"),
    "audit draw": (["--cases", "1", "--areas", "1"], "audit_worksheets"),
    "feedback": ([DELIVERY_ID], "feedback"),
    "key show": ([child_id("1")], "key_history"),
    "keys decrypt": (["decisions", "--out", "copies"], "decrypted_files"),
}
# Commands that show codes, counts, keys, accounts or documents, and no record of a child. Those
# that decide, publish or release write entries of these kinds.
OTHERS = """
access approvals|access approve|access deliver|access grant|access list|access log
access refuse|access request|access restart|access revoke|access verify|alerts|audit enter
backup|backup forget|backup list|backup verify|erase|restore|retain
audit report|check|conformance run|conformance write|deliveries
deliveries confirm|deliveries refuse|deliveries reinstate|deliveries reread
deliveries withdraw|diff|docs|doctor
generations|generations path|generations rollback|generations show|guide|identity card
identity clerical-sample|identity evaluate|identity models|identity pin
identity report|identity train|identity unpin|keys list|keys new
keys rotate|keys rotate-pseudonyms|layouts|layouts check|layouts draft|load|metrics ask
metrics list|manifest|receipts keys|receipts list|receipts show|receipts verify
metrics query|recording-changes|recording-changes add|recording-changes kinds
recording-changes remove|review decide|review reliability|review undo
serve lake|serve parquet|serve parquet_exact|serve postgres|simulate|statistics announce
statistics approve|statistics attack|statistics calendar|statistics check|statistics diff
statistics draft|statistics export|statistics list|statistics note|statistics pre-release
statistics publish|statistics reproduce|statistics revise|statistics show|statistics sign
statistics signers|statistics verify|statistics withdraw|statistics work|status|ui|web
web account add|web account list|web account password|web account remove
web token add|web token list|web token remove|web upload check|web upload land
"""


def test_every_command_is_known_to_show_records_or_not() -> None:
    """Prevents a new command that shows children's records and writes no entry."""
    known = {*SHOWING, *OTHERS.replace("\n", "|").strip("|").split("|")}
    assert set(list_commands()) == known


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A published home with invented children, which commands use."""
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "home"))
    settings = load_settings()
    prepare_home(settings)
    publish_home(settings, 1)
    return settings


def _enter_production(home: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give the home to production, which encrypts it; return its settings there."""
    ring = KeyRing((make_key(),))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "production")
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY_BEFORE", home.pseudonym_key)
    monkeypatch.setenv("REGISTER_DATA_KEYS", ring.to_text())
    settings = replace(
        home,
        pseudonym_key=KEY,
        former_pseudonym_key=home.pseudonym_key,
        environment="production",
        data_keys=ring,
    )
    assert list(rotate_files(settings, ENCRYPTED_KINDS))
    return settings


@pytest.mark.parametrize("command", ["case-lists", "review", "review page", "explain"])
def test_a_command_writes_its_entry_first(home: Settings, command: str) -> None:
    """Prevents a look at children in the terminal that nobody can find out about."""
    words, what = SHOWING[command]
    words = [*command.split(), *words]
    answer = CliRunner().invoke(commands, [*words, "--purpose", "audit"], input="stop\n")
    assert answer.exit_code == 0, answer.output
    last = list(read_record(home))[-1]
    assert (last["what"], last["why"], last["how"]) == (what, "audit", "terminal")
    assert last["who"] == current_actor().name
    assert last["keys"]
    text = (home.access_record / "record.jsonl").read_text(encoding="utf-8")
    assert SURNAME not in text
    assert CliRunner().invoke(commands, [*words, "--purpose", "curiosity"]).exit_code == 2
    (home.access_record / "record.jsonl").unlink()
    refused = CliRunner().invoke(commands, [*words, "--purpose", "audit"], input="stop\n")
    assert (refused.exit_code, SURNAME in refused.output) == (1, False)
    assert "Sample" not in refused.output


def test_production_asks_for_a_purpose(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents views in production of which nobody says why."""
    home = _enter_production(home, monkeypatch)
    words = ["case-lists", "--task", "away_now"]
    answer = CliRunner().invoke(commands, words)
    assert (answer.exit_code, SURNAME in answer.output) == (2, False)
    decide_grant(home, "grant", current_actor().name, "all", "identity", by="A", reason="B")
    assert CliRunner().invoke(commands, [*words, "--purpose", "safeguarding"]).exit_code == 0


def test_a_load_in_production_needs_no_option(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents production from refusing every scheduled load, and accepting in another's name."""
    _enter_production(home, monkeypatch)
    jobs: list[str] = []
    monkeypatch.setattr(
        "interfaces.command_line.commands.load.run_load", lambda _, job, **__: jobs.append(job)
    )
    answer = CliRunner().invoke(commands, ["load"])
    assert jobs == ["load_register"], answer.output
    words = ["load", "--accept-churn", "--by", "Somebody else", "--reason", "Correct"]
    assert "in production" in CliRunner().invoke(commands, words).output


def test_plain_copies_need_a_second_person(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents one person from taking the names of all children out of an encrypted home."""
    settings = _enter_production(home, monkeypatch)
    monkeypatch.chdir(settings.home)
    decide_grant(settings, "grant", current_actor().name, "all", "identity", by="A", reason="B")
    copies = settings.home.with_name("copies")
    words = ["keys", "decrypt", "decisions", "--out", str(copies), "--purpose", "audit"]
    refused = CliRunner().invoke(commands, words)
    assert (refused.exit_code, copies.exists()) == (1, False)
    assert "register access request unmask decisions" in " ".join(refused.output.split())
    request = request_approval(settings, "unmask", ["decisions"], "A move", current_actor())
    decide_request(settings, request, "approved", "", Actor("bea", "proxy"))
    assert CliRunner().invoke(commands, words).exit_code == 0
    assert (copies / "decisions" / "links.csv").exists()


def test_in_production_the_account_decides(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a decision under the name of somebody who does not run the command."""
    words = ["deliveries", "confirm", DELIVERY_ID, "--reason", "Correct"]
    settings = _enter_production(home, monkeypatch)
    refused = CliRunner().invoke(commands, [*words, "--by", "somebody else"])
    assert refused.exit_code == 2
    assert b"Correct" not in read_decision_file(settings, "deliveries.csv")
    assert CliRunner().invoke(commands, words).exit_code == 0
    assert f",{current_actor().name},".encode() in read_decision_file(settings, "deliveries.csv")
    assert verify_record(settings).faults == ()


def test_outside_production_any_name_may_decide(home: Settings) -> None:
    """Prevents a demonstration in which only one person can decide."""
    words = ["deliveries", "confirm", DELIVERY_ID, "--reason", "Correct", "--by", "A. Person"]
    assert CliRunner().invoke(commands, words).exit_code == 0
    text = (home.decisions / "deliveries.csv").read_text(encoding="utf-8")
    assert ",A. Person," in text
    # The record has the account all the same.
    assert list(read_record(home))[-1]["who"] == current_actor().name
