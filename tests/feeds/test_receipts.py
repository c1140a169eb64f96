"""Receipts: one for each delivery, signed, the same whenever written, and about no child."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from register.data_keys import KeyRing, make_key
from register.encrypted_kinds import find_plain_files
from register.feeds import (
    decide_delivery,
    find_changed_receipts,
    landing,
    messages,
    read_ledger,
    send_message,
)
from register.feeds.inbox_storage import DeliveryNameError, LocalInbox
from register.feeds.ledger import read_entry
from register.feeds.messages import count_unsent
from register.feeds.receipt_checks import find_missing_receipts
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
from tests.feeds.landed_receipts import (
    GOOD,
    REPORTS,
    land_with_receipt,
    list_sent,
    list_written,
    read_signed,
)

UNREADABLE = police_csv("compact", [{**row, "dob": "any"} for row in REPORTS])


def test_an_accepted_delivery_has_a_receipt(home: Home) -> None:
    """Prevents a supplier from being unable to tell an accepted delivery from a lost one."""
    receipt = land_with_receipt(home)
    assert list(receipt)[:3] == ["receipt_version", "delivery_id", "feed"]
    assert (receipt["outcome"], receipt["supplier_code"]) == ("accepted", COMPACT)
    assert receipt["supplier_name"] not in {"", COMPACT}
    (file,) = receipt["files"]
    assert (file["name"], file["bytes"]) == ("reports.csv", len(GOOD))
    assert file["sha256"] == hashlib.sha256(GOOD).hexdigest()
    counts = {"received": 5, "landed": 5, "on_hold": 0, "quarantined": 0, "erased": 0}
    assert receipt["records"] == counts
    assert receipt["tables"] == [{"table": "reports", "records": counts}]
    assert (receipt["reasons"], receipt["manifest"]) == ([], None)
    assert "nothing to do" in receipt["next_step"]


def test_a_delivery_with_quarantine_is_told_which_rules_it_broke(home: Home) -> None:
    """Prevents a receipt from saying that all records landed."""
    receipt = land_with_receipt(home, GOOD + b"a,b\r\nc,d\r\n" + GOOD.split(b"\r\n", 1)[1] * 9)
    assert receipt["outcome"] == "accepted with quarantine"
    assert (receipt["records"]["quarantined"], receipt["records"]["landed"]) == (2, 50)
    reasons = {each["rule_code"]: each for each in receipt["reasons"]}
    assert reasons["wrong_field_count"]["count"] == 2
    assert reasons["wrong_field_count"]["what_to_do"]
    assert receipt["reasons"][0]["outcome"] == "quarantined"
    assert receipt["feedback"]["lines"] == sum(each["count"] for each in receipt["reasons"])


def test_a_held_delivery_counts_its_records_as_held(home: Home) -> None:
    """Prevents a supplier from believing that held records are in the register."""
    receipt = land_with_receipt(
        home, police_csv("compact", [{**row, "dob": "any"} for row in REPORTS])
    )
    assert receipt["outcome"] == "held"
    assert (receipt["records"]["landed"], receipt["records"]["on_hold"]) == (0, 5)
    assert receipt["reasons"][0]["outcome"] == "held"
    assert "a person decides" in receipt["next_step"]


def test_a_rejected_delivery_has_a_receipt(home: Home) -> None:
    """Prevents a rejected delivery from being answered by silence."""
    receipt = land_with_receipt(home, b"")
    assert receipt["outcome"] == "rejected"
    assert receipt["reasons"][0]["rule_code"] == "empty_file"
    assert "send the whole delivery again" in receipt["next_step"]


def test_a_delivery_that_cannot_be_read_has_a_receipt_without_hashes(home: Home) -> None:
    """Prevents a link in place of a file from ending the load."""
    folder = home.put_reports(GOOD)
    (folder / "reports.csv").unlink()
    (folder / "reports.csv").symlink_to("/etc/hostname")
    receipt = json.loads(read_signed(home, home.land_one().delivery_id).content)
    assert receipt["outcome"] == "rejected"
    assert [file["sha256"] for file in receipt["files"]] == [None]


def test_a_manifest_is_in_the_receipt(home: Home) -> None:
    """Prevents a supplier from not hearing whether its totals were compared."""
    for rows, result, differences in ((5, "agrees", 0), (6, "differs", 1)):
        manifest = json.dumps({"resources": [{"path": "reports.csv", "rows": rows}]}).encode()
        files = {"reports.csv": GOOD, "manifest.json": manifest}
        home.put_files("police_reports", COMPACT, MONTH, files)
        (delivery,) = home.load().landed
        receipt = json.loads(read_signed(home, delivery.delivery_id).content)
        assert receipt["manifest"] == {"result": result, "differences": differences}


def test_a_receipt_follows_the_schema_in_the_package(home: Home) -> None:
    """Prevents a vendor from reading receipts by a schema that they do not follow."""
    schema = (PROJECT_ROOT / "register" / "feeds" / "receipt.schema.json").read_bytes()
    assert schema == build_receipt_schema()
    Draft202012Validator(json.loads(schema)).validate(land_with_receipt(home))


def test_a_receipt_goes_to_the_outbox_and_beside_the_deliveries(home: Home) -> None:
    """Prevents a supplier from having to ask for its receipt, and a scan from reading it."""
    name = land_with_receipt(home)["delivery_id"]
    assert set(list_sent(home)) == {f"{name}.json", f"{name}.json.jws"}
    assert list_sent(home) == list_written(home)
    assert (home.settings.outbox / COMPACT / "receipts" / f"{name}.json").stat().st_mode & 0o77 == 0
    assert (home.load().landed, count_unsent(home.settings)) == ((), 0)


def test_a_receipt_has_the_same_bytes_whenever_it_is_written(home: Home) -> None:
    """Prevents two receipts of one delivery that contradict each other."""
    home.put_reports(GOOD)
    home.put_files("authority_extract", "301", QUARTER, extract_files())
    home.load()
    first = list_written(home)
    shutil.rmtree(home.settings.outbox)
    home.load()
    assert list_written(home) == first
    shutil.rmtree(home.settings.outbox)
    shutil.rmtree(home.settings.landing)
    home.load()
    assert list_written(home) == first


def test_a_receipt_stays_as_it_was_on_receipt(home: Home) -> None:
    """Prevents a later decision from changing what a supplier was told."""
    receipt = land_with_receipt(
        home, police_csv("compact", [{**row, "dob": "any"} for row in REPORTS])
    )
    first = list_written(home)
    decide_delivery(home.settings, receipt["delivery_id"], "confirm", "Ann", "by telephone")
    shutil.rmtree(home.settings.outbox)
    home.load()
    assert list_written(home) == first


def test_a_delivery_sent_again_gets_its_receipt_again(home: Home) -> None:
    """Prevents a supplier who lost a receipt from having no way to get it."""
    land_with_receipt(home)
    first = list_sent(home)
    folder = home.settings.inbox / "police_reports" / COMPACT / "from_register"
    shutil.rmtree(folder)
    assert home.load().recognised == ()
    assert list_sent(home) == {}
    home.put_reports(GOOD, received=NOW)
    assert len(home.load().recognised) == 1
    assert list_sent(home) == first


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
    assert set(list_sent(home)) == set(list_written(home))


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
    assert len(list_written(home)) == 4
    assert list_sent(home) == list_written(home)
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
        receipt = land_with_receipt(home)
    assert receipt["outcome"] == "accepted"
    assert (list_sent(home), count_unsent(home.settings)) == ({}, 2)
    assert "the next load tries again" in caplog.text
    assert "secret" not in caplog.text
    home.load()
    assert (list_sent(home), count_unsent(home.settings)) == (list_written(home), 0)


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
    assert "Wilhelmina" not in read_signed(home, delivery.delivery_id).content.decode()


def test_any_message_goes_both_ways(home: Home) -> None:
    """Prevents lists and reminders from being sent otherwise than receipts."""
    assert send_message(home.settings, "police_reports", COMPACT, "lists/l.csv", b"any")
    assert (home.settings.outbox / COMPACT / "lists" / "l.csv").read_bytes() == b"any"
    assert list_sent(home) == {"l.csv": b"any"}
    assert send_message(home.settings, "police_reports", "373", "l.csv", b"any")
    assert not (home.settings.inbox / "police_reports" / "373").exists()


def test_receipts_are_encrypted_in_a_home_with_keys(home: Home, tmp_path: Path) -> None:
    """Prevents what a supplier delivered from being readable for anybody with the disk."""
    name = land_with_receipt(home)["delivery_id"]
    settings = replace(home.settings, home=tmp_path / "encrypted", data_keys=KeyRing((make_key(),)))
    prepare_home(settings)
    encrypted = Home(settings)
    assert land_with_receipt(encrypted)["delivery_id"] == name
    written = list_written(encrypted)
    assert len(written) == 2
    assert all(stored.startswith(MARK) for stored in written.values())
    assert (settings.web_folder / "receipt_key").read_bytes().startswith(MARK)
    receipt = read_signed(encrypted, name)
    assert receipt.content == list_written(home)[f"{name}.json"]
    assert (find_changed_receipts(settings), find_plain_files(settings)) == ([], [])
    assert list_sent(encrypted)[f"{name}.json"] == receipt.content


def test_an_older_entry_has_a_receipt_from_its_raw_copies(home: Home) -> None:
    """Prevents deliveries that an earlier release landed from having receipts without hashes."""
    name = land_with_receipt(home)["delivery_id"]
    first = list_written(home)
    (path,) = home.settings.landing.glob(f"*/{name}/delivery.json")
    stored = json.loads(path.read_text(encoding="utf-8"))
    del stored["delivered_files"], stored["manifest"]
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert read_entry(path).delivered_files == ()
    shutil.rmtree(home.settings.outbox)
    home.load()
    assert list_written(home) == first


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
    receipt = read_signed(home, delivery.delivery_id)
    texts = (
        receipt.content.decode()
        + repr(list_sent(home))
        + caplog.text
        + repr(home.feedback(delivery))
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
