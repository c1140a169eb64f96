"""Two different people, both authenticated, stand behind an act that needs two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from register import approvals
from register.access_record import Actor, acting_as, read_record, verify_record
from register.approvals import (
    ApprovalError,
    decide_request,
    read_approvals,
    request_approval,
    require_approval,
)
from register.data_keys import KeyRing, make_key
from register.encrypted_kinds import ENCRYPTED_KINDS
from register.key_rotation import rotate_files
from register.settings import Settings, load_settings
from register.signatory_keys import (
    SignatoryKeyError,
    format_public_key,
    load_private_key,
    sign_act,
)

ANN, BEN = Actor("ann", "proxy"), Actor("ben", "proxy")
KEY = "an invented sentence of some 0123456789 letters"
CHILD = ["C" + "1" * 24]


def test_another_person_approves(settings: Settings) -> None:
    """Prevents an act of one person alone, and an approval that leaves no trace."""
    with pytest.raises(ApprovalError, match="register access request erase"):
        require_approval(settings, "erase", CHILD)
    request_id = request_approval(settings, "erase", CHILD, "Asked for by the family", ANN)
    assert request_approval(settings, "erase", CHILD, "Once more", ANN) == request_id
    with pytest.raises(ApprovalError, match=f"register access approve {request_id}"):
        require_approval(settings, "erase", CHILD)
    with pytest.raises(ApprovalError, match="somebody else has to approve"):
        decide_request(settings, request_id, "approved", who=Actor("ANN", "terminal"))
    with pytest.raises(ApprovalError, match="sign in"):
        decide_request(settings, request_id, "approved", who=Actor("", "none"))
    decide_request(settings, request_id, "approved", who=BEN)
    approval = require_approval(settings, "erase", CHILD)
    assert (approval.requested_by, approval.decided_by) == (ANN, BEN)
    assert approval.reason == "Asked for by the family"
    with pytest.raises(ApprovalError):
        require_approval(settings, "unmask", CHILD)
    with pytest.raises(ApprovalError):
        require_approval(settings, "erase", ["C" + "2" * 24])
    acts = [(each["what"], each["who"]) for each in read_record(settings, request_id)]
    assert acts == [("requested", "ann"), ("approved", "ben")]
    assert "family" not in (settings.access_record / "record.jsonl").read_text(encoding="utf-8")
    assert verify_record(settings).faults == ()


def test_a_refused_request_approves_nothing(settings: Settings) -> None:
    """Prevents a refusal that somebody overrides by approving once more."""
    request_id = request_approval(settings, "unmask", ["2026"], "A check", ANN)
    decide_request(settings, request_id, "refused", "Not needed", ANN)
    with pytest.raises(ApprovalError, match="is refused"):
        decide_request(settings, request_id, "approved", who=BEN)
    with pytest.raises(ApprovalError):
        require_approval(settings, "unmask", ["2026"])


def test_an_approval_expires(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents an approval of long ago from covering an act of today."""
    request_id = request_approval(settings, "erase", CHILD, "Asked for", ANN)
    decide_request(settings, request_id, "approved", who=BEN)
    later = datetime.now(UTC) + timedelta(days=approvals.VALID_DAYS, seconds=1)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return later

    monkeypatch.setattr(approvals, "datetime", Later)
    with pytest.raises(ApprovalError, match="needs a second person"):
        require_approval(settings, "erase", CHILD)


def test_a_row_written_by_hand_approves_nothing(settings: Settings) -> None:
    """Prevents an approval that its person knows nothing of, written with an editor."""
    request_id = request_approval(settings, "erase", CHILD, "Asked for", ANN)
    with (settings.decisions / "approvals.csv").open("a", encoding="utf-8") as file:
        file.write(f"2026-11-30T00:00:00Z,ben,approved,{request_id},erase,{CHILD[0]},yes\n")
    record = settings.access_record / "record.jsonl"
    lines = record.read_text(encoding="utf-8").splitlines()
    forged = lines[-2].replace('"requested"', '"approved"').replace('"ann"', '"ben"')
    assert "approved" in forged
    record.write_text("\n".join([*lines, forged]) + "\n", encoding="utf-8")
    with pytest.raises(ApprovalError, match="waits for a second person"):
        require_approval(settings, "erase", CHILD)


