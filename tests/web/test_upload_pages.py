"""The pages on which people of suppliers deliver, without scripts."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from interfaces.web import add_account, create_app, read_accounts
from register.access_grants import decide_grant
from register.access_record import read_record
from register.feeds import Receipt, land_everything, read_ledger, read_receipt
from tests.feeds.deliveries import Home
from tests.web.browsing import Answer, Browser
from tests.web.conftest import PASSWORD
from tests.web.places import paths_of
from tests.web.supplier_home import (
    FEED,
    FORCE,
    OTHER,
    PERIOD,
    SECONDS,
    SupplierHome,
    build_files,
    hash_inbox,
    make_supplier_home,
)

FILES = build_files()
DATA = FILES["reports.csv"]
CHOICE = f"{FORCE}|{FEED}|{PERIOD}"
# The pages that a person of a supplier may open. `ALL` are open to everybody.
OWN_PAGES = {
    "/",
    "/deliver",
    "/deliver/{upload_id}",
    "/deliver.js",
    "/delivered",
    "/delivered/{delivery_id}",
    "/delivered/{delivery_id}/feedback.csv",
    "/delivered/{delivery_id}/receipt.json",
    "/delivered/{delivery_id}/receipt.json.jws",
    "/messages/{file_name}",
}
ALL = {"/sign-in", "/deliver.js"}
PROVIDER = {"/sign-in/oidc", "/sign-in/callback"}


def send_form(
    browser: Browser, path: str, token: str, files: Mapping[str, bytes], **headers: str
) -> Answer:
    """Send files as a browser sends a form without scripts; the field says file or folder."""
    parts = [b'Content-Disposition: form-data; name="form_token"\r\n\r\n' + token.encode()]
    for name, data in files.items():
        kind = "folder" if "/" in name else "files"
        head = f'Content-Disposition: form-data; name="{kind}"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + data)
    body = b"".join(b"--line\r\n" + part + b"\r\n" for part in parts) + b"--line--\r\n"
    kind = "multipart/form-data; boundary=line"
    return browser.once("POST", path, body, {"content-type": kind, **headers})


def start(browser: Browser) -> str:
    """Start an upload on the page; the path of its page."""
    page = browser.submit(browser.get("/deliver"), "/deliver", choice=CHOICE)
    assert (page.status, page.path[:9]) == (200, "/deliver/"), page.words
    return page.path


def find_token(page: Answer) -> str:
    """The form token of a page."""
    match = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert match
    return match[1]


def test_a_delivery_by_the_page_is_the_one_by_folder(
    suppliers: SupplierHome, tmp_path: Path
) -> None:
    """Prevents a page that delivers anything but the files that were chosen."""
    browser = suppliers.open_as(FORCE)
    place = start(browser)
    page = browser.get(place)
    assert "No file has arrived yet" in page.words
    assert "Check the files" not in page.words
    sent = send_form(browser, f"{place}/files", find_token(page), FILES)
    assert (sent.status, sent.headers["location"]) == (303, place)
    page = browser.get(place)
    assert "complete" in page.words
    assert "Confirm and deliver" not in page.words, "it is not checked"
    page = browser.submit(page, f"{place}/check")
    assert "This delivery would be accepted" in page.words
    page = browser.submit(page, f"{place}/confirm")
    until = time.monotonic() + SECONDS
    while not page.path.startswith("/delivered/") and time.monotonic() < until:
        assert "has arrived" in page.words
        time.sleep(0.3)
        page = browser.get(place)
    assert "Accepted" in page.words
    assert hashlib.sha256(DATA).hexdigest() in page.text
    by_folder = make_supplier_home(tmp_path / "by folder").settings
    Home(by_folder).put_files(FEED, FORCE, PERIOD, FILES)
    land_everything(by_folder)
    (entry,) = read_ledger(suppliers.settings)
    (expected,) = read_ledger(by_folder)
    assert entry.delivery_id == expected.delivery_id
    assert hash_inbox(suppliers.settings) == hash_inbox(by_folder)
    receipt = read_receipt(by_folder, entry.delivery_id)
    assert receipt is not None
    same = {"received_at"}
    expected_receipt = receipt.parse().model_dump(exclude=same)
    own_receipt = browser.get(f"/delivered/{entry.delivery_id}/receipt.json").text
    assert Receipt.model_validate_json(own_receipt).model_dump(exclude=same) == expected_receipt
    assert entry.delivery_id in browser.get("/delivered").words


def test_a_folder_and_a_corrected_file_are_sent(suppliers: SupplierHome) -> None:
    """Prevents the name of a folder on somebody's desk from being a part of the delivery."""
    browser = suppliers.open_as(FORCE)
    place = start(browser)
    token = find_token(browser.get(place))
    send_form(browser, f"{place}/files", token, {"desk/a.csv": b"a", "desk/in/b.csv": b"b"})
    send_form(browser, f"{place}/files", token, {"a.csv": b"corrected"})
    (upload,) = json.loads(suppliers.open_api().send("GET", "/uploads").text)
    assert {file["path"]: file["size"] for file in upload["files"]} == {"a.csv": 9, "in/b.csv": 1}
    files = suppliers.settings.web_folder / "uploads" / upload["upload_id"] / "files"
    assert len(list(files.iterdir())) == 2, "the earlier file is removed"
    page = browser.get(place)
    number = next(file["number"] for file in upload["files"] if file["path"] == "in/b.csv")
    page = browser.submit(page, f"{place}/files/{number}/remove")
    assert "in/b.csv" not in page.words
    assert browser.submit(page, f"{place}/give-up").path == "/deliver"
    assert browser.get(place).status == 404
    assert not files.exists()


