"""What the page docs/how-to/web.md says: its pages, its refusals and its numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from unittest.mock import Mock, patch

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from interfaces.command_line.loopback import SECONDS_TO_SEND
from interfaces.web import create_app, read_accounts
from interfaces.web.claims import CLAIM_MINUTES
from interfaces.web.oidc_views import SIGN_IN_SECONDS
from interfaces.web.row_views import MAX_FILTERS
from interfaces.web.sign_in_views import FREE_FAILURES
from register.access_record import Actor
from register.approvals import request_approval
from register.oidc_settings import OidcSettings
from register.settings import PROJECT_ROOT, Settings
from register.variables import WebSettings
from tests.publishing.builds import DELIVERY_ID
from tests.review.cases import NAMES, child_id, pair_id
from tests.web.browsing import Answer, Browser
from tests.web.conftest import PASSWORD, SURNAME
from tests.web.places import paths_of

GUIDE = (PROJECT_ROOT / "docs" / "how-to" / "web.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
PROXY_SECRET = "k3-Zp9vQ7sR1tU5wX8yB2dF4gH6jK0mN-aCeL"
PAIR = f"/review/pairs/{pair_id('2', '5')}"
DELIVERY = f"/deliveries/{DELIVERY_ID}"
# The addresses of each row of the table of pages.
PAGES = {
    "Who needs help": ("/help",),
    "Review": ("/review", "/review/decided", "/review/second-opinions"),
    "Review, a pair": (PAIR, f"{PAIR}/opinion"),
    "Deliveries": ("/deliveries", DELIVERY),
    "Silent suppliers": ("/suppliers",),
    "Status": ("/status",),
    "Audit": ("/audit/S/1",),
    "Outbox": ("/outbox", "/outbox/370/20261101T000000-000001.csv"),
    "Rows": ("/rows",),
    "Quality site, Documents": ("/quality/index.html",),
    "Approvals": ("/approvals",),
    "Releases": ("/releases", "/releases/key", "/releases/draft", "/releases/announce"),
    "Access record": ("/log",),
}


def _read_table(heading: str) -> list[tuple[str, str, str]]:
    """Return the rows of the table whose first column has this heading."""
    text = GUIDE[GUIDE.index(f"| {heading} |") :].split("\n\n")[0]
    return ROW.findall(text)[1:]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_children_as_the_guide_says(
    name: str, open_as: Callable[..., Browser]
) -> None:
    """Prevents a page that names children, and that the guide calls free of names."""
    says = {row[0]: row[2] for row in _read_table("page")}
    assert set(says) == set(PAGES)
    for path in PAGES[name]:
        # A page with names asks for a purpose first.
        is_asked = open_as("ann", purpose="").get(path).path.startswith("/purpose")
        if says[name].startswith("yes"):
            assert is_asked, path
            continue
        answer = open_as("ann").get(path)
        assert answer.status == 200, path
        assert not any(each in answer.text.lower() for each in (*NAMES, SURNAME.lower())), path


def _send_without_token(_: Settings, ann: Browser) -> Answer:
    return ann.post("/purpose", {"form_token": "of another session", "purpose": "audit"})


def _send_late(_: Settings, ann: Browser) -> Answer:
    late = ann.get(DELIVERY)
    ann.submit(late, f"{DELIVERY}/decide", decision="confirm", reason="They wrote to us")
    return ann.submit(late, f"{DELIVERY}/decide", decision="refuse", reason="Wrong")


def _pass_the_proxy_by(home: Settings, _: Browser) -> Answer:
    app = create_app(replace(home, web=WebSettings(PROXY_SECRET, "register.example")))
    return Browser(app, {"X-Register-User": "ann"}, "https", "register.example").get("/")


def _come_as_a_stranger(home: Settings, _: Browser) -> Answer:
    app = create_app(replace(home, web=WebSettings(PROXY_SECRET, "register.example")))
    headers = {"X-Register-User": "stranger", "X-Register-Proxy-Secret": PROXY_SECRET}
    return Browser(app, headers, "https", "register.example").get("/")


def _open_without_a_grant(home: Settings, ann: Browser) -> Answer:
    return Browser(
        create_app(replace(home, environment="production")), cookies=dict(ann.cookies)
    ).get("/help")


def _damage_the_grants(home: Settings, ann: Browser) -> Answer:
    path = home.decisions / "access_grants.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("no time,A,grant,ann,nowhere,everything,,B\n")
    answer = ann.get("/help")
    assert "access_grants.csv, line 2" in answer.words
    return answer


def _ask_a_silent_provider(home: Settings, _: Browser) -> Answer:
    oidc = OidcSettings("http://127.0.0.1:9", "register", "a secret of the client")
    return Browser(create_app(replace(home, oidc=oidc))).get("/sign-in/oidc")


def _lose_the_record(home: Settings, ann: Browser) -> Answer:
    assert ann.get("/help").status == 200
    (home.access_record / "record.jsonl").unlink()
    return ann.get("/help")


def _approve_ones_own_request(home: Settings, ann: Browser) -> Answer:
    subject = [child_id("6")]
    request_id = request_approval(home, "erase", subject, "Asked for", Actor("ann", "password"))
    form = {**ann.get("/approvals").form("/sign-out"), "decision": "approved"}
    return ann.post(f"/approvals/{request_id}", form)


def _filter_while_others_do(_: Settings, ann: Browser) -> Answer:
    filters = ann.app.state.filters
    with filters.run_filter("ben"), filters.run_filter("rita"):
        return ann.get("/rows?mart=register.fct_episodes&where=true")


def _call_the_host_otherwise(_: Settings, ann: Browser) -> Answer:
    ann.host = "evil.example"
    return ann.get("/sign-in")


def _draft_no_year(_: Settings, ann: Browser) -> Answer:
    return ann.submit(ann.get("/releases/draft"), "/releases/draft", year="", kind="yearly")


def _choose_a_short_passphrase(_: Settings, ann: Browser) -> Answer:
    page = ann.get("/releases/key")
    return ann.submit(page, "/releases/key", passphrase="short", repeated="short")


REFUSALS: dict[str, tuple[int, Callable[[Settings, Browser], Answer]]] = {
    "The form belongs to another session": (403, _send_without_token),
    "This has changed since you opened it": (409, _send_late),
    "Open this address through its proxy": (403, _pass_the_proxy_by),
    "… have no account here and no grant": (403, _come_as_a_stranger),
    "You have no grant for this page": (403, _open_without_a_grant),
    "The access grants are not in order": (503, _damage_the_grants),
    "The provider did not sign you in": (403, _ask_a_silent_provider),
    "The access record is not in order": (503, _lose_the_record),
    "Another person has to do this": (403, _approve_ones_own_request),
    "This step is refused": (409, _draft_no_year),
    "Nothing was signed": (403, _choose_a_short_passphrase),
    "Filters of other people are running": (429, _filter_while_others_do),
    "Invalid host header": (400, _call_the_host_otherwise),
}


@pytest.mark.parametrize("message", REFUSALS)
def test_every_refusal_of_the_guide_is_met(message: str, home: Settings, ann: Browser) -> None:
    """Prevents a table of refusals that no page gives, or that lacks its words."""
    assert {row[0].strip("*") for row in _read_table("the page says")} == set(REFUSALS)
    status, provoke = REFUSALS[message]
    answer = provoke(home, ann)
    assert (answer.status, message.removeprefix("… ") in answer.words) == (status, True)
    assert SURNAME not in answer.text


def test_the_application_listens_on_the_loopback_address(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents pages with names that every machine of the network can open."""
    address = ("127.0.0.1", 8321)
    listener = Mock(**{"fileno.return_value": 9, "getsockname.return_value": address})
    monkeypatch.setattr("asyncio.run", lambda served: served.close())
    for words in (["web"], ["web", "--port", "9000"]):
        with patch("socket.socket", return_value=listener):
            result = CliRunner().invoke(commands, words)
        assert result.exit_code == 0, result.output
    addresses = [call.args[0] for call in listener.bind.call_args_list]
    assert addresses == [("127.0.0.1", 8321), ("127.0.0.1", 9000)]
    assert "http://127.0.0.1:8321" in GUIDE


