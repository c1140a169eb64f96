"""Who gets in, and how far."""

from __future__ import annotations

import hashlib
import json
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from interfaces.web import (
    add_account,
    create_app,
    find_accounts_fault,
    read_accounts,
    remove_account,
    set_password,
)
from interfaces.web.accounts import AccountError, check_password
from interfaces.web.sessions import create_session
from interfaces.web.sign_in_views import FREE_FAILURES, MAX_CHECKED, SignInFailures, keep_local_path
from register.settings import Settings, SettingsError, load_settings
from register.variables import WebSettings
from tests.review.cases import pair_id
from tests.web.browsing import Browser
from tests.web.conftest import PASSWORD
from tests.web.places import paths_of

PROXY_SECRET = "0123456789abcdefghijklmnopqrstuvwxyz-"
# Pages that anybody may ask for.
OPEN = {"/sign-in", "/style.css", "/deliver.js"}
# Pages that exist only where a provider signs people in.
PROVIDER = {"/sign-in/oidc", "/sign-in/callback"}
# What a reader may open besides.
READABLE = {
    "/",
    "/rows",
    "/rows.csv",
    "/deliveries",
    "/deliveries/{delivery_id}",
    "/suppliers",
    "/quality/{path:path}",
    "/documents/{path:path}",
}


def test_every_page_asks_to_sign_in(nobody: Browser) -> None:
    """Prevents a page, new or old, that somebody reads without being known."""
    for route, path in paths_of("GET").items():
        answer = nobody.once("GET", path, b"", {})
        if route in OPEN:
            assert answer.status == 200, route
        elif route in PROVIDER:
            assert answer.status == 404, route
        else:
            assert (answer.status, answer.headers["location"][:8]) == (303, "/sign-in"), route


def test_a_reader_sees_no_page_that_names_children(open_as: Callable[..., Browser]) -> None:
    """Prevents an account for the quality site from opening case lists."""
    rita = open_as("rita")
    for route, path in paths_of("GET").items():
        status = rita.once("GET", path, b"", {}).status
        if route not in OPEN | READABLE | PROVIDER:
            assert status == 403, route
    home = rita.get("/")
    assert "Quality site" in home.words
    assert "Who needs help" not in home.words


def test_a_password_lets_in_and_a_wrong_one_does_not(home: Settings, nobody: Browser) -> None:
    """Prevents passwords that are kept as they are, read by others, or guessed."""
    add_account(home, "carol", "staff", PASSWORD)
    path = home.web_folder / "accounts.json"
    assert PASSWORD not in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    wrong = nobody.submit(
        nobody.get("/sign-in"), "/sign-in", name="carol", password="not the password"
    )
    assert (wrong.status, "Name or password is wrong" in wrong.words) == (403, True)
    before = dict(nobody.cookies)
    nobody.sign_in("carol", PASSWORD)
    assert nobody.get("/").status == 200
    assert nobody.cookies != before, "a session that was known before must not be signed in"
    assert check_password(home, "ann", "") is None, "an account of the proxy has no password"
    for short in ("short", "carol and a long one"):
        with pytest.raises(AccountError, match="a password has 12"):
            set_password(home, "carol", short)


def test_a_hash_of_an_earlier_release_is_accepted_once(home: Settings) -> None:
    """Prevents an upgrade that locks people out, and weak hashes that stay for ever."""
    add_account(home, "carol", "staff", PASSWORD)
    path = home.web_folder / "accounts.json"
    salt = b"sixteen bytes..."
    former = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored["carol"]["password_hash"] = f"{salt.hex()}${former.hex()}"
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert check_password(home, "carol", "not the password") is None
    assert "$argon2id$" not in path.read_text(encoding="utf-8")
    before = check_password(home, "carol", PASSWORD)
    after = read_accounts(home)["carol"]
    assert before is not None
    assert after.password_hash.startswith("$argon2id$")
    assert after.epoch == before.epoch, "sessions go on"
    assert check_password(home, "carol", PASSWORD) is not None
    assert read_accounts(home)["carol"] == after
    assert check_password(home, "carol", "not the password") is None
    assert find_accounts_fault(home) is None


