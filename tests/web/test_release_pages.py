"""Two people take a release from draft to withdrawal on pages, and nobody else takes a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from interfaces.web import create_app, read_accounts
from interfaces.web.release_views import STEPS as WEB_STEPS
from interfaces.web.sessions import create_session
from official_statistics.releases import (
    Version,
    announce,
    find_announcement,
    latest_version,
    list_signers,
    verify_all,
    verify_signatures,
)
from register.access_record import Actor, read_record
from register.approvals import read_approvals
from register.own_keys import make_own_key
from register.settings import Settings
from tests.statistics.versions import RELEASE_AT, STEPS, WAYS, at, new_version, version_in_state
from tests.web.browsing import Answer, Browser

PASSPHRASE = "three invented words"
PLACE = "/releases/2026/1"
ROLES = {"ann": "producer", "ben": "head_of_profession"}


@pytest.fixture
def announced(home: Settings) -> Settings:
    """The home, with the release of 2026 announced."""
    announce(home, 2026, RELEASE_AT, at(-60))
    return home


@pytest.fixture
def keyed(announced: Settings) -> Settings:
    """The home, with a key of each signatory."""
    for name in ROLES:
        make_own_key(announced, PASSPHRASE, Actor(name, "password"))
    return announced


@pytest.fixture
def set_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the time of steps on pages, in days after the announced time."""

    def set_practice(days: float) -> None:
        monkeypatch.setattr("interfaces.web.release_forms.read_practice", lambda: at(days))

    set_practice(-6)
    return set_practice


def _take(browser: Browser, step: str, **filled: str) -> Answer:
    path = f"{PLACE}/steps/{step}"
    return browser.submit(browser.get(path), path, **filled)


def _force(browser: Browser, step: str) -> Answer:
    """Send the form of a step that the page does not offer."""
    form = {**browser.get("/releases").form("/sign-out"), "passphrase": PASSPHRASE, "reason": "x"}
    return browser.post(f"{PLACE}/steps/{step}", {**form, "audience": "A role", "seen": "x"})


def test_two_people_take_a_release_through_every_step(
    keyed: Settings, ann: Browser, ben: Browser, set_day: Callable[[float], None]
) -> None:
    """Prevents a step that only the terminal can take, and one that nobody can verify."""
    version = new_version(keyed)
    headline = '<li><span class="topic">Number</span> 20 children\n<a href="x">x</a></li>'
    (version.public / "index.html").write_text(f"<main>{headline}</main>", encoding="utf-8")
    STEPS["draft"](keyed, version)
    STEPS["checked"](keyed, version)
    assert "a head of profession does this" not in ann.get(PLACE).words
    assert "Number: 20 children" in ann.get(PLACE).words
    assert _take(ann, "sign", passphrase=PASSPHRASE).status == 200
    assert version.state == "signed"
    assert "Approve: a head of profession does this" in ann.get(PLACE).words
    assert _take(ben, "approve", passphrase=PASSPHRASE).status == 200
    set_day(-0.5)
    early = _take(ann, "pre-release", audience="Minister's office", reason="Briefing")
    assert (early.status, version.state) == (200, "pre_release")
    set_day(0)
    assert _take(ann, "publish").status == 200
    assert latest_version(keyed) == version
    events = version.read_events()[-4:]
    assert [(each.state, each.who) for each in events] == [
        *(("signed", "ann"), ("approved", "ben"), ("pre_release", "ann"), ("published", "ann")),
    ]
    assert (verify_all(keyed), verify_signatures(keyed, list_signers(keyed))) == ([], [])
    assert _take(ann, "withdraw", reason="A wrong table").status == 200
    (request,) = [each for each in read_approvals(keyed) if each.is_open]
    place = f"/releases/requests/{request.request_id}"
    assert "A head of profession decides this" in ann.get(place).words
    page = ben.get(place)
    assert "A wrong table" in page.words
    assert ben.submit(page, place, decision="perhaps").status == 403
    assert ben.submit(page, place, decision="approved", passphrase=PASSPHRASE).status == 200
    assert (version.state, latest_version(keyed)) == ("withdrawn", None)
    assert "A wrong table" in (version.public / "index.html").read_text(encoding="utf-8")
    assert (verify_all(keyed), verify_signatures(keyed, list_signers(keyed))) == ([], [])
    acts = [each["what"] for each in read_record(keyed) if each["kind"] == "release"]
    assert {"approved", "pre_release", "published", "withdrawn"} <= set(acts)


