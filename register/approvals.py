"""The two-person rule: acts that one person asks for and another person approves.

A request and its approval are rows of `decisions/approvals.csv`, each with an entry of the access
record. The rows have the reasons. The sealed entries say who asked and who approved, so a row that
somebody wrote by hand approves nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from register.access_record import (
    Actor,
    Entry,
    current_actor,
    read_sealed_entries,
    record_access,
)
from register.decision_files import append_decisions, hold_decisions, read_decision_rows
from register.settings import Settings
from register.signatory_keys import find_key_holder, is_signed, sign_act

APPROVALS = "approvals.csv"
# Acts that need two people.
ApprovalKind = Literal[
    "erase",
    "unmask",
    "undo_merge",
    "sign_release",
    "approve_release",
    "withdraw_release",
    "move_release",
    "bring_forward_release",
]
APPROVAL_KINDS: tuple[str, ...] = get_args(ApprovalKind)
# What people read for each.
ACTS: dict[ApprovalKind, str] = {
    "erase": "Erase a child",
    "unmask": "Write plain copies of encrypted files",
    "undo_merge": "Split a child, or take back a link",
    "sign_release": "Sign a release as its producer",
    "approve_release": "Approve a release as the head of profession",
    "withdraw_release": "Withdraw a release",
    "move_release": "Announce a release at short notice",
    "bring_forward_release": "Bring an approved release forward",
}
# Approvals that are signatures: only a signatory with this role gives them. A signatory may also be
# the person who asked, because signing and approving are two acts of two people.
SIGNATURE_ROLES = {
    "sign_release": "producer",
    "approve_release": "head_of_profession",
    "withdraw_release": "head_of_profession",
    "move_release": "head_of_profession",
    "bring_forward_release": "head_of_profession",
}
# Signatures that nobody gives to their own request.
SECOND_PERSON_SIGNS = {"bring_forward_release"}
# A request, and the approval of it, expire after this time.
VALID_DAYS = 7
ID_BYTES = 5
REQUESTED, APPROVED, REFUSED = "requested", "approved", "refused"


class ApprovalError(RuntimeError):
    """An act may not be done, or a request cannot be decided; the message says what to do."""


@dataclass(frozen=True)
class Approval:
    """A request for an act, and who approved or refused it, if anybody did.

    `subject` are the keys that the act is about. `state` is requested, approved or refused.
    """

    request_id: str
    kind: str
    subject: tuple[str, ...]
    reason: str
    requested_by: Actor
    requested_at: str
    state: str
    decided_by: Actor | None = None

    @property
    def act(self) -> tuple[str, ...]:
        """What a personal key signs: the request, the kind and the subject."""
        return self.request_id, self.kind, *self.subject

    @property
    def expires_at(self) -> datetime:
        """The moment after which neither the request nor its approval is valid."""
        return datetime.fromisoformat(self.requested_at) + timedelta(days=VALID_DAYS)

    @property
    def is_valid(self) -> bool:
        """Whether the request, or its approval, has not expired."""
        return datetime.now(UTC) < self.expires_at

    @property
    def is_open(self) -> bool:
        """Whether the request still waits for somebody."""
        return self.state == REQUESTED and self.is_valid


def request_approval(
    settings: Settings,
    kind: ApprovalKind,
    subject: Sequence[str],
    reason: str,
    who: Actor | None = None,
) -> str:
    """Ask for another person's approval of an act, and return the request's id.

    An open request for the same act is returned again. Raises `ApprovalError` without a reason.
    """
    actor, reason = who or current_actor(), " ".join(reason.split())
    if kind not in APPROVAL_KINDS or not subject or not reason:
        raise ApprovalError(f"a request needs a kind ({', '.join(APPROVAL_KINDS)}), keys, a reason")
    with hold_decisions(settings):
        for request in read_approvals(settings):
            if request.is_open and _is_same_act(request, kind, subject):
                return request.request_id
        request_id = f"A{secrets.token_hex(ID_BYTES)}"
        row = [_format_now(), actor.name, REQUESTED, request_id, kind, " ".join(subject), reason]
        keys = (request_id, kind, *subject)
        record_access(settings, Entry("approval", REQUESTED, keys=keys, actor=actor))
        append_decisions(settings, APPROVALS, [row], ApprovalError)
    return request_id


def decide_request(
    settings: Settings,
    request_id: str,
    decision: Literal["approved", "refused"],
    reason: str = "",
    who: Actor | None = None,
) -> Approval:
    """Approve or refuse a request as another person than the one who asked.

    Raises `ApprovalError` if there is no such open request, or if the same person asked.
    """
    actor = who or current_actor()
    with hold_decisions(settings):
        request = find_request(settings, request_id)
        if not request.is_open:
            state = request.state if request.is_valid else "expired"
            raise ApprovalError(f"request {request_id} is {state}: ask anew")
        if actor.how == "none" or not actor.name:
            raise ApprovalError("sign in first")
        if decision == APPROVED:
            _check_approver(settings, request, actor)
        subject = " ".join(request.subject)
        row = [
            *(_format_now(), actor.name, decision, request_id, request.kind, subject),
            " ".join(reason.split()) or decision,
        ]
        keys = (request_id, request.kind, *request.subject)
        record_access(settings, Entry("approval", decision, keys=keys, actor=actor))
        append_decisions(settings, APPROVALS, [row], ApprovalError)
    return find_request(settings, request_id)


def sign_request(settings: Settings, request_id: str, key: Ed25519PrivateKey) -> Approval:
    """Approve a request with a personal key, as the signatory to whom the key belongs.

    Raises `SignatoryKeyError` if it belongs to none, and otherwise as `decide_request`.
    """
    holder = find_key_holder(settings.signatory_keys, key)
    signature = sign_act(key, find_request(settings, request_id).act)
    return decide_request(settings, request_id, "approved", signature, Actor(holder, "key"))


def find_approved(settings: Settings, kind: ApprovalKind, subject: Sequence[str]) -> list[Approval]:
    """Return the valid approvals of an act, the oldest first."""
    return [
        each
        for each in read_approvals(settings)
        if _is_same_act(each, kind, subject) and each.state == APPROVED and each.is_valid
        if _is_signed_by_key(settings, each)
    ]


def require_approval(settings: Settings, kind: ApprovalKind, subject: Sequence[str]) -> Approval:
    """Return the approval of an act. Raises `ApprovalError`, which says who may approve and how."""
    approved = find_approved(settings, kind, subject)
    if approved:
        return approved[-1]
    requests = [each for each in read_approvals(settings) if _is_same_act(each, kind, subject)]
    waiting = [each for each in requests if each.is_open]
    if waiting:
        request = waiting[-1]
        raise ApprovalError(
            f"this waits for a second person: request {request.request_id} of"
            f" {request.requested_by.name}. Somebody else has to approve it, {_say_how(request)}"
        )
    raise ApprovalError(
        "this needs a second person. Ask with `register access request"
        f' {kind} {" ".join(subject)} --reason "…"`; somebody else then approves it'
    )


def find_request(settings: Settings, request_id: str) -> Approval:
    """Return the request of this id. Raises `ApprovalError` if there is none."""
    for request in read_approvals(settings):
        if request.request_id == request_id:
            return request
    raise ApprovalError(f"there is no request {request_id}: see `register access approvals`")


def read_approvals(settings: Settings) -> list[Approval]:
    """Return all requests that the access record has, the oldest first, with their state now."""
    reasons = _read_reasons(settings)
    requests: dict[str, Approval] = {}
    for entry in read_sealed_entries(settings, "approval"):
        request_id, kind, *subject = entry["keys"]
        actor = Actor(entry["who"], entry["how"])
        known = requests.get(request_id)
        if entry["what"] == REQUESTED:
            reason = reasons.get(request_id, "")
            requests[request_id] = Approval(
                request_id, kind, tuple(subject), reason, actor, entry["at"], REQUESTED
            )
        elif known is not None and known.state == REQUESTED:
            facts = (known.reason, known.requested_by, known.requested_at)
            requests[request_id] = Approval(
                request_id, kind, known.subject, *facts, entry["what"], actor
            )
    return list(requests.values())


def _is_signed_by_key(settings: Settings, request: Approval) -> bool:
    """Return whether the signature is right, if the approval was given with a personal key."""
    if request.decided_by is None or request.decided_by.how != "key":
        return True
    public_key = settings.signatory_keys.get(request.decided_by.name, "")
    # Decision files put an apostrophe before a text that a spreadsheet would take for a formula.
    signature = _read_reasons(settings, APPROVED).get(request.request_id, "").removeprefix("'")
    return is_signed(public_key, request.act, signature)


def _read_reasons(settings: Settings, decision: str = REQUESTED) -> dict[str, str]:
    """Return the reasons of rows with this decision; that of a personal key is a signature."""
    rows = read_decision_rows(settings, APPROVALS)
    return {row["request_id"]: row["reason"] for row in rows if row["decision"] == decision}


def _check_approver(settings: Settings, request: Approval, actor: Actor) -> None:
    """Raise `ApprovalError` if this person may not approve the request."""
    role = SIGNATURE_ROLES.get(request.kind)
    needs_another = role is None or request.kind in SECOND_PERSON_SIGNS
    if needs_another and _is_same_person(actor, request.requested_by):
        raise ApprovalError(
            f"{actor.name} asked for this: somebody else has to approve it, {_say_how(request)}"
        )
    if role is None:
        return
    if settings.signatories.get(actor.name) != role:
        names = [name for name, each in settings.signatories.items() if each == role]
        raise ApprovalError(
            f"a {role.replace('_', ' ')} has to sign this:"
            f" {' or '.join(names) or 'set REGISTER_STATISTICS_SIGNATORIES'}"
        )
    if settings.environment == "production" and actor.how == "terminal":
        raise ApprovalError(
            f"{actor.name} signs this on the page Approvals of `register web`, or with --key"
        )


def _is_same_act(request: Approval, kind: str, subject: Sequence[str]) -> bool:
    return request.kind == kind and sorted(request.subject) == sorted(subject)


def _is_same_person(one: Actor, other: Actor) -> bool:
    return one.name.casefold() == other.name.casefold()


def _say_how(request: Approval) -> str:
    day = request.expires_at.date()
    return (
        f"by {day:%-d %B %Y}: on the page Approvals of `register web`, or under their own account"
        f" with `register access approve {request.request_id}`"
    )


def _format_now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
