"""Receipts: one for each delivery, signed, the same whenever written, and about no child."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from register.data_keys import KeyRing, make_key
from register.encrypted_kinds import find_plain_files
from register.feeds import (
    ReceiptError,
    ReceiptKeyError,
    SignedReceipt,
    count_unsent,
    decide_delivery,
    find_changed_receipts,
    find_missing_receipts,
    land_everything,
    landing,
    list_public_keys,
    messages,
    read_ledger,
    read_receipt,
    send_message,
    verify_receipt,
)
from register.feeds.inbox_storage import DeliveryNameError, LocalInbox
from register.feeds.ledger import read_entry
from register.feeds.receipts import build_receipt_schema
from register.home import prepare_home
from register.private_files import MARK
from register.settings import PROJECT_ROOT
from tests.feeds.deliveries import (
    COMPACT,
    MONTH,
    NOW,
    QUARTER,
    Home,
    extract_files,
    police_csv,
    report,
)

REPORTS = [report(n, sex="F", category="Missing") for n in range(1, 6)]
GOOD = police_csv("compact", REPORTS)


def _receipt(home: Home, delivery_id: str) -> SignedReceipt:
    receipt = read_receipt(home.settings, delivery_id)
    assert receipt is not None
    return receipt


def _land(home: Home, data: bytes = GOOD, period: str = MONTH) -> dict[str, Any]:
    home.put_reports(data, period=period)
    (delivery,) = home.load().landed
    content: dict[str, Any] = json.loads(_receipt(home, delivery.delivery_id).content)
    return content


def _sent(home: Home) -> dict[str, bytes]:
    """The messages beside the force's deliveries."""
    folder = home.settings.inbox / "police_reports" / COMPACT / "from_register"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}


def _written(home: Home) -> dict[str, bytes]:
    """The receipts of the outbox."""
    return {path.name: path.read_bytes() for path in home.settings.outbox.glob("*/receipts/*")}


def _make_key(kind: str = "private") -> str:
    """The middle line of a key file of OpenSSL."""
    key = Ed25519PrivateKey.generate()
    if kind == "public":
        return base64.b64encode(
            key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        ).decode()
    return base64.b64encode(
        key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    ).decode()


def test_an_accepted_delivery_has_a_receipt(home: Home) -> None:
    """Prevents a supplier from being unable to tell an accepted delivery from a lost one."""
    receipt = _land(home)
    assert list(receipt)[:3] == ["receipt_version", "delivery_id", "feed"]
    assert (receipt["outcome"], receipt["supplier_code"]) == ("accepted", COMPACT)
    assert receipt["supplier_name"] not in {"", COMPACT}
    (file,) = receipt["files"]
    assert (file["name"], file["bytes"]) == ("reports.csv", len(GOOD))
    assert file["sha256"] == hashlib.sha256(GOOD).hexdigest()
    counts = {"received": 5, "landed": 5, "held": 0, "quarantined": 0, "erased": 0}
    assert receipt["records"] == counts
    assert receipt["tables"] == [{**counts, "table": "reports"}]
    assert (receipt["reasons"], receipt["manifest"]) == ([], None)
    assert "nothing to do" in receipt["next_step"]


def test_a_delivery_with_quarantine_is_told_which_rules_it_broke(home: Home) -> None:
    """Prevents a receipt from saying that all records landed."""
    receipt = _land(home, GOOD + b"a,b\r\nc,d\r\n" + GOOD.split(b"\r\n", 1)[1] * 9)
    assert receipt["outcome"] == "accepted with quarantine"
    assert (receipt["records"]["quarantined"], receipt["records"]["landed"]) == (2, 50)
    reasons = {each["rule_code"]: each for each in receipt["reasons"]}
    assert reasons["wrong_field_count"]["count"] == 2
    assert reasons["wrong_field_count"]["what_to_do"]
    assert receipt["reasons"][0]["outcome"] == "quarantined"
    assert receipt["feedback"]["lines"] == sum(each["count"] for each in receipt["reasons"])


def test_a_held_delivery_counts_its_records_as_held(home: Home) -> None:
    """Prevents a supplier from believing that held records are in the register."""
    receipt = _land(home, police_csv("compact", [{**row, "dob": "any"} for row in REPORTS]))
    assert receipt["outcome"] == "held"
    assert (receipt["records"]["landed"], receipt["records"]["held"]) == (0, 5)
    assert receipt["reasons"][0]["outcome"] == "held"
    assert "a person decides" in receipt["next_step"]


