"""Pages of releases of statistics: all versions, one version, its public files, the next steps.

Only the people whom the settings name as signatories see them, because figures are secret until
they are published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from interfaces.web.authorisation import ForbiddenError, SignedIn, record_view
from interfaces.web.pages import NotFoundError, Visitor, get_settings, render_page
from interfaces.web.quality_views import SITE_POLICY, build_file_page, find_built_file
from interfaces.web.release_work import read_work
from interfaces.web.stale_forms import compute_fingerprint
from official_statistics.releases import (
    ReleaseError,
    Version,
    find_announcement,
    hash_public_files,
    is_unfinished,
    is_withdrawal_unfinished,
    key_note,
    latest_version,
    list_public_keys,
    list_versions,
    read_calendar,
    version_named,
    was_announced,
)
from register.approvals import ACTS, APPROVED, Approval, read_approvals
from register.settings import Settings

router = APIRouter()
PRODUCER, HEAD = "producer", "head_of_profession"
# Requests that the head of profession decides on the page, because deciding them is a step.
REQUEST_KINDS = ("withdraw_release", "move_release", "bring_forward_release")


@dataclass(frozen=True)
class Step:
    """A step that people take on a page: who takes it, with versions in which states, and how.

    `fields` are what the form asks for.
    """

    name: str
    title: str
    explanation: str
    role: str
    states: tuple[str, ...]
    fields: tuple[str, ...] = ()


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "check",
            "Check",
            "All rules for a release are checked, which takes minutes. Only a version without"
            " faults can be signed.",
            PRODUCER,
            ("draft", "checked"),
        ),
        Step(
            "note",
            "Explain changed figures",
            "If figures changed by more than a tolerance, the check asks why. Check again"
            " afterwards.",
            PRODUCER,
            ("draft",),
            ("file", "reason"),
        ),
        Step(
            "sign",
            "Sign",
            "You answer for these files as their producer. If any byte changes afterwards, your"
            " signature is void.",
            PRODUCER,
            ("checked",),
            ("passphrase",),
        ),
        Step(
            "approve",
            "Approve",
            "You approve these files for the announced time as head of profession. They cannot be"
            " published before it.",
            HEAD,
            ("signed",),
            ("passphrase",),
        ),
        Step(
            "pre-release",
            "Give early access",
            "Readers in this role may see the files up to a day early. Role and reason are"
            " published. Name no person.",
            PRODUCER,
            ("approved", "pre_release"),
            ("audience", "reason"),
        ),
        Step(
            "publish",
            "Publish",
            "Everybody can read the files from now on, and they never change. The schedule does"
            " this by itself at the announced time.",
            PRODUCER,
            ("approved", "pre_release"),
            ("late",),
        ),
        Step(
            "withdraw",
            "Ask to withdraw",
            "A head of profession has to approve the withdrawal. The reason is published on the"
            " page of the version.",
            PRODUCER,
            ("published", "superseded"),
            ("reason",),
        ),
        Step(
            "complete",
            "Complete the interrupted step",
            "A publication or withdrawal was interrupted. This does what is left of it.",
            PRODUCER,
            (),
        ),
    )
}


def require_signatory(request: Request, visitor: SignedIn) -> Visitor:
    """Return the visitor if the settings name them as a signatory of releases."""
    if visitor.name not in get_settings(request).signatories:
        raise ForbiddenError(
            "Releases are for the people whom REGISTER_STATISTICS_SIGNATORIES names."
        )
    return visitor


Signatory = Annotated[Visitor, Depends(require_signatory)]


@router.get("/releases")
def show_releases(request: Request, visitor: Signatory) -> Response:
    """Show all versions, the calendar, requests that wait, and the draft or check that runs."""
    settings = get_settings(request)
    return render_page(
        request,
        "releases.html",
        visitor,
        role=settings.signatories[visitor.name],
        has_key=bool(list_public_keys(settings, visitor.name)),
        key_note=key_note(settings),
        work=read_work(settings),
        acts=ACTS,
        requests=list_requests(settings),
        calendar=read_calendar(settings),
        latest=latest_version(settings),
        versions=list(reversed(list_versions(settings))),
    )


@router.get("/releases/draft")
def show_draft_form(request: Request, visitor: Signatory) -> Response:
    """Show the form that orders a draft."""
    settings = get_settings(request)
    require_role(settings, visitor, PRODUCER)
    return render_page(request, "release_draft.html", visitor, calendar=read_calendar(settings))


@router.get("/releases/announce")
def show_announcement_form(request: Request, visitor: Signatory) -> Response:
    """Show the form that announces a time, or moves it."""
    settings = get_settings(request)
    require_role(settings, visitor, PRODUCER)
    return render_page(request, "release_announce.html", visitor, calendar=read_calendar(settings))


@router.get("/releases/key")
def show_key_form(request: Request, visitor: Signatory) -> Response:
    """Show the form that makes the visitor's key."""
    keys = list_public_keys(get_settings(request), visitor.name)
    return render_page(request, "release_key.html", visitor, keys=keys)