def test_production_records_each_signature_as_an_approval(
    keyed: Settings, set_day: Callable[[float], None]
) -> None:
    """Prevents a signature on a page that the access record does not have."""
    home = replace(keyed, environment="production")
    version = version_in_state(keyed, "checked")
    app = create_app(replace(keyed, environment="test"))
    app.state.settings = home
    for name, step in (("ann", "sign"), ("ben", "approve")):
        session = create_session(name, read_accounts(keyed)[name].epoch)
        browser = Browser(
            app, cookies={app.state.sessions.cookie: app.state.sessions.write(session)}
        )
        assert _take(browser, step, passphrase=PASSPHRASE).status == 200
    assert version.state == "approved"
    decided = [(each.kind, each.decided_by) for each in read_approvals(home) if each.decided_by]
    assert decided == [
        ("sign_release", Actor("ann", "password")),
        ("approve_release", Actor("ben", "password")),
    ]


@pytest.mark.parametrize("state", WAYS)
def test_a_step_that_does_not_follow_is_refused_on_pages(
    keyed: Settings, ann: Browser, ben: Browser, set_day: Callable[[float], None], state: str
) -> None:
    """Prevents a release without a signature, one person in two roles, and a step twice."""
    # Pat Reed and Ann Hill take it there: names count where the settings list no signatories.
    version = version_in_state(replace(keyed, signatories={}), state)
    for name, browser in (("ann", ann), ("ben", ben)):
        for step in WEB_STEPS.values():
            is_allowed = version.state in step.states
            if is_allowed and step.role == ROLES[name]:
                assert browser.get(f"{PLACE}/steps/{step.name}").status == 200
                continue
            expected = 403 if is_allowed else 409
            expected = 404 if state == "none" and not version.folder.exists() else expected
            assert browser.get(f"{PLACE}/steps/{step.name}").status == expected, step.name
            assert _force(browser, step.name).status == expected, (name, step.name)
    assert version.state == state
    assert browser.get(f"{PLACE}/steps/sing").status == 404


@pytest.mark.parametrize("name", ["rita", "nobody"])
def test_nobody_but_signatories_sees_or_takes_a_step(
    keyed: Settings, open_as: Callable[..., Browser], nobody: Browser, name: str
) -> None:
    """Prevents figures under embargo, and their release, from reaching a reader."""
    version = version_in_state(keyed, "checked")
    browser = nobody if name == "nobody" else open_as(name)
    for path in ("/releases", PLACE, f"{PLACE}/files/index.html", f"{PLACE}/steps/sign"):
        answer = browser.once("GET", path, b"", {})
        assert answer.status == (303 if name == "nobody" else 403), path
    home_page = browser.get("/")
    assert "Releases" not in home_page.words
    form = {**home_page.form("/sign-out" if name == "rita" else "/sign-in"), "seen": "x"}
    answer = browser.post(f"{PLACE}/steps/sign", {**form, "passphrase": PASSPHRASE})
    assert (answer.status == 403) is (name == "rita")
    assert version.state == "checked"


def test_a_wrong_passphrase_or_an_old_page_signs_nothing(
    keyed: Settings, ann: Browser, set_day: Callable[[float], None]
) -> None:
    """Prevents a signature by whoever sits at the desk, or of files that nobody has seen."""
    version = version_in_state(keyed, "checked")
    wrong = _take(ann, "sign", passphrase="three other words")
    assert (wrong.status, "passphrase is wrong" in wrong.words) == (403, True)
    assert any(each["kind"] == "refusal" and each["who"] == "ann" for each in read_record(keyed))
    path = f"{PLACE}/steps/sign"
    page = ann.get(path)
    (version.data / "table.csv").write_text("a,b\n1,3\n", encoding="utf-8")
    assert ann.submit(page, path, passphrase=PASSPHRASE).status == 409
    assert "changed since they were checked" in _take(ann, "sign", passphrase=PASSPHRASE).words
    assert version.state == "checked"


def test_a_key_is_made_on_the_page(announced: Settings, ann: Browser) -> None:
    """Prevents a passphrase that was mistyped, and a signature without a key."""
    version_in_state(announced, "checked")
    assert "no signing key yet" in ann.get("/releases").words
    assert "ann has no key yet" in _take(ann, "sign", passphrase=PASSPHRASE).words
    page, path = ann.get("/releases/key"), "/releases/key"
    assert ann.submit(page, path, passphrase=PASSPHRASE, repeated="another").status == 403
    assert ann.submit(page, path, passphrase="short", repeated="short").status == 403
    ann.submit(page, path, passphrase=PASSPHRASE, repeated=PASSPHRASE)
    assert "no signing key yet" not in ann.get("/releases").words
    assert [each.name for each in list_signers(announced)] == ["ann", "register"]


