"""Forms of releases: each takes one step, as the person who is signed in.

The rules of the steps belong in `official_statistics.releases`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from interfaces.web.authorisation import ForbiddenError, Form, build_actor, read_field
from interfaces.web.pages import LONDON, Visitor, get_settings
from interfaces.web.release_views import (
    HEAD,
    PRODUCER,
    Signatory,
    compute_version_fingerprint,
    find_step,
    find_version,
    find_waiting_request,
    read_subject,
    require_role,
)
from interfaces.web.release_work import ReleaseWork, start_work, stop_work
from interfaces.web.stale_forms import refuse_stale
from official_statistics.releases import (
    Change,
    HeadNeededError,
    Person,
    ReleaseError,
    Version,
    announce,
    approve,
    give_pre_release,
    name_withdrawal,
    publish,
    read_practice,
    sign_version,
    version_named,
)
from register.approvals import Approval, decide_request, request_approval
from register.own_keys import make_own_key, unlock_own_key
from register.settings import Settings
from register.signatory_keys import SignatoryKeyError

router = APIRouter()
MAX_WORDS = 500
# A function that reports a version's new state, for example to Dagster.
Report = Callable[[Settings, Version], None]


@router.post("/releases/key")
def make_key(request: Request, visitor: Signatory, form: Form) -> Response:
    """Make the visitor's key, locked with the passphrase that they chose."""
    passphrase = str(form.get("passphrase") or "")
    if passphrase != str(form.get("repeated") or ""):
        raise SignatoryKeyError("the two passphrases differ: nothing was changed")
    make_own_key(
        get_settings(request), passphrase, build_actor(get_settings(request), visitor.name)
    )
    return RedirectResponse("/releases", 303)


@router.post("/releases/draft")
def order_draft(request: Request, visitor: Signatory, form: Form) -> Response:
    """Start a draft in a process of its own."""
    settings = get_settings(request)
    require_role(settings, visitor, PRODUCER)
    year, kind = read_field(form, "year"), read_field(form, "kind")
    if not year.isdigit() or kind not in ("yearly", "scheduled", "correction"):
        raise ReleaseError("choose a year, and the kind of version")
    order = ReleaseWork(
        "draft",
        str(int(year)),
        kind=kind,
        reason=_read_words(form, "reason"),
        provisional_reason=_read_words(form, "provisional"),
    )
    start_work(settings, order)
    return RedirectResponse("/releases", 303)


@router.post("/releases/stop")
def stop(request: Request, visitor: Signatory, form: Form) -> Response:
    """Stop the draft or check that runs."""
    settings = get_settings(request)
    require_role(settings, visitor, PRODUCER)
    stop_work(settings)
    return RedirectResponse("/releases", 303)


@router.post("/releases/announce")
def announce_time(request: Request, visitor: Signatory, form: Form) -> Response:
    """Announce a time; if it needs the head of profession, ask for their approval."""
    settings = get_settings(request)
    require_role(settings, visitor, PRODUCER)
    try:
        year, moment = int(read_field(form, "year")), datetime.fromisoformat(read_field(form, "at"))
    except ValueError:
        raise ReleaseError("give a year, and a time such as 2026-11-26T09:30") from None
    reason = _read_words(form, "reason")
    try:
        announce(settings, year, moment, read_practice(), Change(reason))
    except HeadNeededError:
        if not reason:
            raise ReleaseError(
                "a time at short notice or at a weekend needs a reason, and a head of profession"
            ) from None
        _request_time(settings, visitor, year, moment, reason)
    return RedirectResponse("/releases", 303)


def _request_time(
    settings: Settings, visitor: Visitor, year: int, moment: datetime, reason: str
) -> None:
    local = moment.replace(tzinfo=moment.tzinfo or LONDON).astimezone(LONDON)
    subject = (str(year), local.isoformat(timespec="minutes"))
    actor = build_actor(settings, visitor.name)
    request_approval(settings, "move_release", subject, reason, actor)


@router.post("/releases/requests/{request_id}")
def decide(request: Request, visitor: Signatory, form: Form, request_id: str) -> Response:
    """Refuse a request as head of profession, or approve it with one's key and do it."""
    settings = get_settings(request)
    item = find_waiting_request(settings, request_id)
    require_role(settings, visitor, HEAD)
    actor = build_actor(settings, visitor.name)
    if read_field(form, "decision") == "refused":
        decide_request(settings, request_id, "refused", _read_words(form, "reason"), actor)
        return RedirectResponse("/releases", 303)
    if read_field(form, "decision") != "approved":
        raise ForbiddenError("Choose to approve or to refuse.")
    key = _unlock(settings, visitor, form)
    if item.is_open:
        decide_request(settings, request_id, "approved", who=actor)
    version = _carry_out(settings, item, Person(visitor.name, HEAD, key=key))
    if version is not None:
        _report_state(request, version)
    return RedirectResponse("/releases", 303)


