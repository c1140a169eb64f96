"""The page on which a second person approves an act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from interfaces.web import create_app, read_accounts
from interfaces.web.sessions import create_session
from register.access_record import Actor
from register.approvals import (
    ACTS,
    APPROVAL_KINDS,
    read_approvals,
    request_approval,
    require_approval,
)
from register.settings import Settings
from tests.web.browsing import Browser


def test_a_signed_in_person_approves_what_another_asked(
    home: Settings, ann: Browser, ben: Browser, open_as: Callable[..., Browser]
) -> None:
    """Prevents an approval of one's own request, and an approver who is not known."""
    subject = ["C" + "1" * 24]
    ann_here = Actor("ann", "password")
    request_id = request_approval(home, "erase", subject, "Asked for by the family", ann_here)
    own = ann.get("/approvals")
    assert "another person has to approve it" in own.words
    form = {**own.form("/sign-out"), "decision": "approved"}
    refused = ann.post(f"/approvals/{request_id}", form)
    assert (refused.status, "somebody else has to approve it" in refused.words) == (403, True)
    page = ben.get("/approvals")
    assert "Asked for by the family" in page.words
    assert ben.submit(page, f"/approvals/{request_id}", decision="perhaps").status == 403
    assert ben.submit(page, f"/approvals/{request_id}", decision="approved").status == 200
    approval = require_approval(home, "erase", subject)
    assert approval.decided_by == Actor("ben", "password")
    assert "approved" in ben.get("/approvals").words
    assert open_as("rita").get("/approvals").status == 403
    assert [each.state for each in read_approvals(home)] == ["approved"]


def test_a_signatory_without_a_grant_reaches_the_page(home: Settings) -> None:
    """Prevents a release that nobody can sign, because its signatories see no children."""
    signed = replace(home, signatories={"rita": "producer"})
    statuses = []
    for settings in (home, signed):
        app = create_app(settings)
        session = create_session("rita", read_accounts(settings)["rita"].epoch)
        cookies = {app.state.sessions.cookie: app.state.sessions.write(session)}
        statuses.append(Browser(app, cookies=cookies).get("/approvals").status)
    assert statuses == [403, 200]


def test_each_act_has_words_for_people(home: Settings, ben: Browser) -> None:
    """Prevents a request that shows a code, or nothing, to whoever has to decide."""
    assert set(ACTS) == set(APPROVAL_KINDS)
    for kind in ACTS:
        request_approval(home, kind, ["A"], "A reason", Actor("ann", "password"))
    assert all(words in ben.get("/approvals").words for words in ACTS.values())
