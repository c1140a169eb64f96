"""Forms and headers: nothing is written for another site, and no page runs what was written in."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import interfaces.web
from interfaces.web import create_app
from register.review import read_decisions
from register.settings import Settings
from register.variables import WebSettings
from tests.review.cases import pair_id
from tests.web.browsing import Browser
from tests.web.places import paths_of

PAIR = pair_id("2", "5")
INLINE = re.compile(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def test_every_form_needs_the_token_of_its_session(
    home: Settings, ann: Browser, ben: Browser
) -> None:
    """Prevents another site, or another person, from sending a form in somebody's name."""
    token = ben.get("/purpose").form("/purpose")["form_token"]
    for route, path in paths_of("POST").items():
        if route == "/sign-out":
            continue
        for form in ({}, {"form_token": "0"}, {"form_token": token}):
            answer = ann.post(path, {**form, "decision": "link", "reason": "x"})
            assert (answer.status, "belongs to another session" in answer.words) == (403, True), (
                route
            )
    assert ann.post("/sign-out", {}).status == 403
    assert read_decisions(home) == []


def test_a_form_from_another_site_is_not_read(ann: Browser) -> None:
    """Prevents a foreign page from sending a form even with a token that leaked."""
    form = ann.get("/purpose").form("/purpose") | {"purpose": "audit"}
    for header in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert ann.post("/purpose", form, **header).status == 403
    assert ann.post("/purpose", form, origin="http://127.0.0.1:8321").status == 200


def test_every_form_of_every_page_has_a_token(ann: Browser) -> None:
    """Prevents a form that no browser can send, and one that a reviewer finds refused."""
    pages = ["/", "/purpose", "/review", f"/review/pairs/{PAIR}", "/help", "/deliveries"]
    for page in pages:
        text = ann.get(page).text
        forms = re.findall(r'<form method="post".*?</form>', text, re.DOTALL)
        assert forms, page
        assert all('name="form_token" value="' in form for form in forms), page


def test_every_answer_has_its_headers(ann: Browser, nobody: Browser) -> None:
    """Prevents pages that name children from being kept, framed, or from running foreign script."""
    for browser, path in (
        (ann, f"/review/pairs/{PAIR}"),
        (ann, "/help"),
        (ann, "/no-such-page"),
        (nobody, "/sign-in"),
    ):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"


def test_a_page_of_the_site_runs_only_the_script_that_it_locks(
    home: Settings, ann: Browser
) -> None:
    """Prevents tables of the site that cannot be searched here, and any other script."""
    plain = ann.get("/quality/index.html").headers["content-security-policy"]
    assert "script-src" not in plain
    assert "default-src 'none'" in plain
    policy = "default-src &#39;none&#39;; script-src &#39;sha256-AbC=&#39;;"
    page = f'<meta http-equiv="Content-Security-Policy" content="{policy}"><h1>Locked</h1>'
    (home.quality / "site" / "locked.html").write_text(page, encoding="utf-8")
    locked = ann.get("/quality/locked.html").headers["content-security-policy"]
    assert locked == "default-src 'none'; script-src 'sha256-AbC='; frame-ancestors 'none'"


def test_a_document_runs_its_own_scripts_alone(home: Settings, ann: Browser) -> None:
    """Prevents documents that cannot be searched here, and a script that nobody built."""
    (home.quality / "docs").mkdir()
    page = "<script>var a = 1</script><script src='b.js'></script><h1>First hour</h1>"
    (home.quality / "docs" / "index.html").write_text(page, encoding="utf-8")
    (home.quality / "docs" / "b.js").write_text("var b = 2", encoding="utf-8")
    answer = ann.get("/documents/")
    assert "First hour" in answer.words
    digest = base64.b64encode(hashlib.sha256(b"var a = 1").digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"script-src 'self' 'sha256-{digest}'; frame-ancestors 'none'" in policy
    assert ann.get("/documents/b.js").text == "var b = 2"
    assert ann.get("/documents/..%2Fsite%2Findex.html").status == 404


def test_no_template_has_script_or_style_in_it() -> None:
    """Prevents what the policy of the pages would not run anyway, and what would need it looser."""
    folder = Path(interfaces.web.__file__).parent / "templates"
    templates = sorted(folder.glob("*.html"))
    assert len(templates) > 15
    wrong = {path.name for path in templates if INLINE.search(path.read_text(encoding="utf-8"))}
    assert wrong == set()


def test_drawings_have_no_style_that_the_policy_refuses(ann: Browser) -> None:
    """Prevents a picture that shows in a test and not in a browser."""
    page = ann.get(f"/review/pairs/{PAIR}").text
    assert page.count("<svg") > 2
    assert INLINE.search(page) is None


@pytest.mark.parametrize(("secret", "is_secure"), [("", False), ("p" * 40, True)])
def test_the_cookie_is_for_this_address_alone(home: Settings, secret: str, is_secure: bool) -> None:
    """Prevents a session that script reads, that other sites send, or that goes unencrypted."""
    app = create_app(replace(home, web=WebSettings(secret, "register.example", 8.0)))
    headers = {"X-Register-User": "ann", "X-Register-Proxy-Secret": secret} if secret else {}
    browser = Browser(app, headers, host="register.example")
    answer = browser.get("/purpose" if secret else "/sign-in")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert ("Secure" in cookie) == is_secure
    assert cookie.startswith("__Host-") == is_secure
    assert ("strict-transport-security" in answer.headers) == is_secure


def test_an_error_tells_nothing(
    open_as: Callable[..., Browser],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Prevents a name from reaching a page or a log by way of an error's text."""

    def fail(*_: object) -> None:
        raise ValueError("Zoe Sample, born 2010-02-03")

    monkeypatch.setattr("interfaces.web.review_views.draw_cluster", fail)
    answer = open_as("ann").get(f"/review/pairs/{PAIR}")
    assert (answer.status, "Something went wrong" in answer.words) == (500, True)
    assert "Zoe" not in answer.text + caplog.text
    assert "ValueError" in caplog.text