@router.get("/releases/requests/{request_id}")
def show_request(request: Request, visitor: Signatory, request_id: str) -> Response:
    """Show a request about a release, with the form in which a head of profession decides it."""
    settings = get_settings(request)
    return render_page(
        request,
        "release_request.html",
        visitor,
        item=find_waiting_request(settings, request_id),
        acts=ACTS,
        may_decide=settings.signatories[visitor.name] == HEAD,
    )


@router.get("/releases/{year}/{version_number}")
def show_release(request: Request, visitor: Signatory, year: int, version_number: int) -> Response:
    """Show a version: its headlines, checks and events, and the steps that the visitor may take."""
    from official_statistics.checks import read_checks
    from official_statistics.export import read_headlines

    settings = get_settings(request)
    version = find_version(settings, year, version_number)
    record_view(request, visitor, "release", "", (version.name,))
    return render_page(
        request,
        "release.html",
        visitor,
        version=version,
        announcement=find_announcement(settings, version.year),
        public_hash=hash_public_files(version),
        headlines=read_headlines(version),
        results=read_checks(version),
        events=version.read_events(),
        steps=list_steps(settings, visitor, version),
    )


@router.get("/releases/{year}/{version_number}/files/{path:path}")
def show_release_file(
    request: Request, visitor: Signatory, year: int, version_number: int, path: str
) -> Response:
    """Show a public file of a version, which may not be published yet."""
    version = find_version(get_settings(request), year, version_number)
    file = find_built_file(version.public, path)
    record_view(request, visitor, "release", "", (version.name,))
    return build_file_page(file, SITE_POLICY)


@router.get("/releases/{year}/{version_number}/steps/{step}")
def show_step(
    request: Request, visitor: Signatory, year: int, version_number: int, step: str
) -> Response:
    """Show what a step would do, with the form that takes it."""
    settings = get_settings(request)
    version = find_version(settings, year, version_number)
    chosen = find_step(settings, visitor, version, step)
    return render_page(
        request,
        "release_step.html",
        visitor,
        version=version,
        step=chosen,
        seen=compute_version_fingerprint(version),
        public_hash=hash_public_files(version),
        announcement=find_announcement(settings, version.year),
        files=sorted(path.stem for path in version.data.glob("*[!a].csv")),
    )


def find_version(settings: Settings, year: int, number: int) -> Version:
    """Return a version. Raises `NotFoundError` if there is none."""
    try:
        return version_named(settings, f"{year}/v{number}")
    except ReleaseError:
        raise NotFoundError("There is no such release.") from None


def find_step(settings: Settings, visitor: Visitor, version: Version, name: str) -> Step:
    """Return a step that the visitor may take with a version now."""
    step = STEPS.get(name)
    if step is None:
        raise NotFoundError("There is no such step.")
    if not is_allowed(settings, step, version):
        state = version.state.replace("_", " ")
        raise ReleaseError(f"{version.name} is {state}: this step cannot follow")
    require_role(settings, visitor, step.role)
    return step


def require_role(settings: Settings, visitor: Visitor, role: str) -> None:
    """Raise `ForbiddenError` if a signatory has another role."""
    if settings.signatories.get(visitor.name) != role:
        raise ForbiddenError(f"A {role.replace('_', ' ')} does this.")


def is_allowed(settings: Settings, step: Step, version: Version) -> bool:
    """Return whether a version is in a state in which the step can be taken."""
    if step.name == "complete":
        return is_unfinished(settings, version) or is_withdrawal_unfinished(settings, version)
    return version.state in step.states


def list_steps(settings: Settings, visitor: Visitor, version: Version) -> list[tuple[Step, bool]]:
    """List the steps that can be taken with a version, and whether the visitor takes them."""
    role = settings.signatories.get(visitor.name)
    allowed = [step for step in STEPS.values() if is_allowed(settings, step, version)]
    return [(step, step.role == role) for step in allowed]


def compute_version_fingerprint(version: Version) -> str:
    """Return a fingerprint of a version's events and public files."""
    events = [event.line for event in version.read_events()]
    return compute_fingerprint(version.name, events, hash_public_files(version))


def list_requests(settings: Settings) -> list[Approval]:
    """List requests about releases that wait for a decision, or were approved and not done yet."""
    return [
        each
        for each in read_approvals(settings)
        if each.kind in REQUEST_KINDS and each.is_valid
        if each.is_open or (each.state == APPROVED and not _is_done(settings, each))
    ]


def find_waiting_request(settings: Settings, request_id: str) -> Approval:
    """Return a request of `list_requests`."""
    for each in list_requests(settings):
        if each.request_id == request_id:
            return each
    raise NotFoundError("There is no such request.")


def _is_done(settings: Settings, request: Approval) -> bool:
    """Return whether an approved act was done."""
    if request.kind == "withdraw_release":
        version = version_named(settings, read_subject(request)[0])
        return version.state == "withdrawn"
    year, moment = read_subject(request)
    moment_at = datetime.fromisoformat(moment)
    return was_announced(settings, int(year), moment_at)


def read_subject(request: Approval) -> tuple[str, str]:
    """Return the version and the hash of its files, or the year and the time, of a request."""
    first, second = sorted(request.subject, key=len)
    return first, second
