"""Deliveries and messages that this program writes to an inbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from register.feeds import DeliveryNameError, Inbox, open_inbox, read_inbox_state, read_ledger
from tests.feeds.deliveries import COMPACT, MONTH, Home, police_csv, report

FEED = "police_reports"


def _write_source(folder: Path, content: Mapping[str, bytes]) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    sources = {}
    for number, (name, data) in enumerate(content.items()):
        sources[name] = folder / f"source_{number}"
        sources[name].write_bytes(data)
    return sources


def _reports(count: int) -> bytes:
    return police_csv(
        "compact", [report(n, sex="F", category="Missing") for n in range(1, count + 1)]
    )


def test_a_delivery_lands_as_if_its_files_lay_in_the_folder_of_its_period(
    home: Home, tmp_path: Path
) -> None:
    """Prevents the way of a delivery from changing its id or its bytes."""
    home.put_files(FEED, COMPACT, MONTH, {"reports.csv": _reports(2)})
    by_folder = home.land_one()
    sources = _write_source(tmp_path / "sent", {"reports.csv": _reports(2)})
    place = open_inbox(home.settings).deliver(FEED, COMPACT, MONTH, sources)
    assert place.startswith(f"{FEED}/{COMPACT}/{MONTH}+")
    summary = home.load()
    assert summary.recognised == (by_folder.delivery_id,)
    assert not list((home.settings.inbox / FEED / COMPACT).glob(".*"))


def test_two_deliveries_of_a_period_never_mix(home: Home, tmp_path: Path) -> None:
    """Prevents a correction from landing together with the files that it corrects."""
    inbox: Inbox = open_inbox(home.settings)
    first = inbox.deliver(
        FEED, COMPACT, MONTH, _write_source(tmp_path / "a", {"reports.csv": _reports(2)})
    )
    home.load()
    second = inbox.deliver(
        FEED, COMPACT, MONTH, _write_source(tmp_path / "b", {"other.csv": _reports(3)})
    )
    assert first != second
    home.load()
    entries = read_ledger(home.settings)
    assert sorted(entry.received_row_count for entry in entries) == [2, 3]
    assert {entry.period for entry in entries} == {MONTH}


def test_the_same_files_get_another_place_each_time(home: Home, tmp_path: Path) -> None:
    """Prevents a delivery from being written into an earlier one of the same files."""
    sources = _write_source(tmp_path / "a", {"reports.csv": _reports(1)})
    inbox = open_inbox(home.settings)
    places = [inbox.deliver(FEED, COMPACT, MONTH, sources) for _ in range(3)]
    assert len(set(places)) == 3
    home.load()
    assert len(read_ledger(home.settings)) == 1


def test_a_message_to_a_supplier_is_no_delivery(home: Home) -> None:
    """Prevents the register from landing what it wrote itself."""
    inbox = open_inbox(home.settings)
    inbox.write_message(FEED, COMPACT, "receipt.json", b"{}")
    assert read_inbox_state(home.settings).delivery_count == 0
    folder = home.settings.inbox / FEED / COMPACT / "from_register"
    assert [path.name for path in folder.iterdir()] == ["receipt.json"]


@pytest.mark.parametrize(
    "name", ["../reports.csv", "/reports.csv", "a//b.csv", ".hidden", "a/reports.csv.part", "~$a"]
)
def test_a_name_that_no_load_would_read_is_refused(home: Home, tmp_path: Path, name: str) -> None:
    """Prevents a delivery from losing a file, or writing one outside its folder."""
    sources = _write_source(tmp_path / "a", {name: b"x"})
    with pytest.raises(DeliveryNameError) as caught:
        open_inbox(home.settings).deliver(FEED, COMPACT, MONTH, sources)
    assert name not in str(caught.value)


@pytest.mark.parametrize("folder", [f"{MONTH}+", f"{MONTH}+a-b", f"{MONTH}+{'a' * 33}", "+a"])
def test_a_folder_with_another_mark_is_of_no_known_period(home: Home, folder: str) -> None:
    """Prevents a name of any form from passing as the mark of a delivery."""
    home.put_files(FEED, COMPACT, folder, {"reports.csv": _reports(1)})
    (item,) = read_inbox_state(home.settings).new
    assert item.period == "unknown"
    assert "+" not in item.safe_place