def test_an_account_is_of_staff_and_its_password_is_hashed(home: Settings) -> None:
    """Prevents another role than the guide's default, and a weaker hash."""
    result = CliRunner().invoke(
        commands, ["web", "account", "add", "erik"], input=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert result.exit_code == 0, result.output
    account = read_accounts(home)["erik"]
    assert account.role == "staff"
    assert str(account.password_hash).startswith("$argon2id$")


def test_the_addresses_at_a_provider_are_those_of_the_guide() -> None:
    """Prevents a client at the provider that sends people to a page that is not there."""
    named = set(re.findall(r"`https://<host>(/[^`]+)`", GUIDE))
    assert named == {"/sign-in/callback", "/sign-in"}
    assert named <= set(paths_of("GET"))


def test_limits_are_those_of_the_guide() -> None:
    """Prevents numbers in the guide that the application does not keep to."""
    text = " ".join(GUIDE.split())
    words = {2: "two", 5: "five", 10: "ten"}
    sentences = [
        f"may send {WebSettings().requests_per_minute} requests in a minute",
        f"longer than {words[SECONDS_TO_SEND]} seconds is cut off",
        f"reserves a pair for you for {CLAIM_MINUTES} minutes",
        f"After {words[FREE_FAILURES]} wrong passwords",
        f"waited over {words[SIGN_IN_SECONDS // 60]} minutes",
        f"{words[MAX_FILTERS]} filters of the page *Rows* are already running",
    ]
    assert [sentence for sentence in sentences if sentence not in text] == []
