"""The access record knows every entry of the ledger, load by load."""

from __future__ import annotations

from register.access_record import read_record, verify_record
from register.feeds import withdraw_delivery
from tests.feeds.deliveries import Home, report


def test_each_load_records_what_it_landed(home: Home) -> None:
    """Prevents deliveries that somebody slips into landing, changes or removes."""
    home.put_reports([report(1, surname="Alphatest")])
    (first,) = home.load().landed
    home.load()
    home.put_reports([report(1, surname="Betatest")])
    (second,) = home.load().landed
    withdraw_delivery(home.settings, second.delivery_id, "A. Person", "Sent in error")
    loads = [entry["keys"] for entry in read_record(home.settings) if entry["kind"] == "ledger"]
    assert loads == [[first.delivery_id], [second.delivery_id]]
    assert verify_record(home.settings).faults == ()
    assert "test" not in (home.settings.access_record / "record.jsonl").read_text().lower()
    copied = home.folder(first).with_name("an-invented-delivery")
    copied.mkdir()
    (copied / "delivery.json").write_bytes((home.folder(first) / "delivery.json").read_bytes())
    entry = home.folder(second) / "delivery.json"
    entry.write_text(entry.read_text(encoding="utf-8").replace("accepted", "rejected"))
    faults = " ".join(verify_record(home.settings).faults)
    assert "no entry is about landing/police_reports/an-invented-delivery" in faults
    assert f"{second.delivery_id}/delivery.json lost or changed rows" in faults