def _carry_out(settings: Settings, item: Approval, head: Person) -> Version | None:
    """Do what a head of profession approved; return the version whose state changed."""
    first, second = read_subject(item)
    if item.kind != "withdraw_release":
        change = Change(item.reason, head.who, head.key)
        announce(settings, int(first), datetime.fromisoformat(second), read_practice(), change)
        return None
    from official_statistics.production import withdraw_release

    version = version_named(settings, first)
    person = Person(item.requested_by.name, PRODUCER, item.reason)
    withdraw_release(settings, version, person, head, read_practice())
    return version


@router.post("/releases/{year}/{version_number}/steps/{step}")
def take_step(  # noqa: PLR0913, PLR0917 - the parameters of the route
    request: Request, visitor: Signatory, form: Form, year: int, version_number: int, step: str
) -> Response:
    """Take a step with a version, if nothing changed since its page was opened."""
    settings = get_settings(request)
    version = find_version(settings, year, version_number)
    find_step(settings, visitor, version, step)
    refuse_stale(read_field(form, "seen"), compute_version_fingerprint(version), version.name)
    state = version.state
    ACTIONS[step](settings, visitor, version, form)
    if version.state != state:
        _report_state(request, version)
    if step == "check":
        return RedirectResponse("/releases", 303)
    return RedirectResponse(f"/releases/{year}/{version_number}", 303)


def _report_state(request: Request, version: Version) -> None:
    report: Report | None = request.app.state.report_release
    if report is not None:
        report(get_settings(request), version)


def _check(settings: Settings, visitor: Visitor, version: Version, form: FormData) -> None:
    start_work(settings, ReleaseWork("check", version.name))


def _explain_change(settings: Settings, visitor: Visitor, version: Version, form: FormData) -> None:
    from official_statistics.checks import add_note

    try:
        add_note(version, read_field(form, "file"), _read_words(form, "reason"))
    except ValueError as error:
        raise ReleaseError(str(error)) from None


def _sign(settings: Settings, visitor: Visitor, version: Version, form: FormData) -> None:
    person = Person(visitor.name, PRODUCER, key=_unlock(settings, visitor, form))
    sign_version(settings, version, person, read_practice())


def _approve(settings: Settings, visitor: Visitor, version: Version, form: FormData) -> None:
    person = Person(visitor.name, HEAD, key=_unlock(settings, visitor, form))
    approve(settings, version, person, read_practice())


def _give_early_access(
    settings: Settings, visitor: Visitor, version: Version, form: FormData
) -> None:
    roles = [each for each in [_read_words(form, "audience")] if each]
    person = Person(visitor.name, PRODUCER, _read_words(form, "reason"))
    give_pre_release(settings, version, roles, person, read_practice())


def _publish(settings: Settings, visitor: Visitor, version: Version, form: FormData) -> None:
    person = Person(visitor.name, PRODUCER)
    publish(settings, version, person, read_practice(), _read_words(form, "late"))


def _ask_to_withdraw(
    settings: Settings, visitor: Visitor, version: Version, form: FormData
) -> None:
    reason = _read_words(form, "reason")
    if not reason:
        raise ReleaseError("a withdrawal needs a reason")
    actor = build_actor(settings, visitor.name)
    request_approval(settings, "withdraw_release", name_withdrawal(version), reason, actor)


def _complete(settings: Settings, visitor: Visitor, version: Version, form: FormData) -> None:
    from official_statistics.production import withdraw_release

    person = Person(visitor.name, PRODUCER)
    if version.state == "withdrawn":
        withdraw_release(settings, version, person, Person("", HEAD), read_practice())
    else:
        publish(settings, version, person, read_practice())


ACTIONS: dict[str, Callable[[Settings, Visitor, Version, FormData], None]] = {
    "check": _check,
    "note": _explain_change,
    "sign": _sign,
    "approve": _approve,
    "pre-release": _give_early_access,
    "publish": _publish,
    "withdraw": _ask_to_withdraw,
    "complete": _complete,
}


def _unlock(settings: Settings, visitor: Visitor, form: FormData) -> Ed25519PrivateKey:
    return unlock_own_key(settings, visitor.name, str(form.get("passphrase") or ""))


def _read_words(form: FormData, name: str) -> str:
    return " ".join(read_field(form, name)[:MAX_WORDS].split())
