"""The HTTPS API with which suppliers' systems deliver."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from interfaces.web import (
    add_token,
    create_app,
    find_accounts_fault,
    perform_landing,
    read_tokens,
    remove_token,
)
from register.access_record import read_record, verify_record
from register.data_keys import KeyRing, make_key
from register.feeds import land_everything, read_ledger, read_receipt
from register.settings import Settings
from register.storage_settings import InboxSettings, InboxUnreachableError
from register.upload_settings import UploadSettings
from register.variables import DeliveryLimits, WebSettings
from tests.feeds.deliveries import Home
from tests.free_ports import find_free_port
from tests.web.browsing import Browser
from tests.web.supplier_home import (
    API,
    FEED,
    FORCE,
    OTHER,
    PERIOD,
    ApiClient,
    SupplierHome,
    build_files,
    hash_inbox,
    make_supplier_home,
)

FILES = build_files()
DATA = FILES["reports.csv"]


def change_settings(suppliers: SupplierHome, **changes: object) -> SupplierHome:
    """The same home under other settings."""
    settings = replace(suppliers.settings, **changes)
    return replace(suppliers, settings=settings, app=create_app(settings))


def test_a_delivery_by_the_api_is_the_one_by_folder(
    suppliers: SupplierHome, tmp_path: Path
) -> None:
    """Prevents a delivery that depends on the way by which it came."""
    api = suppliers.open_api()
    upload_id = api.send_all(FILES)
    checked = json.loads(api.send("POST", f"/uploads/{upload_id}/check").text)
    assert (checked["outcome"], checked["lines"]) == ("accepted", [])
    answer = api.send("POST", f"/uploads/{upload_id}/confirm")
    assert answer.status == 202, answer.text
    delivery_id = api.wait(upload_id)["delivery_id"]
    by_folder = make_supplier_home(tmp_path / "by folder").settings
    Home(by_folder).put_files(FEED, FORCE, PERIOD, FILES)
    land_everything(by_folder)
    (expected,) = read_ledger(by_folder)
    (entry,) = read_ledger(suppliers.settings)
    assert delivery_id == entry.delivery_id == expected.delivery_id
    assert hash_inbox(suppliers.settings) == hash_inbox(by_folder)
    assert entry.landed_row_count == 5
    own = json.loads(api.send("GET", f"/deliveries/{delivery_id}").text)
    assert (own["state"], own["landed_row_count"]) == ("accepted", 5)
    receipt = api.send("GET", f"/deliveries/{delivery_id}/receipt")
    signature = api.send("GET", f"/deliveries/{delivery_id}/receipt/signature")
    signed = read_receipt(suppliers.settings, delivery_id)
    assert signed is not None
    assert (receipt.text, signature.text) == (signed.content.decode(), signed.signature.decode())
    assert json.loads(receipt.text)["files"][0]["sha256"] == hashlib.sha256(DATA).hexdigest()
    feedback = api.send("GET", f"/deliveries/{delivery_id}/feedback")
    assert feedback.text.startswith("delivery_id,rule_code")
    assert not list((suppliers.settings.web_folder / "uploads").glob("*/files"))
    acts = [(each["what"], each["who"], each["how"]) for each in read_record(suppliers.settings)]
    name = f"system-of-{FORCE}"
    assert ("started", name, "token") in acts
    assert ("confirmed", name, "token") in acts
    assert verify_record(suppliers.settings).faults == ()


def test_an_interrupted_file_goes_on_where_it_was(suppliers: SupplierHome) -> None:
    """Prevents an interruption from costing the whole file, and a gap in a file."""
    api = suppliers.open_api()
    upload = json.loads(api.start(FILES).text)
    place = f"/uploads/{upload['upload_id']}/files/1"
    assert api.send_part(upload["upload_id"], 1, 0, DATA[:40]).headers["upload-offset"] == "40"
    wrong = api.send_part(upload["upload_id"], 1, 90, DATA[90:])
    assert (wrong.status, wrong.headers["content-type"]) == (409, "application/problem+json")
    assert json.loads(wrong.text)["offset"] == 40
    assert wrong.headers["upload-offset"] == "40"
    early = api.send("POST", f"/uploads/{upload['upload_id']}/confirm")
    assert (early.status, "not complete" in early.text) == (409, True)
    head = api.send("HEAD", place)
    assert (head.status, head.headers["upload-offset"]) == (204, "40")
    assert head.headers["upload-length"] == str(len(DATA))
    assert api.send_part(upload["upload_id"], 1, 40, DATA[40:]).status == 204
    (file,) = json.loads(api.send("GET", f"/uploads/{upload['upload_id']}").text)["files"]
    assert (file["is_complete"], file["offset"]) == (True, len(DATA))


def test_a_file_with_another_hash_is_refused(suppliers: SupplierHome) -> None:
    """Prevents a file that changed on its way from being delivered."""
    api = suppliers.open_api()
    upload = json.loads(api.start(FILES, sha256="0" * 64).text)
    answer = api.send_part(upload["upload_id"], 1, 0, DATA)
    assert (answer.status, "SHA-256" in answer.text) == (422, True)
    assert (
        api.send("HEAD", f"/uploads/{upload['upload_id']}/files/1").headers["upload-offset"] == "0"
    )
    assert api.send("POST", f"/uploads/{upload['upload_id']}/confirm").status == 409


@pytest.mark.usefixtures("no_landing")
def test_a_stored_file_that_changed_is_not_delivered(suppliers: SupplierHome) -> None:
    """Prevents a file that was exchanged on the server from being delivered in a force's name."""
    api = suppliers.open_api()
    upload_id = api.send_all(FILES)
    path = suppliers.settings.web_folder / "uploads" / upload_id / "files" / "1"
    path.write_bytes(DATA[:-1] + b"?")
    answer = api.send("POST", f"/uploads/{upload_id}/confirm")
    assert (answer.status, "has changed" in answer.text) == (409, True)
    assert hash_inbox(suppliers.settings) == {}


