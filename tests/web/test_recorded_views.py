"""Views of pages that name children are in the access record before they are shown."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from typer.testing import CliRunner

from interfaces.command_line import app as commands
from interfaces.web import add_account, create_app, remove_account
from register.access_record import Entry, current_actor, read_record, record_access, verify_record
from register.settings import Settings
from register.variables import WebSettings
from tests.publishing.builds import DELIVERY_ID
from tests.review.cases import NAMES, child_id, mention_id, pair_id
from tests.web.browsing import Browser
from tests.web.conftest import PASSWORD, SURNAME

PAIR = pair_id("2", "5")


def _record(settings: Settings) -> Path:
    return settings.access_record / "record.jsonl"


def _views(settings: Settings, count: int) -> None:
    for number in range(count):
        record_access(settings, Entry("view", "case_list", "audit", "G", (f"C{number}",)))


def test_each_view_says_who_when_what_and_why(home: Settings, ann: Browser) -> None:
    """Prevents a look at a child's records that nobody can find out about, or a name in the log."""
    assert "Zoe Sample" in ann.get(f"/review/pairs/{PAIR}").words
    assert SURNAME in ann.get("/help").words
    page = ann.get("/help")
    assert SURNAME in ann.submit(page, "/help/export").text
    pair, shown, _, export = (each for each in read_record(home) if each["why"])
    assert (pair["who"], pair["why"], pair["what"]) == ("ann", "clerical_review", "review_pair")
    assert {PAIR, child_id("1"), child_id("5"), mention_id("3")} <= set(pair["keys"])
    assert shown["keys"] == export["keys"] == ["370", child_id("6"), "E" + "6" * 24]
    assert [shown["what"], export["what"]] == ["case_list", "case_list_export"]
    text = _record(home).read_text(encoding="utf-8").lower()
    assert not any(name in text for name in (*NAMES, SURNAME.lower()))
    assert stat.S_IMODE(_record(home).stat().st_mode) == 0o600
    assert verify_record(home).faults == ()


def test_nobody_sees_a_name_before_saying_why(open_as: Callable[..., Browser]) -> None:
    """Prevents a log that says who looked and not why."""
    ann = open_as("ann", purpose="")
    for path in (f"/review/pairs/{PAIR}", "/help", f"/review/pairs/{PAIR}/opinion"):
        answer = ann.get(path)
        assert answer.path.startswith("/purpose?then=")
        assert SURNAME not in answer.text
    page = ann.get("/help")
    assert ann.submit(page, "/purpose", purpose="curiosity").status == 403
    assert SURNAME in ann.submit(ann.get("/help"), "/purpose", purpose="safeguarding").words


def test_what_cannot_be_logged_is_not_shown(home: Settings, ann: Browser) -> None:
    """Prevents views without a trace when the disk is full or the log was taken away."""
    _views(home, 2)
    _record(home).unlink()
    _record(home).mkdir()
    answer = ann.get("/help")
    assert (answer.status, SURNAME in answer.text) == (503, False)
    _record(home).rmdir()
    answer = ann.get("/help")
    assert (answer.status, "entries are missing" in answer.words) == (503, True)


def test_who_looked_at_a_child_can_be_asked(home: Settings, ann: Browser) -> None:
    """Prevents a family's question, who saw this, from having no answer."""
    ann.get("/help")
    _views(home, 3)
    said = CliRunner().invoke(commands, ["access", "log", "--key", child_id("6"), "--json"])
    assert [entry["what"] for entry in json.loads(said.output)] == ["case_list"]
    page = ann.get(f"/log?key={child_id('6')}")
    assert "1 entry, the latest first" in page.words
    count = len(list(read_record(home)))
    assert f"The chain of {count} entries is complete" in page.words
    assert f"{count} entries" in CliRunner().invoke(commands, ["web", "log", "show"]).output


def test_sign_ins_refusals_and_accounts_are_recorded(
    home: Settings, open_as: Callable[..., Browser], nobody: Browser
) -> None:
    """Prevents an attempt at somebody's account, or a new account, that nobody finds out about."""
    add_account(home, "cara", "reader", PASSWORD)
    before = len(list(read_record(home)))
    page = nobody.get("/sign-in")
    for name, password in (("cara", "wrong password"), ("typed here", "x"), ("cara", PASSWORD)):
        nobody.submit(page, "/sign-in", name=name, password=password, then="/")
    open_as("rita").get("/help")
    remove_account(home, "cara")
    entries = list(read_record(home))
    found = [(each["kind"], each["what"], each["who"], each["keys"]) for each in entries[before:]]
    account = current_actor().name
    assert found == [
        ("refusal", "sign_in", "", ["cara"]),
        ("refusal", "sign_in", "", []),
        ("sign_in", "signed_in", "cara", []),
        ("refusal", "/help", "rita", []),
        ("account", "removed", account, ["cara"]),
    ]
    assert (entries[before - 1]["what"], entries[before - 1]["keys"]) == (
        "added",
        ["cara", "reader"],
    )
    assert verify_record(home).faults == ()


def test_a_decision_on_a_page_is_recorded_as_the_signed_in_persons(
    home: Settings, ann: Browser
) -> None:
    """Prevents the account that runs the server from standing for the person who decided."""
    place = f"/deliveries/{DELIVERY_ID}"
    ann.submit(ann.get(place), f"{place}/decide", decision="confirm", reason="They wrote to us")
    last = list(read_record(home))[-1]
    assert (last["kind"], last["what"]) == ("decision", "deliveries")
    assert (last["who"], last["how"]) == ("ann", "password")


def test_sign_ins_through_a_proxy_are_recorded_once(home: Settings) -> None:
    """Prevents a session that the record does not know, and strangers whom the proxy lets in."""
    secret = "0123456789abcdefghijklmnopqrstuvwxyz-"
    proxied = replace(home, web=WebSettings(proxy_secret=secret))
    app, before = create_app(proxied), len(list(read_record(home)))
    for user in ("ann", "somebody"):
        headers = {"X-Register-User": user, "X-Register-Proxy-Secret": secret}
        browser = Browser(app, headers=headers, scheme="https")
        browser.get("/")
        browser.get("/")
    acts = [(each["kind"], each["what"], each["who"]) for each in read_record(home)][before:]
    assert acts == [
        ("sign_in", "signed_in", "ann"),
        *[("refusal", "no_account", "somebody")] * 2,
    ]