def test_commands_ask_and_approve(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a rule that only the web application knows."""
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    say = CliRunner()
    asked = say.invoke(commands, ["access", "request", "erase", *CHILD, "--reason", "Asked for"])
    assert asked.exit_code == 0, asked.output
    (request,) = read_approvals(settings)
    assert request.request_id in asked.output
    own = say.invoke(commands, ["access", "approve", request.request_id])
    assert (own.exit_code, "somebody else has to approve" in " ".join(own.output.split())) == (
        3,
        True,
    )
    with acting_as(Actor("another-account", "terminal")):
        assert say.invoke(commands, ["access", "approve", request.request_id]).exit_code == 0
    listed = say.invoke(commands, ["access", "approvals"]).output
    assert "another-account" in listed
    assert say.invoke(commands, ["access", "approve", "A0"]).exit_code == 3


def _write_key(path: Path, password: bytes | None = None) -> str:
    """Write a new private key as OpenSSL does, and return its public key."""
    key = Ed25519PrivateKey.generate()
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, encryption))
    return format_public_key(key.public_key())


def test_a_signatory_signs_with_a_personal_key(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an operator from signing for a signatory, and a signature for other files."""
    public_key, other = _write_key(tmp_path / "key"), _write_key(tmp_path / "other")
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "production")
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    ring = KeyRing((make_key(),))
    monkeypatch.setenv("REGISTER_DATA_KEYS", ring.to_text())
    assert list(rotate_files(replace(settings, data_keys=ring), ENCRYPTED_KINDS))
    monkeypatch.setenv("REGISTER_STATISTICS_SIGNATORIES", "areed=producer")
    monkeypatch.setenv("REGISTER_SIGNATORY_KEYS", f"areed={public_key}")
    home = load_settings()
    subject = ["2026/v1", "f" * 64]
    request_id = request_approval(home, "sign_release", subject, "sign release")
    words = ["access", "approve", request_id]
    say = CliRunner()
    assert say.invoke(commands, words).exit_code == 3
    refused = say.invoke(commands, [*words, "--key", str(tmp_path / "other")], input="\n")
    assert (refused.exit_code, "belongs to no signatory" in refused.output) == (3, True)
    signed = say.invoke(commands, [*words, "--key", str(tmp_path / "key")], input="\n")
    assert signed.exit_code == 0, signed.output
    assert require_approval(home, "sign_release", subject).decided_by == Actor("areed", "key")
    # The operator, who has the register's key, cannot write an entry that passes for a signature.
    forged = request_approval(home, "sign_release", ["2026/v2", "f" * 64], "sign release")
    decide_request(home, forged, "approved", "c2lnbmF0dXJl", Actor("areed", "key"))
    with pytest.raises(ApprovalError):
        require_approval(home, "sign_release", ["2026/v2", "f" * 64])
    # Neither does the signature stand once the settings name another key.
    with pytest.raises(ApprovalError):
        require_approval(replace(home, signatory_keys={"areed": other}), "sign_release", subject)


def test_a_signature_that_looks_like_a_formula_is_valid(settings: Settings) -> None:
    """Prevents one signature in sixty-four from being void because it begins with a plus."""
    named = replace(settings, signatories={"areed": "producer"})
    subject = ["2026/v1", "f" * 64]
    request_id = request_approval(named, "sign_release", subject, "sign release")
    act = approvals.find_request(named, request_id).act
    key = Ed25519PrivateKey.generate()
    while not sign_act(key, act).startswith("+"):
        key = Ed25519PrivateKey.generate()
    home = replace(named, signatory_keys={"areed": format_public_key(key.public_key())})
    approvals.sign_request(home, request_id, key)
    assert require_approval(home, "sign_release", subject).decided_by == Actor("areed", "key")


def test_a_key_with_a_password_is_read(tmp_path: Path) -> None:
    """Prevents signatories from having to keep their keys unprotected."""
    _write_key(tmp_path / "key", b"an invented password")
    assert load_private_key(tmp_path / "key", "an invented password")
    with pytest.raises(SignatoryKeyError, match="cannot be read"):
        load_private_key(tmp_path / "key", "")
    with pytest.raises(SignatoryKeyError, match="cannot be read"):
        load_private_key(tmp_path / "no such file", "")