def test_an_account_waits_after_wrong_passwords(
    home: Settings, nobody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a password from being found by trying."""
    monkeypatch.setattr("interfaces.web.sign_in_views.check_password", lambda *_: None)
    for _ in range(FREE_FAILURES):
        nobody.submit(nobody.get("/sign-in"), "/sign-in", name="carol", password="guess")
    monkeypatch.undo()
    add_account(home, "carol", "staff", PASSWORD)
    answer = nobody.submit(nobody.get("/sign-in"), "/sign-in", name="carol", password=PASSWORD)
    assert answer.status == 403


def test_tries_at_one_moment_are_counted_before_they_are_judged(
    home: Settings, nobody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents sixty passwords from being tried at once where five may be, in a gigabyte."""
    judged, together, most = [], [0], [0]

    def slowly(*_: object) -> None:
        together[0] += 1
        most[0] = max(most[0], together[0])
        judged.append(1)
        time.sleep(0.05)
        together[0] -= 1

    monkeypatch.setattr("interfaces.web.sign_in_views.check_password", slowly)
    page = nobody.get("/sign-in")

    def try_once(name: str) -> int:
        browser = Browser(nobody.app, cookies=dict(nobody.cookies))
        return browser.submit(page, "/sign-in", name=name, password="guess").status

    with ThreadPoolExecutor(60) as pool:
        statuses = list(pool.map(try_once, ["carol"] * 60))
    assert len(judged) <= FREE_FAILURES
    with ThreadPoolExecutor(60) as pool:
        statuses += list(pool.map(try_once, [f"name{number}" for number in range(60)]))
    assert most[0] <= MAX_CHECKED
    assert set(statuses) == {403, 429}


def test_a_stranger_keeps_nobody_out(
    home: Settings, nobody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents five wrong passwords a quarter of an hour from shutting a colleague out for good."""
    add_account(home, "carol", "staff", PASSWORD)
    carol = Browser(nobody.app)
    carol.sign_in("carol", PASSWORD)
    carol.submit(carol.get("/"), "/sign-out")
    for _ in range(FREE_FAILURES + 3):
        page = nobody.get("/sign-in")
        nobody.submit(page, "/sign-in", name="carol", password="a wrong password")
    answer = nobody.submit(nobody.get("/sign-in"), "/sign-in", name="carol", password=PASSWORD)
    assert answer.status == 403, "whoever guessed waits"
    carol.sign_in("carol", PASSWORD)
    # The cookie is of one name, and gives nothing by itself.
    known = {name: value for name, value in carol.cookies.items() if "known" in name}
    assert len(known) == 1
    assert Browser(nobody.app, cookies=known).once("GET", "/", b"", {}).status == 303


def test_a_wait_grows_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents guessing at a steady pace, and a wait that tries during it make longer."""
    clock = [1000.0]
    monkeypatch.setattr("interfaces.web.sign_in_views.time.monotonic", lambda: clock[0])
    failures, key = SignInFailures(), ("carol", "192.0.2.1")
    assert [failures.count_try(key) for _ in range(FREE_FAILURES + 1)] == [True] * 5 + [False]
    waits = []
    for _ in range(8):
        began = clock[0]
        while not failures.count_try(key):
            clock[0] += 10
        waits.append(clock[0] - began)
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert failures.count_try(("carol", "192.0.2.2"))
    clock[0] += 25 * 3600
    assert [failures.count_try(key) for _ in range(FREE_FAILURES)] == [True] * 5
    for number in range(20_000):
        failures.count_try((f"name{number}", ""))
    assert len(failures._times) <= 10_000


def test_a_session_ends(home: Settings, open_as: Callable[..., Browser]) -> None:
    """Prevents a cookie that is good after its person signed out, or has left."""
    ann, ben, kept = open_as("ann"), open_as("ben"), open_as("ann")
    assert ann.submit(ann.get("/"), "/sign-out").path == "/sign-in"
    assert kept.once("GET", "/", b"", {}).status == 303
    remove_account(home, "ben")
    assert ben.once("GET", "/", b"", {}).status == 303


def test_an_account_of_the_same_name_has_no_session_of_the_one_before(
    open_as: Callable[..., Browser], home: Settings
) -> None:
    """Prevents somebody who left from coming back in when another person gets the name."""
    ben = open_as("ben")
    remove_account(home, "ben")
    add_account(home, "ben", "staff", PASSWORD)
    assert ben.once("GET", "/", b"", {}).status == 303


def test_a_cookie_of_somebody_elses_making_is_none(home: Settings, nobody: Browser) -> None:
    """Prevents a session that this home did not sign."""
    other = create_app(replace(home, home=home.home.parent / "other")).state.sessions
    session = create_session("ann", read_accounts(home)["ann"].epoch)
    forged = Browser(nobody.app, cookies={other.cookie: other.write(session)})
    assert forged.once("GET", "/", b"", {}).status == 303


def test_only_the_proxy_says_who_somebody_is(home: Settings) -> None:
    """Prevents a header that anybody can send from signing anybody in."""
    proxied = replace(home, web=WebSettings(PROXY_SECRET, "register.example", 8.0))
    app = create_app(proxied)
    good = {"X-Register-User": "ann", "X-Register-Proxy-Secret": PROXY_SECRET}
    assert Browser(app, good, "https", "register.example").get("/").status == 200
    for wrong in (
        {},
        {"X-Register-User": "ann"},
        {**good, "X-Register-Proxy-Secret": "another"},
        {**good, "X-Register-User": ""},
        {**good, "X-Register-User": "stranger"},
    ):
        answer = Browser(app, wrong, "https", "register.example").get("/")
        assert answer.status == 403, wrong
    assert "no account here" in answer.words
    unproxied = Browser(create_app(home), good)
    assert unproxied.once("GET", "/", b"", {}).status == 303


def test_the_proxy_names_people_of_suppliers_too(home: Settings) -> None:
    """Prevents suppliers from staying out, and their people from seeing more than their own."""
    add_account(home, "sam", "supplier", None, ["E23000001"])
    app = create_app(replace(home, web=WebSettings(PROXY_SECRET, "register.example", 8.0)))
    headers = {"X-Register-User": "sam", "X-Register-Proxy-Secret": PROXY_SECRET}
    browser = Browser(app, host="register.example")
    assert browser.once("GET", "/deliver", b"", headers).status == 200
    assert browser.once("GET", "/status", b"", headers).status == 403


def test_the_proxy_changes_whom_a_browser_is(home: Settings) -> None:
    """Prevents the session of one person from being another's on a shared machine."""
    app = create_app(replace(home, web=WebSettings(PROXY_SECRET, "register.example", 8.0)))
    secret = {"X-Register-Proxy-Secret": PROXY_SECRET}
    browser = Browser(app, {**secret, "X-Register-User": "ann"}, "https", "register.example")
    page = browser.get("/purpose")
    assert browser.submit(page, "/purpose", purpose="audit").status == 200
    browser.headers["X-Register-User"] = "ben"
    answer = browser.get(f"/review/pairs/{pair_id('1', '5')}")
    assert answer.path.startswith("/purpose"), "ben has not said why he looks"


def test_another_name_of_the_host_is_refused(nobody: Browser) -> None:
    """Prevents a foreign page that calls itself by the loopback address from reading answers."""
    nobody.host = "evil.example"
    assert nobody.get("/sign-in").status == 400


def test_a_link_to_the_form_leads_only_to_pages_here() -> None:
    """Prevents a sign-in page that sends people on to a page that looks like it."""
    assert keep_local_path("/review?page=2") == "/review?page=2"
    for foreign in ("https://evil.example/", "//evil.example", "/\\evil.example", "review", ""):
        assert keep_local_path(foreign) == "/"


def test_production_needs_its_proxy(monkeypatch: pytest.MonkeyPatch, home: Settings) -> None:
    """Prevents passwords of this application from guarding real children's names."""
    key = "k3-Zp9vQ7sR1tU5wX8yB2dF4gH6jK0mN-aCeL"
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "production")
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY", key)
    monkeypatch.setenv("REGISTER_DATA_KEYS", f"k1 {key}")
    monkeypatch.setattr("interfaces.command_line.commands.web.serve_on_loopback", lambda *_: None)
    result = CliRunner().invoke(commands, ["web"])
    assert result.exit_code == 1
    assert "REGISTER_WEB_PROXY_SECRET" in result.output
    with pytest.raises(SettingsError, match="REGISTER_WEB_PROXY_SECRET"):
        load_settings(
            {
                "REGISTER_ENVIRONMENT": "production",
                "REGISTER_PSEUDONYM_KEY": key,
                "REGISTER_DATA_KEYS": f"k1 {key}",
                "REGISTER_WEB_PROXY_SECRET": "short",
            }
        )


def test_accounts_are_managed_from_the_terminal(home: Settings) -> None:
    """Prevents an operator who cannot say who may see what."""

    def run(*words: str, given: str = "", code: int = 0) -> str:
        result = CliRunner().invoke(commands, ["web", *words], input=given)
        assert result.exit_code == code, result.output
        return result.output

    assert "Added: dora, reader." in run("account", "add", "dora", "--role", "reader", "--proxied")
    assert "there is an account dora" in run("account", "add", "dora", "--proxied", code=3)
    assert "no account zed" in run("account", "remove", "zed", code=3)
    run("account", "add", "no/name", "--proxied", code=3)
    run("account", "add", "erik", "--role", "king", "--proxied", code=2)
    run("account", "add", "erik", given=f"{PASSWORD}\n{PASSWORD}\n")
    listed = run("account", "list")
    assert all(name in listed for name in ("ann", "dora", "erik"))
    assert 'password_hash": true' in run("account", "list", "--json")
    run("account", "remove", "dora")
    assert "dora" not in run("account", "list")
    for command in ((), ("account", "add"), ("account", "password"), ("log", "verify")):
        assert len(run(*command, "--help").splitlines()) > 5


def test_a_session_ends_however_active_it_is(
    open_as: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a browser that stays signed in for weeks because a page is opened each hour."""
    rita = open_as("rita")
    began = time.time()
    for hours, status in ((7.9, 200), (8.1, 303)):
        moment = began + hours * 3600
        monkeypatch.setattr("interfaces.web.sessions.time.time", lambda at=moment: at)
        # The page renews the cookie, which alone would keep the session alive.
        assert rita.once("GET", "/", b"", {}).status == status