def test_a_rejected_delivery_has_a_receipt(home: Home) -> None:
    """Prevents a rejected delivery from being answered by silence."""
    receipt = _land(home, b"")
    assert receipt["outcome"] == "rejected"
    assert receipt["reasons"][0]["rule_code"] == "empty_file"
    assert "send the whole delivery again" in receipt["next_step"]


def test_a_delivery_that_cannot_be_read_has_a_receipt_without_hashes(home: Home) -> None:
    """Prevents a link in place of a file from ending the load."""
    folder = home.put_reports(GOOD)
    (folder / "reports.csv").unlink()
    (folder / "reports.csv").symlink_to("/etc/hostname")
    receipt = json.loads(_receipt(home, home.land_one().delivery_id).content)
    assert receipt["outcome"] == "rejected"
    assert [file["sha256"] for file in receipt["files"]] == [None]


def test_a_manifest_is_in_the_receipt(home: Home) -> None:
    """Prevents a supplier from not hearing whether its totals were compared."""
    for rows, result, differences in ((5, "agrees", 0), (6, "differs", 1)):
        manifest = json.dumps({"resources": [{"path": "reports.csv", "rows": rows}]}).encode()
        files = {"reports.csv": GOOD, "manifest.json": manifest}
        home.put_files("police_reports", COMPACT, MONTH, files)
        (delivery,) = home.load().landed
        receipt = json.loads(_receipt(home, delivery.delivery_id).content)
        assert receipt["manifest"] == {"result": result, "differences": differences}


def test_a_receipt_follows_the_schema_in_the_package(home: Home) -> None:
    """Prevents a vendor from reading receipts by a schema that they do not follow."""
    schema = (PROJECT_ROOT / "register" / "feeds" / "receipt.schema.json").read_bytes()
    assert schema == build_receipt_schema()
    Draft202012Validator(json.loads(schema)).validate(_land(home))


def test_a_receipt_goes_to_the_outbox_and_beside_the_deliveries(home: Home) -> None:
    """Prevents a supplier from having to ask for its receipt, and a scan from reading it."""
    name = _land(home)["delivery_id"]
    assert set(_sent(home)) == {f"{name}.json", f"{name}.json.jws"}
    assert _sent(home) == _written(home)
    assert (home.settings.outbox / COMPACT / "receipts" / f"{name}.json").stat().st_mode & 0o77 == 0
    assert (home.load().landed, count_unsent(home.settings)) == ((), 0)


def test_a_receipt_has_the_same_bytes_whenever_it_is_written(home: Home) -> None:
    """Prevents two receipts of one delivery that contradict each other."""
    home.put_reports(GOOD)
    home.put_files("authority_extract", "301", QUARTER, extract_files())
    home.load()
    first = _written(home)
    shutil.rmtree(home.settings.outbox)
    home.load()
    assert _written(home) == first
    shutil.rmtree(home.settings.outbox)
    shutil.rmtree(home.settings.landing)
    home.load()
    assert _written(home) == first


def test_a_receipt_stays_as_it_was_on_receipt(home: Home) -> None:
    """Prevents a later decision from changing what a supplier was told."""
    receipt = _land(home, police_csv("compact", [{**row, "dob": "any"} for row in REPORTS]))
    first = _written(home)
    decide_delivery(home.settings, receipt["delivery_id"], "confirm", "Ann", "by telephone")
    shutil.rmtree(home.settings.outbox)
    home.load()
    assert _written(home) == first


def test_a_delivery_sent_again_gets_its_receipt_again(home: Home) -> None:
    """Prevents a supplier who lost a receipt from having no way to get it."""
    _land(home)
    first = _sent(home)
    folder = home.settings.inbox / "police_reports" / COMPACT / "from_register"
    shutil.rmtree(folder)
    assert home.load().recognised == ()
    assert _sent(home) == {}
    home.put_reports(GOOD, received=NOW)
    assert len(home.load().recognised) == 1
    assert _sent(home) == first


