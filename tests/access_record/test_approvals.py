"""Two different people, both authenticated, stand behind an act that needs two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
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
from register.settings import Settings

ANN, BEN = Actor("ann", "proxy"), Actor("ben", "proxy")
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
