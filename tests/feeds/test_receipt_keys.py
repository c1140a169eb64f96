"""Signatures of receipts, and the commands that suppliers use: verifying, and writing manifests."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from register.feeds import (
    ReceiptError,
    ReceiptKeyError,
    land_everything,
    list_public_keys,
    read_ledger,
    verify_receipt,
)
from register.feeds.receipt_checks import find_changed_receipts, find_missing_receipts
from tests.feeds.deliveries import (
    COMPACT,
    MONTH,
    NOW,
    Home,
    police_csv,
)
from tests.feeds.landed_receipts import (
    GOOD,
    REPORTS,
    land_with_receipt,
    list_written,
    read_signed,
)


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


def test_only_what_was_signed_is_verified(home: Home) -> None:
    """Prevents a changed, exchanged or forged receipt from being believed."""
    first = land_with_receipt(home)["delivery_id"]
    second = land_with_receipt(home, police_csv("compact", REPORTS[:4]), "2026-09")["delivery_id"]
    keys = list_public_keys(home.settings)
    receipt, other = read_signed(home, first), read_signed(home, second)
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
    name = land_with_receipt(home)["delivery_id"]
    assert find_changed_receipts(home.settings) == []
    path = home.settings.outbox / COMPACT / "receipts" / f"{name}.json"
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"received": 5', b'"received": 6'))
    assert find_changed_receipts(home.settings) == [name]
    path.unlink()
    assert find_changed_receipts(home.settings) == [name]
    home.load()
    assert (path.read_bytes(), find_changed_receipts(home.settings)) == (content, [])


def test_receipts_under_a_former_key_are_still_verified(home: Home) -> None:
    """Prevents a new key from making all earlier receipts worthless."""
    old, new = _make_key(), _make_key()
    before = Home(replace(home.settings, receipt_key=old))
    first = read_signed(before, land_with_receipt(before)["delivery_id"])
    settings = replace(home.settings, receipt_key=f"{new}\n{old}")
    second = read_signed(
        Home(settings), land_with_receipt(Home(settings), period="2026-09")["delivery_id"]
    )
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


@pytest.mark.parametrize(
    "text", ["any", _make_key("public"), _make_key()[:-8]], ids=["text", "public", "cut"]
)
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
        list_written(production),
        not home.settings.web_folder.joinpath("receipt_key").exists(),
    ) == (
        {},
        True,
    )
    assert find_missing_receipts(production.settings) == [delivery.delivery_id]
    keyed = replace(production.settings, receipt_key=_make_key())
    land_everything(keyed, now=NOW)
    assert find_missing_receipts(keyed) == []


def test_anybody_verifies_a_receipt_by_command_without_a_home(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a supplier from needing a register to verify a receipt."""
    name = land_with_receipt(home)["delivery_id"]
    monkeypatch.setenv("REGISTER_HOME", str(home.settings.home))
    keys = tmp_path / "keys.json"
    keys.write_text(CliRunner().invoke(commands, ["receipts", "keys"]).output, encoding="utf-8")
    out = tmp_path / "sent"
    shown = CliRunner().invoke(commands, ["receipts", "show", name])
    assert shown.output.encode() == read_signed(home, name).content
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