def test_a_load_killed_before_the_receipts_is_completed_by_the_next(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a delivery that landed in a killed load from having no receipt for ever."""
    home.put_reports(GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(landing, "write_receipts", _fail)
        with pytest.raises(KeyboardInterrupt):
            home.load()
    (delivery,) = read_ledger(home.settings)
    assert find_missing_receipts(home.settings) == [delivery.delivery_id]
    assert home.load().landed == ()
    assert find_missing_receipts(home.settings) == []
    assert set(_sent(home)) == set(_written(home))


def _fail(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("fatal", range(8))
def test_a_load_killed_while_it_sends_receipts_is_completed_by_the_next(
    home: Home, monkeypatch: pytest.MonkeyPatch, fatal: int
) -> None:
    """Prevents a receipt that was written and not sent from being taken for a sent one."""
    home.put_reports(GOOD)
    home.put_reports(police_csv("compact", REPORTS[:4]), period="2026-09")
    steps = 0

    def die(real):
        def step(*args, **options):
            nonlocal steps
            if steps == fatal:
                raise KeyboardInterrupt
            steps += 1
            return real(*args, **options)

        return step

    with monkeypatch.context() as patch:
        patch.setattr(messages, "write_private", die(messages.write_private))
        patch.setattr(LocalInbox, "write_message", die(LocalInbox.write_message))
        with pytest.raises(KeyboardInterrupt):
            home.load()
    home.load()
    assert len(_written(home)) == 4
    assert _sent(home) == _written(home)
    assert count_unsent(home.settings) == 0


@pytest.mark.parametrize("error", [OSError("secret"), DeliveryNameError("any")])
def test_an_inbox_that_takes_no_message_does_not_stop_the_load(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    """Prevents a full or closed inbox from keeping deliveries out of the register."""

    def refuse(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(LocalInbox, "write_message", refuse)
        receipt = _land(home)
    assert receipt["outcome"] == "accepted"
    assert (_sent(home), count_unsent(home.settings)) == ({}, 2)
    assert "the next load tries again" in caplog.text
    assert "secret" not in caplog.text
    home.load()
    assert (_sent(home), count_unsent(home.settings)) == (_written(home), 0)


def test_a_storage_out_of_reach_is_tried_a_few_times_only(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a load from waiting for a dead server once for each message."""
    tries = 0

    def refuse(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise OSError

    monkeypatch.setattr(LocalInbox, "write_message", refuse)
    for month in ("2026-08", "2026-09", "2026-10"):
        home.put_reports(REPORTS, period=month)
    home.load()
    assert (tries, count_unsent(home.settings)) == (3, 6)


def test_an_unknown_supplier_has_its_receipt_in_the_outbox_alone(home: Home) -> None:
    """Prevents a folder of the inbox from being made for a name that somebody invented."""
    home.put_files("police_reports", "Wilhelmina", MONTH, {"reports.csv": GOOD})
    delivery = home.land_one()
    assert (home.settings.outbox / "unknown/receipts" / f"{delivery.delivery_id}.json").is_file()
    assert list(home.settings.inbox.rglob("from_register")) == []
    assert "Wilhelmina" not in _receipt(home, delivery.delivery_id).content.decode()


def test_any_message_goes_both_ways(home: Home) -> None:
    """Prevents lists and reminders from being sent otherwise than receipts."""
    assert send_message(home.settings, "police_reports", COMPACT, "lists/l.csv", b"any")
    assert (home.settings.outbox / COMPACT / "lists" / "l.csv").read_bytes() == b"any"
    assert _sent(home) == {"l.csv": b"any"}
    assert send_message(home.settings, "police_reports", "373", "l.csv", b"any")
    assert not (home.settings.inbox / "police_reports" / "373").exists()


def test_receipts_are_encrypted_in_a_home_with_keys(home: Home, tmp_path: Path) -> None:
    """Prevents what a supplier delivered from being readable for anybody with the disk."""
    name = _land(home)["delivery_id"]
    settings = replace(home.settings, home=tmp_path / "encrypted", data_keys=KeyRing((make_key(),)))
    prepare_home(settings)
    encrypted = Home(settings)
    assert _land(encrypted)["delivery_id"] == name
    written = _written(encrypted)
    assert len(written) == 2
    assert all(stored.startswith(MARK) for stored in written.values())
    assert (settings.web_folder / "receipt_key").read_bytes().startswith(MARK)
    receipt = _receipt(encrypted, name)
    assert receipt.content == _written(home)[f"{name}.json"]
    assert (find_changed_receipts(settings), find_plain_files(settings)) == ([], [])
    assert _sent(encrypted)[f"{name}.json"] == receipt.content


def test_only_what_was_signed_is_verified(home: Home) -> None:
    """Prevents a changed, exchanged or forged receipt from being believed."""
    first = _land(home)["delivery_id"]
    second = _land(home, police_csv("compact", REPORTS[:4]), "2026-09")["delivery_id"]
    keys = list_public_keys(home.settings)
    receipt, other = _receipt(home, first), _receipt(home, second)
    assert verify_receipt(receipt.content, receipt.signature, keys, first).delivery_id == first
    changed = bytearray(receipt.content)
    changed[len(changed) // 2] ^= 1
    header, _, signature = receipt.signature.decode().split(".")
    flipped = ("A" if signature[5] != "A" else "B").join((signature[:5], signature[6:]))
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    foreign = list_public_keys(replace(home.settings, receipt_key=_make_key()))
    for content, sign, public_keys, name in (
        (bytes(changed), receipt.signature, keys, first),
        (receipt.content, f"{header}..{flipped}".encode(), keys, first),
        (receipt.content, f"{none}..".encode(), keys, first),
        (receipt.content, b"\xff", keys, first),
        (receipt.content, receipt.signature, foreign, first),
        (receipt.content, receipt.signature, {"keys": []}, first),
        (receipt.content, receipt.signature, {}, first),
        (other.content, receipt.signature, keys, first),
        (other.content, other.signature, keys, first),
    ):
        with pytest.raises(ReceiptError):
            verify_receipt(content, sign, public_keys, name)


def test_a_changed_receipt_in_the_outbox_is_noticed(home: Home) -> None:
    """Prevents a receipt from being changed before the operator sends it."""
    name = _land(home)["delivery_id"]
    assert find_changed_receipts(home.settings) == []
    path = home.settings.outbox / COMPACT / "receipts" / f"{name}.json"
    path.write_bytes(path.read_bytes().replace(b'"received": 5', b'"received": 6'))
    assert find_changed_receipts(home.settings) == [name]


def test_receipts_under_a_former_key_are_still_verified(home: Home) -> None:
    """Prevents a new key from making all earlier receipts worthless."""
    old, new = _make_key(), _make_key()
    before = Home(replace(home.settings, receipt_key=old))
    first = _receipt(before, _land(before)["delivery_id"])
    settings = replace(home.settings, receipt_key=f"{new}\n{old}")
    second = _receipt(Home(settings), _land(Home(settings), period="2026-09")["delivery_id"])
    keys = list_public_keys(settings)
    assert len({key["kid"] for key in keys["keys"]}) == 2
    assert "d" not in {name for key in keys["keys"] for name in key}
    for receipt in (first, second):
        verify_receipt(
            receipt.content, receipt.signature, keys, json.loads(receipt.content)["delivery_id"]
        )
    only_new = list_public_keys(replace(settings, receipt_key=new))
    with pytest.raises(ReceiptError):
        verify_receipt(
            first.content, first.signature, only_new, json.loads(first.content)["delivery_id"]
        )


@pytest.mark.parametrize("text", ["any", _make_key("public"), _make_key()[:-8]])
def test_a_key_that_cannot_sign_is_refused_and_never_quoted(home: Home, text: str) -> None:
    """Prevents a key from appearing in a log, and a public key from being taken for a private."""
    with pytest.raises(ReceiptKeyError) as caught:
        list_public_keys(replace(home.settings, receipt_key=text))
    assert text not in str(caught.value)


def test_production_has_receipts_only_with_a_key(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Prevents receipts of production from being signed with a key that lies beside them."""
    production = Home(replace(home.settings, environment="production"))
    production.put_reports(GOOD)
    delivery = production.land_one()
    assert "set REGISTER_RECEIPT_KEY" in caplog.text
    assert (
        _written(production),
        not home.settings.web_folder.joinpath("receipt_key").exists(),
    ) == (
        {},
        True,
    )
    assert find_missing_receipts(production.settings) == [delivery.delivery_id]
    keyed = replace(production.settings, receipt_key=_make_key())
    land_everything(keyed, now=NOW)
    assert find_missing_receipts(keyed) == []


def test_an_older_entry_has_a_receipt_from_its_raw_copies(home: Home) -> None:
    """Prevents deliveries that an earlier release landed from having receipts without hashes."""
    name = _land(home)["delivery_id"]
    first = _written(home)
    (path,) = home.settings.landing.glob(f"*/{name}/delivery.json")
    stored = json.loads(path.read_text(encoding="utf-8"))
    del stored["delivered_files"], stored["manifest"]
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert read_entry(path).delivered_files == ()
    shutil.rmtree(home.settings.outbox)
    home.load()
    assert _written(home) == first


NAMES = ("Wilhelmina Testperson.csv", "WT 17-08-2013.csv", "reports QX9 9QX.csv", "NOM1.csv")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", ["delivered", "listed"])
def test_nothing_personal_is_in_a_receipt(
    home: Home, name: str, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Prevents a child's name in a file's name from travelling with a receipt."""
    caplog.set_level(logging.DEBUG)
    resources = [{"path": name, "rows": 1, "totals": {name: 7}}, {"path": name.upper()}]
    manifest = json.dumps({"resources": resources}).encode()
    given = name if place == "delivered" else "reports.csv"
    files = {given: police_csv("compact", [*REPORTS, report(9, dob=name)]), f"x/{name}": b"any"}
    home.put_files("police_reports", COMPACT, MONTH, {**files, "manifest.json": manifest})
    delivery = home.land_one()
    receipt = _receipt(home, delivery.delivery_id)
    texts = (
        receipt.content.decode() + repr(_sent(home)) + caplog.text + repr(home.feedback(delivery))
    )
    for part in (
        name,
        name.upper(),
        name.removesuffix(".csv"),
        "Testperson",
        "2013",
        "QX9",
        "NOM1",
    ):
        assert part not in texts


def test_anybody_verifies_a_receipt_by_command_without_a_home(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a supplier from needing a register to verify a receipt."""
    name = _land(home)["delivery_id"]
    monkeypatch.setenv("REGISTER_HOME", str(home.settings.home))
    keys = tmp_path / "keys.json"
    keys.write_text(CliRunner().invoke(commands, ["receipts", "keys"]).output, encoding="utf-8")
    out = tmp_path / "sent"
    shown = CliRunner().invoke(commands, ["receipts", "show", name])
    assert shown.output.encode() == _receipt(home, name).content
    assert name in CliRunner().invoke(commands, ["receipts", "list", "--json"]).output
    assert (
        CliRunner().invoke(commands, ["receipts", "show", name, "--out", str(out)]).exit_code == 0
    )
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "none"))
    verify = ["receipts", "verify", str(out / f"{name}.json"), "--keys", str(keys)]
    delivered = home.settings.inbox / "police_reports" / COMPACT / MONTH
    answer = CliRunner().invoke(commands, [*verify, "--delivered", str(delivered)])
    assert (answer.exit_code, "5 records received" in answer.output) == (0, True), answer.output
    (delivered / "reports.csv").write_bytes(GOOD + b"\r\n")
    answer = CliRunner().invoke(commands, [*verify, "--delivered", str(delivered)])
    assert (answer.exit_code, "other files" in answer.output) == (1, True)
    (out / f"{name}.json").write_bytes((out / f"{name}.json").read_bytes() + b" ")
    assert CliRunner().invoke(commands, verify).exit_code == 1
    assert not (tmp_path / "none").exists()


def test_a_written_manifest_agrees_with_its_delivery(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the command from writing manifests that hold what they describe."""
    monkeypatch.setenv("REGISTER_HOME", str(tmp_path / "none"))
    folder = tmp_path / "out"
    (folder / "sub").mkdir(parents=True)
    (folder / "reports.csv").write_bytes(GOOD)
    (folder / "sub" / "notes.txt").write_bytes(b"any")
    place = ["--feed", "police_reports", "--supplier", COMPACT, "--period", MONTH]
    for options, has_rows in (([], False), (place, True), (place, True)):
        answer = CliRunner().invoke(commands, ["manifest", str(folder), *options])
        assert answer.exit_code == 0, answer.output
        manifest = json.loads((folder / "manifest.json").read_bytes())
        listed = {each["path"]: each for each in manifest["resources"]}
        assert set(listed) == {"reports.csv", "sub/notes.txt"}
        assert ("rows" in listed["reports.csv"], "totals" in listed["reports.csv"]) == (
            has_rows,
            has_rows,
        )
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        shutil.rmtree(home.settings.inbox / "police_reports", ignore_errors=True)
        home.put_files("police_reports", COMPACT, MONTH, files)
        home.load()
        assert {entry.manifest for entry in read_ledger(home.settings)} == {"agrees"}
    check = ["check", str(folder), *place]
    assert CliRunner().invoke(commands, check).exit_code == 0
    (folder / "reports.csv").write_bytes(GOOD[: GOOD.rindex(b"MP5")])
    answer = CliRunner().invoke(commands, [*check, "--json"])
    assert answer.exit_code == 1
    rules = {line["rule_code"] for line in json.loads(answer.output)["lines"]}
    assert rules == {"manifest_content", "manifest_rows", "manifest_totals", "unknown_file"}
