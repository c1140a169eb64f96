"""Signing in through a real OpenID Connect provider: npm's `oidc-provider`."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx2
import pytest

from interfaces.web import add_account, create_app, read_accounts
from interfaces.web.oidc_views import CALLBACK, LOOPBACK_COOKIE
from register.access_grants import decide_grant
from register.access_record import read_record
from register.oidc_settings import OidcSettings
from register.settings import Settings, SettingsError, load_settings
from tests.free_ports import find_free_port
from tests.npm_packages import MISSING, install_package
from tests.web.browsing import HOST, Answer, Browser

PROVIDER = "oidc-provider@9.13.3"
SECRET = "invented-secret-of-the-client"
SIGN_IN = "/sign-in/oidc?then=%2Fquality%2Findex.html"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a provider, installed into a temporary folder."""
    folder = tmp_path_factory.mktemp("provider")
    node, port = install_package(PROVIDER, folder), find_free_port()
    if node is None:
        pytest.skip(MISSING)
    shutil.copy(Path(__file__).with_name("oidc_provider.mjs"), folder / "provider.mjs")
    words = [node, "provider.mjs", str(port), f"http://{HOST}{CALLBACK}"]
    with subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def oidc_home(home: Settings, issuer: str) -> Settings:
    """A home in production whose people sign in with the provider."""
    for name in ("dora", "dora@example.org", "unverified@example.org"):
        decide_grant(home, "grant", name, "370", "identity", by="A", reason="B")
    oidc = OidcSettings(issuer, "register", SECRET)
    return replace(home, environment="production", oidc=oidc)


def _answer_provider(address: str, name: str) -> str:
    """Sign in at the provider as a person does, and return where it sends the browser."""
    with httpx2.Client() as browser:
        answer = browser.get(address)
        while True:
            while answer.is_redirect:
                place = urljoin(str(answer.url), answer.headers["location"])
                if urlsplit(place).netloc == HOST:
                    return place
                answer = browser.get(place)
            assert answer.status_code == 200, answer.text
            match = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            assert match is not None
            prompts = re.findall(r'name="prompt" value="(\w+)"', answer.text)
            form = {"prompt": prompts[0], "login": name, "password": "any"}
            place = urljoin(str(answer.url), html.unescape(match[1]))
            answer = browser.post(place, data=form)


def _sign_out_of_provider(address: str) -> str:
    """Confirm signing out at the provider as a person does, and return where it leads."""
    assert {"id_token_hint", "client_id"} <= parse_qs(urlsplit(address).query).keys()
    with httpx2.Client() as browser:
        answer = browser.get(address)
        assert answer.status_code == 200, answer.text
        xsrf = re.search(r'name="xsrf" value="([^"]+)"', answer.text)
        match = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        assert xsrf is not None
        assert match is not None
        form = {"xsrf": xsrf[1], "logout": "yes"}
        answer = browser.post(urljoin(address, html.unescape(match[1])), data=form)
    return str(answer.headers["location"])


def _sign_in(browser: Browser, name: str) -> Answer:
    started = browser.once("GET", SIGN_IN, b"", {})
    assert started.status == 302, started.text
    place = urlsplit(_answer_provider(started.headers["location"], name))
    return browser.once("GET", f"{place.path}?{place.query}", b"", {})


def test_a_person_with_a_grant_signs_in_and_out(oidc_home: Settings) -> None:
    """Prevents people of the organisation from needing a password of their own here."""
    browser = Browser(create_app(oidc_home))
    assert "your organisation" in browser.get("/sign-in").words
    answer = _sign_in(browser, "dora")
    assert (answer.status, "You are signed in" in answer.words) == (200, True), answer.words
    assert '0; url=/quality/index.html"' in answer.text
    assert browser.cookies[LOOPBACK_COOKIE] == "null", "what was kept for the provider is removed"
    assert "Who needs help" in browser.get("/").words
    entry = list(read_record(oidc_home))[-1]
    assert (entry["kind"], entry["who"], entry["how"]) == ("sign_in", "dora", "oidc")
    assert SECRET not in answer.text
    kept = dict(browser.cookies)
    left = browser.submit(browser.get("/"), "/sign-out")
    match = re.search(r'0; url=([^"]+)"', left.text)
    assert match is not None, left.words
    assert _sign_out_of_provider(html.unescape(match[1])).startswith(
        f"http://{HOST}/sign-in?state="
    )
    for cookies in (browser.cookies, kept):
        assert Browser(browser.app, cookies=dict(cookies)).once("GET", "/", b"", {}).status == 303


def test_a_person_of_a_supplier_signs_in(oidc_home: Settings) -> None:
    """Prevents suppliers from staying out, and their people from seeing more than their own."""
    add_account(oidc_home, "sam", "supplier", None, ["E23000001"])
    browser = Browser(create_app(oidc_home))
    assert _sign_in(browser, "sam").status == 200
    assert browser.get("/deliver").status == 200
    assert browser.once("GET", "/status", b"", {}).status == 403