def test_faults_are_shown_at_once_and_a_rejected_delivery_is_not_confirmed(
    suppliers: SupplierHome,
) -> None:
    """Prevents a supplier from learning after days that nothing of its delivery can be read."""
    browser = suppliers.open_as(FORCE)
    place = start(browser)
    token = find_token(browser.get(place))
    send_form(browser, f"{place}/files", token, {"reports.csv": b"nothing,of,the,kind\n1,2,3,4\n"})
    page = browser.submit(browser.get(place), f"{place}/check")
    assert "This delivery would be rejected" in page.words
    assert "Confirm and deliver" not in page.words
    confirmed = browser.post(f"{place}/confirm", {"form_token": token})
    assert (confirmed.status, "Check the files first" in confirmed.words) == (409, True)
    send_form(browser, f"{place}/files", token, FILES)
    assert "would be rejected" not in browser.get(place).words, "the result was of other files"
    assert browser.post(f"{place}/confirm", {"form_token": token}).status == 409
    assert hash_inbox(suppliers.settings) == {}


def test_files_need_the_token_and_the_origin_of_their_page(suppliers: SupplierHome) -> None:
    """Prevents another site from delivering in a supplier's name, and files that it leaves here."""
    browser = suppliers.open_as(FORCE)
    place = start(browser)
    token = find_token(browser.get(place))
    other = find_token(suppliers.open_as(OTHER).get("/deliver"))
    for wrong, headers in (
        ("", {}),
        (other, {}),
        (token, {"origin": "https://evil.example"}),
        (token, {"sec-fetch-site": "cross-site"}),
    ):
        answer = send_form(browser, f"{place}/files", wrong, FILES, **headers)
        assert answer.status == 403
        part = {"x-form-token": wrong, "upload-offset": "0", **headers}
        assert browser.once("POST", f"{place}/files/1/part", b"x", part).status == 403
    folder = suppliers.settings.web_folder / "uploads" / place.rpartition("/")[2]
    visible = {path.name for path in folder.glob("[!.]*")}
    assert visible == {"files", "upload.json"}
    assert list((folder / "files").iterdir()) == []