def test_limits_are_met_on_both_sides(suppliers: SupplierHome) -> None:
    """Prevents an upload from filling the disk, and a limit that refuses what it allows."""
    size = len(DATA) / (1 << 20)
    exact = UploadSettings(file_megabytes=size)
    assert change_settings(suppliers, uploads=exact).open_api().start(FILES).status == 201
    less = UploadSettings(file_megabytes=(len(DATA) - 1) / (1 << 20))
    refused = change_settings(suppliers, uploads=less).open_api().start(FILES)
    assert (refused.status, "A file may have at most" in refused.text) == (413, True)
    small = DeliveryLimits(delivery_megabytes=(2 * len(DATA) - 1) / (1 << 20))
    two = {"a.csv": DATA, "b.csv": DATA}
    api = change_settings(suppliers, limits=small).open_api()
    assert (api.start(two).status, api.start(FILES).status) == (413, 201)
    few = change_settings(suppliers, limits=DeliveryLimits(archive_members=1)).open_api()
    assert (few.start(two).status, few.start(FILES).status) == (413, 201)
    upload_id = json.loads(few.start({"a.csv": b"ab"}).text)["upload_id"]
    longer = few.send_part(upload_id, 1, 0, b"abc")
    assert (longer.status, "larger than was declared" in longer.text) == (413, True)


def test_a_supplier_has_few_open_uploads(suppliers: SupplierHome) -> None:
    """Prevents one supplier from filling the disk with uploads that it never confirms."""
    limited = change_settings(suppliers, uploads=UploadSettings(open_uploads=2))
    api = limited.open_api()
    ids = [json.loads(api.start(FILES).text)["upload_id"] for _ in range(2)]
    assert api.start(FILES).status == 409
    assert limited.open_api(OTHER).start(FILES).status == 201
    assert api.send("DELETE", f"/uploads/{ids[0]}").status == 204
    assert api.start(FILES).status == 201
    assert api.send("GET", f"/uploads/{ids[0]}").status == 404


def test_an_upload_that_nobody_continues_is_removed(suppliers: SupplierHome) -> None:
    """Prevents children's records from lying about after a supplier gave up."""
    api = suppliers.open_api()
    old, young = (json.loads(api.start(FILES).text)["upload_id"] for _ in range(2))
    folder = suppliers.settings.web_folder / "uploads"
    for upload_id, hours in ((old, 49), (young, 47)):
        moment = datetime.now(UTC).timestamp() - hours * 3600
        for path in [*(folder / upload_id).rglob("*"), folder / upload_id]:
            os.utime(path, (moment, moment))
    assert api.send("GET", f"/uploads/{old}").status == 404
    assert api.send("GET", f"/uploads/{young}").status == 200
    api.start(FILES)
    assert not (folder / old).exists()
    assert (folder / young).exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"period": "2199-01"}, "has not begun"),
        ({"period": "2024-Q1"}, "no period of the feed"),
        ({"feed": "authority_return", "period": "2023-24"}, "does not deliver this feed"),
        ({"feed": "gossip"}, "no such feed"),
    ],
)
def test_only_what_a_supplier_delivers_can_be_started(
    suppliers: SupplierHome, changes: dict[str, str], says: str
) -> None:
    """Prevents a delivery that landing would reject for its place alone."""
    order = {"feed": FEED, "period": PERIOD, **changes}
    file = {"path": "a.csv", "size": 1, "sha256": "0" * 64}
    answer = suppliers.open_api().send("POST", "/uploads", {**order, "files": [file]})
    assert (answer.status, says in answer.text) == (422, True), answer.text