def test_a_session_ends_however_it_began(
    oidc_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a session of the provider's that lasts longer than others."""
    browser = Browser(create_app(oidc_home))
    _sign_in(browser, "dora")
    later = time.time() + 8.1 * 3600
    monkeypatch.setattr("interfaces.web.sessions.time.time", lambda: later)
    assert browser.once("GET", "/", b"", {}).status == 303


def test_a_person_without_a_grant_stays_out(oidc_home: Settings) -> None:
    """Prevents everybody of the organisation from getting in, and accounts for strangers."""
    browser = Browser(create_app(oidc_home))
    answer = _sign_in(browser, "stranger")
    assert (answer.status, "no account here and no grant" in answer.words) == (403, True)
    assert browser.once("GET", "/", b"", {}).status == 303
    assert "stranger" not in read_accounts(oidc_home)
    assert list(read_record(oidc_home))[-1]["kind"] == "refusal"


@pytest.mark.parametrize(("name", "status"), [("dora", 200), ("unverified", 403)])
def test_only_a_verified_address_counts(oidc_home: Settings, name: str, status: int) -> None:
    """Prevents a person from signing in with an address that is somebody else's."""
    oidc = replace(oidc_home.oidc, claim="email")
    browser = Browser(create_app(replace(oidc_home, oidc=oidc)))
    assert _sign_in(browser, name).status == status
    assert browser.once("GET", "/", b"", {}).status == (200 if status == 200 else 303)


def _drop_state(query: dict[str, str]) -> dict[str, str]:
    return {"code": query["code"]}


def _change_state(query: dict[str, str]) -> dict[str, str]:
    return {**query, "state": "forged"}


def _change_code(query: dict[str, str]) -> dict[str, str]:
    return {**query, "code": "forged"}


@pytest.mark.parametrize("change", [_drop_state, _change_state, _change_code])
def test_a_forged_answer_signs_nobody_in(
    oidc_home: Settings, change: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    """Prevents an answer that the provider did not give to this browser from being believed."""
    browser = Browser(create_app(oidc_home))
    started = browser.once("GET", SIGN_IN, b"", {})
    query = parse_qs(urlsplit(started.headers["location"]).query)
    assert {"state", "nonce", "code_challenge"} <= query.keys()
    assert query["code_challenge_method"] == ["S256"]
    place = urlsplit(_answer_provider(started.headers["location"], "dora"))
    given = {name: value[0] for name, value in parse_qs(place.query).items()}
    answer = browser.once("GET", f"{CALLBACK}?{urlencode(change(given))}", b"", {})
    assert (answer.status, "did not sign you in" in answer.words) == (403, True)
    assert browser.once("GET", "/", b"", {}).status == 303


def test_another_browser_cannot_use_the_answer(oidc_home: Settings) -> None:
    """Prevents a stolen answer from signing in a thief, and one answer from serving twice."""
    app = create_app(oidc_home)
    browser, thief = Browser(app), Browser(app)
    started = browser.once("GET", SIGN_IN, b"", {})
    thief.once("GET", SIGN_IN, b"", {})
    place = urlsplit(_answer_provider(started.headers["location"], "dora"))
    path = f"{place.path}?{place.query}"
    assert thief.once("GET", path, b"", {}).status == 403
    assert browser.once("GET", path, b"", {}).status == 200
    assert browser.once("GET", path, b"", {}).status == 403


def test_another_issuer_or_secret_is_refused(oidc_home: Settings, issuer: str) -> None:
    """Prevents an identity token of another provider from being believed."""
    for change in ({"issuer": f"{issuer}/"}, {"client_secret": "another secret of the client"}):
        oidc = replace(oidc_home.oidc, **change)
        browser = Browser(create_app(replace(oidc_home, oidc=oidc)))
        assert _sign_in(browser, "dora").status == 403, change


def test_a_password_is_of_no_use_beside_a_provider(oidc_home: Settings) -> None:
    """Prevents a second way in that the organisation cannot close."""
    browser = Browser(create_app(oidc_home))
    assert "Password" not in browser.get("/sign-in").words
    sessions = browser.app.state.sessions
    session = sessions.read(browser.cookies[sessions.cookie])
    form = {"form_token": sessions.build_form_token(session), "name": "ann", "password": "x"}
    assert browser.post("/sign-in", form).status == 403


def test_a_provider_that_does_not_answer_is_said_to_fail(home: Settings) -> None:
    """Prevents a page of errors, with addresses, while the provider is down."""
    oidc = OidcSettings("http://127.0.0.1:9", "register", SECRET)
    browser = Browser(create_app(replace(home, oidc=oidc)))
    answer = browser.get(SIGN_IN)
    assert (answer.status, "did not sign you in" in answer.words) == (403, True)
    assert Browser(create_app(home)).get(SIGN_IN).status == 404


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"REGISTER_OIDC_ISSUER": "https://id.example"}, "together"),
        ({"REGISTER_OIDC_CLIENT_SECRET": "s"}, "together"),
        ({"REGISTER_OIDC_ISSUER": "http://id.example"}, "must begin with https://"),
        ({"REGISTER_WEB_PROXY_SECRET": "s" * 40}, "not both"),
    ],
)
def test_a_provider_needs_all_its_settings(values: dict[str, str], message: str) -> None:
    """Prevents a client without a secret, and tokens that travel unencrypted."""
    whole = {
        "REGISTER_OIDC_ISSUER": "https://id.example",
        "REGISTER_OIDC_CLIENT_ID": "register",
        "REGISTER_OIDC_CLIENT_SECRET": SECRET,
    }
    settings = load_settings(whole)
    assert (settings.oidc.claim, SECRET in repr(settings)) == ("sub", False)
    given = values if message == "together" else {**whole, **values}
    with pytest.raises(SettingsError, match=message):
        load_settings(given)