def test_an_earlier_time_is_asked_for_by_one_and_approved_by_the_other(
    keyed: Settings, ann: Browser, ben: Browser, set_day: Callable[[float], None]
) -> None:
    """Prevents one person from bringing forward what two have approved."""
    version = version_in_state(keyed, "checked")
    _take(ann, "sign", passphrase=PASSPHRASE)
    _take(ben, "approve", passphrase=PASSPHRASE)
    earlier = RELEASE_AT - timedelta(days=1)
    form = {"year": "2026", "at": f"{earlier:%Y-%m-%dT%H:%M}"}
    page, path = ann.get("/releases/announce"), "/releases/announce"
    assert ben.get(path).status == 403
    assert "without a second person: give a reason" in ann.submit(page, path, **form).words
    asked = ann.submit(page, path, **form, reason="It is ready")
    assert (asked.status, "approves request" in asked.words) == (409, True)
    (request,) = [each for each in read_approvals(keyed) if each.is_open]
    place = f"/releases/requests/{request.request_id}"
    assert ann.post(place, ann.get("/releases").form("/sign-out")).status == 403
    ben.submit(ben.get(place), place, decision="approved", passphrase=PASSPHRASE)
    line = find_announcement(keyed, 2026)
    assert line is not None
    assert line.release_time == earlier
    assert version.approved_for == earlier.isoformat()
    assert ben.get(place).status == 404
    assert verify_signatures(keyed, list_signers(keyed)) == []


def test_a_short_notice_waits_for_the_head_of_profession(
    keyed: Settings, ann: Browser, ben: Browser, set_day: Callable[[float], None]
) -> None:
    """Prevents a date that one person moves for convenience."""
    later = RELEASE_AT + timedelta(days=1)
    form = {"year": "2026", "at": f"{later:%Y-%m-%dT%H:%M}"}
    page, path = ann.get("/releases/announce"), "/releases/announce"
    assert ann.submit(page, path, **form).status == 409
    assert ann.submit(page, path, **form, reason="The office is closed").status == 200
    line = find_announcement(keyed, 2026)
    assert line is not None
    assert line.release_time == RELEASE_AT
    (request,) = [each for each in read_approvals(keyed) if each.is_open]
    place = f"/releases/requests/{request.request_id}"
    refused = ben.submit(ben.get(place), place, decision="refused", reason="No")
    assert refused.status == 200
    ann.submit(page, path, **form, reason="The office is closed")
    request = read_approvals(keyed)[-1]
    place = f"/releases/requests/{request.request_id}"
    ben.submit(ben.get(place), place, decision="approved", passphrase=PASSPHRASE)
    line = find_announcement(keyed, 2026)
    assert line is not None
    assert (line.release_time, line.note) == (later, "The office is closed")


def test_a_killed_withdrawal_is_completed_on_the_page(
    keyed: Settings,
    ann: Browser,
    ben: Browser,
    set_day: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prevents a version that is half withdrawn, with an approval that no longer fits."""
    version = _publish(keyed, ann, ben, set_day)
    assert "a withdrawal needs a reason" in _take(ann, "withdraw", reason=" ").words
    _take(ann, "withdraw", reason="A wrong table")
    (request,) = [each for each in read_approvals(keyed) if each.is_open]
    place = f"/releases/requests/{request.request_id}"

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("official_statistics.releases.withdrawals.append_step", fail)
        page = ben.get(place)
        assert ben.submit(page, place, decision="approved", passphrase=PASSPHRASE).status == 500
    assert version.state == "published"
    assert "approved, and not carried out yet" in ann.get("/releases").words
    with monkeypatch.context() as patch:
        patch.setattr("register.approvals.VALID_DAYS", 0)
        assert "not carried out yet" not in ann.get("/releases").words
    with monkeypatch.context() as patch:
        patch.setattr("official_statistics.releases.withdrawals.note_state", fail)
        page = ben.get(place)
        assert ben.submit(page, place, decision="approved", passphrase=PASSPHRASE).status == 500
    assert version.state == "withdrawn"
    assert _take(ann, "complete").status == 200
    line = find_announcement(keyed, 2026)
    assert line is not None
    assert line.state == "withdrawn"
    assert (verify_all(keyed), verify_signatures(keyed, list_signers(keyed))) == ([], [])


def _publish(
    settings: Settings, ann: Browser, ben: Browser, set_day: Callable[[float], None]
) -> Version:
    version = version_in_state(settings, "checked")
    _take(ann, "sign", passphrase=PASSPHRASE)
    _take(ben, "approve", passphrase=PASSPHRASE)
    set_day(0)
    _take(ann, "publish")
    return version