@pytest.mark.parametrize(
    "path",
    [
        *("../a.csv", "a/../../b.csv", "/etc/passwd", "a//b.csv", ".hidden", "~$lock.xlsx"),
        *("a.csv.part", "a\x00.csv", "a\\b.csv", " ", "a/b/c/d/e/f.csv", "x" * 201),
    ],
)
def test_a_name_that_no_load_reads_is_refused(suppliers: SupplierHome, path: str) -> None:
    """Prevents a file outside its delivery, and one that is lost without a word."""
    answer = suppliers.open_api().start({path: b"a"})
    assert answer.status == 422
    assert "name" in answer.text or "hidden" in answer.text
    assert "passwd" not in answer.text


def test_names_that_a_load_reads_are_accepted(suppliers: SupplierHome) -> None:
    """Prevents a refusal of what suppliers deliver by folder."""
    names = {"a/b/c/d/e.csv": b"a", "x" * 196 + ".csv": b"b", "Größe 1.csv": b"c"}
    assert suppliers.open_api().start(names).status == 201


@pytest.mark.parametrize(("code", "status"), [("0", 204), ("1", 422)])
def test_a_scan_refuses_a_file(
    suppliers: SupplierHome, tmp_path: Path, code: str, status: int
) -> None:
    """Prevents a file with a virus from reaching the inbox, and secrets from reaching the scan."""
    seen = tmp_path / "seen"
    script = tmp_path / "scan"
    script.write_text(f'#!/bin/sh\ncp "$1" {seen}\nenv > {seen}.env\nexit {code}\n')
    script.chmod(0o700)
    scanned = change_settings(suppliers, uploads=UploadSettings(scan_command=str(script)))
    api = scanned.open_api()
    upload_id = json.loads(api.start(FILES).text)["upload_id"]
    answer = api.send_part(upload_id, 1, 0, DATA)
    assert (answer.status, seen.read_bytes()) == (status, DATA)
    assert "REGISTER_" not in Path(f"{seen}.env").read_text(encoding="utf-8")
    if status == 422:
        assert "virus scan refused" in answer.text
        assert api.send("POST", f"/uploads/{upload_id}/confirm").status == 409


def test_a_scan_that_does_not_run_refuses_too(suppliers: SupplierHome) -> None:
    """Prevents files from passing unseen because the scanner is missing."""
    lost = change_settings(suppliers, uploads=UploadSettings(scan_command="/nowhere/scan"))
    upload_id = json.loads(lost.open_api().start(FILES).text)["upload_id"]
    answer = lost.open_api().send_part(upload_id, 1, 0, DATA)
    assert (answer.status, "did not answer" in answer.text) == (422, True)


def test_another_suppliers_upload_answers_like_none(suppliers: SupplierHome) -> None:
    """Prevents a supplier from finding out what another one sends, or from changing it."""
    own, other = suppliers.open_api(), suppliers.open_api(OTHER)
    upload_id = own.send_all(FILES)
    absent = "A" * 32
    for method, path in (
        ("GET", "/uploads/{}"),
        ("DELETE", "/uploads/{}"),
        ("HEAD", "/uploads/{}/files/1"),
        ("PATCH", "/uploads/{}/files/1"),
        ("POST", "/uploads/{}/check"),
        ("POST", "/uploads/{}/confirm"),
    ):
        foreign, unknown, strange = (
            other.send(method, path.format(name), b"x", **{"upload-offset": "0"})
            for name in (upload_id, absent, "..")
        )
        assert foreign.status == 404, path
        assert (foreign.status, foreign.text) == (unknown.status, unknown.text), path
        assert strange.status == 404
    assert json.loads(other.send("GET", "/uploads").text) == []
    assert len(json.loads(own.send("GET", "/uploads").text)) == 1
    assert own.send("GET", f"/uploads/{upload_id}").status == 200