def test_a_form_that_is_too_large_is_not_stored(
    suppliers: SupplierHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a form from filling the disk before anybody looks at its size."""
    browser = suppliers.open_as(FORCE)
    place = start(browser)
    token = find_token(browser.get(place))
    monkeypatch.setattr("interfaces.web.form_files.FORM_BYTES", -(256 << 20) + len(DATA))
    for headers in ({}, {"content-length": "999999999"}):
        answer = send_form(browser, f"{place}/files", token, FILES, **headers)
        assert (answer.status, "may have at most" in answer.words) == (413, True)
    folder = suppliers.settings.web_folder / "uploads" / place.rpartition("/")[2]
    assert not list(folder.glob("received-*"))


def test_every_other_page_refuses_people_of_suppliers(suppliers: SupplierHome) -> None:
    """Prevents an account of a supplier from opening a page of staff, even with a grant."""
    decide_grant(suppliers.settings, "grant", FORCE, "all", "identity", by="A", reason="By mistake")
    browser = suppliers.open_as(FORCE)
    for route, path in paths_of("GET").items():
        answer = browser.once("GET", path, b"", {})
        if route in OWN_PAGES | PROVIDER | ALL:
            assert answer.status in {200, 303, 404}, route
        else:
            assert (answer.status, "people who work with the register" in answer.words) == (
                403,
                True,
            ), route
    token = find_token(browser.get("/deliver"))
    for route, path in paths_of("POST").items():
        if not route.startswith(("/deliver/", "/sign")) and route != "/deliver":
            assert browser.post(path, {"form_token": token}).status == 403, route
    menu = browser.get("/deliver").text
    assert re.findall(r'<li><a href="([^"]+)"', menu.split("</nav>")[0]) == [
        "/deliver",
        "/delivered",
    ]
    refusals = [each for each in read_record(suppliers.settings) if each["kind"] == "refusal"]
    assert {each["who"] for each in refusals} == {FORCE}


@pytest.mark.parametrize("name", ["ann", "rita", ""])
def test_pages_of_suppliers_refuse_everybody_else(suppliers: SupplierHome, name: str) -> None:
    """Prevents staff from delivering in a supplier's name, and anybody without an account."""
    browser = suppliers.open_as(name) if name else Browser(suppliers.app)
    for route in OWN_PAGES - ALL - {"/"}:
        path = paths_of("GET")[route]
        answer = browser.once("GET", path, b"", {})
        assert answer.status == (403 if name else 303), route
    if name:
        token = find_token(browser.get("/purpose" if name == "ann" else "/rows"))
        for route, path in paths_of("POST").items():
            if route.startswith("/deliver/") or route == "/deliver":
                headers = {"x-form-token": token, "upload-offset": "0"}
                answer = browser.post(path, {"form_token": token}, **headers)
                assert answer.status == 403, route
                # No other form takes a file, so these are refused before their fields are read.
                assert send_form(browser, path, token, FILES).status in {400, 403}


def test_what_is_anothers_answers_like_nothing(suppliers: SupplierHome) -> None:
    """Prevents a person of one supplier from seeing or guessing anything of another."""
    settings = suppliers.settings
    Home(settings).put_files(FEED, FORCE, PERIOD, FILES)
    land_everything(settings)
    (entry,) = read_ledger(settings)
    (settings.outbox / FORCE).mkdir(exist_ok=True)
    (settings.outbox / FORCE / "note.csv").write_bytes(b"line")
    own, other = suppliers.open_as(FORCE), suppliers.open_as(OTHER)
    place = start(own)
    absent = "A" * 32
    token = find_token(other.get("/deliver"))
    for path, unknown in (
        (place, f"/deliver/{absent}"),
        (f"/delivered/{entry.delivery_id}", "/delivered/D"),
        (f"/delivered/{entry.delivery_id}/feedback.csv", "/delivered/D/feedback.csv"),
        (f"/delivered/{entry.delivery_id}/receipt.json", "/delivered/D/receipt.json"),
        (f"/delivered/{entry.delivery_id}/receipt.json.jws", "/delivered/D/receipt.json.jws"),
        ("/messages/note.csv", "/messages/none.csv"),
    ):
        assert own.get(path).status == 200, path
        foreign, none = other.get(path), other.get(unknown)
        assert (foreign.status, foreign.text) == (404, none.text), path
    for step in ("check", "confirm", "give-up", "declare", "files/1/remove", "files/1/part"):
        headers = {"x-form-token": token, "upload-offset": "0"}
        answers = [
            other.post(f"{each}/{step}", {"form_token": token, "size": "1", "path": "a"}, **headers)
            for each in (place, f"/deliver/{absent}")
        ]
        assert answers[0].status == 404, step
        assert answers[0].text == answers[1].text, step
    assert send_form(other, f"{place}/files", token, FILES).status == 404
    for page in ("/deliver", "/delivered"):
        text = other.get(page).text
        assert FORCE not in text
        assert entry.delivery_id not in text
    foreign_choice = {"form_token": token, "choice": CHOICE}
    assert other.post("/deliver", foreign_choice).status == 422
    assert own.get(place).status == 200


def test_what_is_due_comes_first(suppliers: SupplierHome) -> None:
    """Prevents a supplier from having to look for the period that it owes."""
    page = suppliers.open_as(FORCE).get("/deliver")
    assert "What is due" in page.words
    assert re.search(r"late by [\d,]+ days?", page.words)
    options = re.findall(r"<option[^>]*>([^<]+)<", page.text)
    marks = ["(" in option for option in options]
    assert marks == sorted(marks, reverse=True)
    assert any(marks)
    assert not all(marks)


def test_people_of_suppliers_sign_in_with_a_password(suppliers: SupplierHome) -> None:
    """Prevents accounts of suppliers that only a proxy could sign in, and several suppliers."""
    add_account(suppliers.settings, "sam", "supplier", PASSWORD, [FORCE, OTHER])
    browser = Browser(create_app(suppliers.settings))
    browser.sign_in("sam", PASSWORD, purpose="")
    page = browser.get("/")
    assert page.path == "/deliver"
    assert {code for code in (FORCE, OTHER) if f'value="{code}|' in page.text} == {FORCE, OTHER}
    assert browser.submit(page, "/sign-out").path == "/sign-in"


def test_only_pages_with_the_script_may_run_it(suppliers: SupplierHome) -> None:
    """Prevents a script on any other page, and any other script on these."""
    browser = suppliers.open_as(FORCE)
    place = start(browser)
    policy = browser.get(place).headers["content-security-policy"]
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    for path in ("/deliver", "/delivered", "/nothing"):
        assert "script-src" not in browser.get(path).headers["content-security-policy"]
    assert browser.get("/deliver.js").headers["content-type"].startswith("text/javascript")


def test_accounts_and_tokens_of_suppliers_are_managed_from_the_terminal(
    suppliers: SupplierHome,
) -> None:
    """Prevents an operator who cannot say who delivers for whom, or end it."""

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(commands, ["web", *words])
        assert result.exit_code == code, result.output
        return result.output

    role = ("--proxied", "--role")
    run("account", "add", "tim", *role, "supplier", "--supplier", FORCE, "--supplier", OTHER)
    assert read_accounts(suppliers.settings)["tim"].supplier_codes == (FORCE, OTHER)
    assert FORCE in run("account", "list")
    assert "codes of suppliers" in run("account", "add", "tom", *role, "supplier", code=3)
    assert "codes of suppliers" in run(
        "account", "add", "tom", *role, "staff", "--supplier", FORCE, code=3
    )
    unknown = run("account", "add", "tom", *role, "supplier", "--supplier", "000", code=3)
    assert "no supplier has the code 000" in unknown
    run("account", "remove", "tim")
    token = run("token", "add", "case-system", "--supplier", FORCE, "--expires", "2999-12-31")
    text = next(word for word in token.split() if word.startswith("rmc_"))
    client = replace(suppliers.open_api(), token=text)
    assert client.send("GET", "/uploads").status == 200
    listed = run("token", "list", "--json")
    assert "2999-12-31" in listed
    assert "hash" not in listed
    assert text not in listed + run("token", "list")
    assert "there is a token" in run("token", "add", "case-system", "--supplier", FORCE, code=3)
    run("token", "remove", "case-system")
    assert client.send("GET", "/uploads").status == 401
    assert "there is no token" in run("token", "remove", "case-system", code=3)
    acts = [each["what"] for each in read_record(suppliers.settings)]
    assert acts[-5:].count("token_added") == 1
    assert "token_removed" in acts