def test_another_suppliers_deliveries_answer_like_none(suppliers: SupplierHome) -> None:
    """Prevents a supplier from seeing or guessing what another one delivered."""
    settings = suppliers.settings
    Home(settings).put_files(FEED, FORCE, PERIOD, FILES)
    land_everything(settings)
    (entry,) = read_ledger(settings)
    message = settings.outbox / FORCE / "late.txt"
    message.parent.mkdir(exist_ok=True)
    message.write_bytes(b"Your delivery is late")
    own, other = suppliers.open_api(), suppliers.open_api(OTHER)
    for path, absent in (
        (f"/deliveries/{entry.delivery_id}", "/deliveries/police_reports-E23000001-2024-05-0"),
        (f"/deliveries/{entry.delivery_id}/feedback", "/deliveries/x/feedback"),
        (f"/deliveries/{entry.delivery_id}/receipt", "/deliveries/x/receipt"),
        (f"/deliveries/{entry.delivery_id}/receipt/signature", "/deliveries/x/receipt/signature"),
        ("/messages/late.txt", "/messages/none.txt"),
    ):
        assert own.send("GET", path).status == 200
        foreign, unknown = other.send("GET", path), other.send("GET", absent)
        assert (foreign.status, foreign.text) == (404, unknown.text)
    assert json.loads(other.send("GET", "/deliveries").text) == []
    assert json.loads(other.send("GET", "/messages").text) == []
    periods = json.loads(other.send("GET", "/periods").text)
    assert {each["supplier_code"] for each in periods} == {OTHER}
    assert not any(each["is_delivered"] for each in periods)
    assert any(each["is_delivered"] for each in json.loads(own.send("GET", "/periods").text)) == (
        PERIOD in {each["period"] for each in json.loads(own.send("GET", "/periods").text)}
    )


def test_no_route_answers_without_a_token(suppliers: SupplierHome) -> None:
    """Prevents a new route that anybody may use, and an account that opens the API."""
    described = json.loads(Browser(suppliers.app).get(f"{API}/openapi.json").text)
    assert len(described["paths"]) >= 10
    staff = suppliers.open_as("ann")
    supplier = suppliers.open_as(FORCE)
    for path, methods in described["paths"].items():
        filled = path.format(upload_id="A" * 32, number="1", delivery_id="D", name="x")
        for method in methods:
            for browser in (Browser(suppliers.app), staff, supplier):
                for token in ("", "rmc_guess", suppliers.tokens[FORCE][:-1]):
                    client = ApiClient(browser, token)
                    answer = client.send(method.upper(), filled, b"{}")
                    assert answer.status == 401, (method, path)
                    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_is_no_account(suppliers: SupplierHome) -> None:
    """Prevents a token of a system from opening pages."""
    browser = Browser(suppliers.app, {"authorization": f"Bearer {suppliers.tokens[FORCE]}"})
    for path in ("/", "/deliver", "/delivered"):
        assert browser.once("GET", path, b"", {}).status == 303, path


def test_a_token_is_stored_as_a_hash_and_ends(suppliers: SupplierHome) -> None:
    """Prevents tokens that somebody reads in the home, and tokens that never end."""
    settings = suppliers.settings
    path = settings.web_folder / "tokens.json"
    text = path.read_text(encoding="utf-8")
    assert not any(token in text or token[4:] in text for token in suppliers.tokens.values())
    assert hashlib.sha256(suppliers.tokens[FORCE].encode()).hexdigest() in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    today = datetime.now(UTC).date()
    for name, last_day, status in (
        ("ends-today", today, 200),
        ("ended", today - timedelta(days=1), 401),
    ):
        client = replace(suppliers.open_api(), token=add_token(settings, name, FORCE, last_day))
        assert client.send("GET", "/uploads").status == status
    assert read_tokens(settings)["ends-today"].last_used_on == today.isoformat()
    assert read_tokens(settings)["ended"].last_used_on == ""
    remove_token(settings, f"system-of-{FORCE}")
    assert suppliers.open_api().send("GET", "/uploads").status == 401
    assert find_accounts_fault(settings) is None
    changed = json.loads(path.read_text(encoding="utf-8"))
    changed[f"system-of-{OTHER}"]["supplier_code"] = FORCE
    path.write_text(json.dumps(changed), encoding="utf-8")
    assert str(find_accounts_fault(settings)).startswith("tokens.json: it was changed")
    path.unlink()
    assert "tokens.json is missing" in str(find_accounts_fault(settings))


def test_the_api_is_limited_and_refuses_as_a_problem(suppliers: SupplierHome) -> None:
    """Prevents tokens from being guessed quickly, and pages where a program reads problems."""
    limited = change_settings(suppliers, web=WebSettings(requests_per_minute=3)).open_api()
    answers = [limited.send("GET", "/uploads") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["content-type"] == "application/problem+json"
    api = suppliers.open_api()
    for answer, status in (
        (api.send("GET", "/nothing"), 404),
        (api.send("PUT", "/uploads"), 405),
        (api.send("POST", "/uploads", b"{"), 422),
        (api.start(FILES, sha256="secret-value"), 422),
    ):
        assert answer.status == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert "secret-value" not in answer.text


def test_behind_the_proxy_the_api_needs_its_secret(suppliers: SupplierHome) -> None:
    """Prevents a program on the machine from passing the proxy by."""
    secret = "k3-Zp9vQ7sR1tU5wX8yB2dF4gH6jK0mN-aCeL"
    proxied = change_settings(suppliers, web=WebSettings(secret, "register.example"))
    for headers, status in (({"X-Register-Proxy-Secret": secret}, 200), ({}, 401)):
        browser = Browser(proxied.app, headers, "https", "register.example")
        assert ApiClient(browser, proxied.tokens[FORCE]).send("GET", "/uploads").status == status


def test_an_encrypted_home_hides_the_names_of_files(
    suppliers: SupplierHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the name of a child, in the name of a file, from lying in an encrypted home."""
    ring = KeyRing((make_key(),))
    monkeypatch.setenv("REGISTER_DATA_KEYS", ring.to_text())
    settings = replace(suppliers.settings, home=suppliers.settings.home / "encrypted")
    encrypted: Settings = replace(settings, data_keys=ring)
    token = add_token(encrypted, "sys", FORCE, date(2999, 1, 1))
    client = ApiClient(Browser(create_app(encrypted)), token)
    upload_id = client.send_all({"Wilhelmina Testperson.csv": DATA})
    for path in (encrypted.web_folder / "uploads" / upload_id).rglob("*.json"):
        assert path.read_bytes().startswith(b"register encrypted file")
    assert client.send("GET", f"/uploads/{upload_id}").status == 200


def test_the_reference_is_a_page_of_our_own(suppliers: SupplierHome) -> None:
    """Prevents a description that needs another site, or that lacks a route."""
    page = Browser(suppliers.app).get(f"{API}/reference")
    assert page.status == 200
    assert "http:" not in page.text and "https:" not in page.text
    assert "<script" not in page.text
    described = json.loads(Browser(suppliers.app).get(f"{API}/openapi.json").text)
    assert all(f"{API}{path}" in page.words for path in described["paths"])


@pytest.mark.usefixtures("no_landing")
def test_a_delivery_is_confirmed_once_the_inbox_answers(
    suppliers: SupplierHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a page without a word of what to do, and files that have to be sent again."""
    monkeypatch.setattr("register.feeds.remote_inbox.PAUSES", ())
    place, secret = f"sftp://register@127.0.0.1:{find_free_port()}/in", "an invented secret"
    storage = InboxSettings(place, {"password": secret})
    cut_off = change_settings(suppliers, inbox_settings=storage).open_api()
    upload_id = cut_off.send_all(FILES)
    refused = cut_off.send("POST", f"/uploads/{upload_id}/confirm")
    assert refused.status == 503
    assert "confirm again" in refused.text
    assert secret not in refused.text
    confirmed = suppliers.open_api().send("POST", f"/uploads/{upload_id}/confirm")
    assert confirmed.status == 202


@pytest.mark.usefixtures("no_landing")
def test_an_inbox_that_does_not_answer_keeps_no_upload_from_landing(
    suppliers: SupplierHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a short fault of the network from ending the process that lands uploads."""
    for code in (FORCE, OTHER):
        api = suppliers.open_api(code)
        assert api.send("POST", f"/uploads/{api.send_all(FILES)}/confirm").status == 202
    faults = [InboxUnreachableError("the inbox does not answer")]

    def land_after_fault(settings: Settings, only: str) -> object:
        if faults:
            raise faults.pop()
        return land_everything(settings, only=only)

    monkeypatch.setattr("interfaces.web.upload_landing.land_everything", land_after_fault)
    perform_landing(suppliers.settings)
    assert sorted(e.supplier_code for e in read_ledger(suppliers.settings)) == [FORCE, OTHER]
