"""A landed delivery that was damaged is noticed, named and landed again; none is half durable."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from register import durable
from register.feeds import (
    LandingFailedError,
    LedgerError,
    land_everything,
    read_ledger,
    write_entry,
)
from tests.feeds.deliveries import NOW, Home, report


def _lose_entry(folder: Path) -> None:
    (folder / "delivery.json").unlink()


def _empty_entry(folder: Path) -> None:
    (folder / "delivery.json").write_bytes(b"")


def _cut_entry(folder: Path) -> None:
    text = (folder / "delivery.json").read_bytes()
    (folder / "delivery.json").write_bytes(text[: len(text) // 2])


def _lose_table(folder: Path) -> None:
    (folder / "reports.parquet").unlink()


def _flip_a_bit(folder: Path) -> None:
    content = bytearray((folder / "reports.parquet").read_bytes())
    content[len(content) // 3] ^= 1
    (folder / "reports.parquet").write_bytes(content)


def _change_feedback(folder: Path) -> None:
    (folder / "feedback.csv").write_text("delivery_id\n", encoding="utf-8")


def _change_names(folder: Path) -> None:
    (folder / "file_names.json").write_text('{"reports.csv": "other.csv"}', encoding="utf-8")


DAMAGES = (
    *(_lose_entry, _empty_entry, _cut_entry, _lose_table, _flip_a_bit),
    *(_change_feedback, _change_names),
)


def _landed(home: Home) -> Path:
    (folder,) = (home.settings.landing / "police_reports").iterdir()
    return folder


def _content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("has_inbox", [True, False])
def test_a_damaged_delivery_is_named_and_landed_again(
    home: Home,
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[Path], None],
    has_inbox: bool,
) -> None:
    """Prevents reports that vanish, or silently become others, while every test passes."""
    home.put_reports([report(1), report(2)], received=NOW - timedelta(days=3))
    entry = home.land_one()
    folder = _landed(home)
    before = _content(folder)
    damage(folder)
    if not has_inbox:
        shutil.rmtree(home.settings.inbox)
    with caplog.at_level(logging.WARNING):
        summary = home.load()
    assert summary.mended == (entry.delivery_id,)
    assert any(entry.delivery_id in record.getMessage() for record in caplog.records)
    assert _content(folder) == before
    assert read_ledger(home.settings) == [entry]
    assert not list((home.settings.landing / ".damaged").glob("*/*"))
    assert home.load().mended == ()


def test_an_entry_of_an_earlier_release_has_hashes_of_tables_alone(home: Home) -> None:
    """Prevents an upgrade from landing every delivery again."""
    home.put_reports([report(1), report(2)])
    entry = home.land_one()
    tables = tuple(file for file in entry.files if file.name.endswith(".parquet"))
    assert len(tables) < len(entry.files)
    write_entry(entry.model_copy(update={"files": tables}), _landed(home))
    assert home.load().mended == ()


def test_a_delivery_of_no_feed_that_release_0_1_landed_is_of_the_unknown_feed(home: Home) -> None:
    """Prevents an upgrade that stops at a feed without a label, or tells a folder's own name."""
    home.put_files("hospital_visits", "E23000005", "2026-10", {"reports.csv": b"visits\n1\n"})
    entry = home.land_one()
    folder = home.settings.landing / "unknown_feed" / entry.delivery_id
    former_id = entry.delivery_id.replace("unknown", "hospital_visits", 1)
    changes = {"feed": "hospital_visits", "delivery_id": former_id}
    former = entry.model_copy(update=changes).model_dump_json()
    (folder / "delivery.json").write_text(former, encoding="utf-8")
    (folder / "file_names.json").unlink()
    folder.rename(folder.with_name(former_id))
    shutil.rmtree(home.settings.inbox)
    assert home.load().mended == (former_id,)
    assert [delivery.feed for delivery in read_ledger(home.settings)] == ["unknown"]


def test_a_delivery_without_a_raw_copy_is_landed_again_from_the_inbox(home: Home) -> None:
    """Prevents a delivery from being lost although its supplier's files still lie there."""
    home.put_reports([report(1), report(2)])
    entry = home.land_one()
    folder = _landed(home)
    _lose_entry(folder)
    next((folder / "raw").iterdir()).write_bytes(b"other bytes")
    assert home.load().mended == (entry.delivery_id,)
    assert read_ledger(home.settings) == [entry]


def test_what_cannot_be_landed_again_stops_the_load_and_is_named(home: Home) -> None:
    """Prevents a register that is published without a delivery which it had."""
    home.put_reports([report(1), report(2)])
    entry = home.land_one()
    folder = _landed(home)
    _cut_entry(folder)
    shutil.rmtree(folder / "raw")
    shutil.rmtree(home.settings.inbox)
    for _ in range(2):
        with pytest.raises(LandingFailedError, match=entry.delivery_id) as caught:
            home.load()
        assert "restore its folder from the backup" in str(caught.value)
        assert "Wilhelmina" not in str(caught.value)
        assert folder.is_dir()


def test_a_ledger_with_a_cut_entry_names_the_delivery(home: Home) -> None:
    """Prevents a traceback that quotes an entry and does not say whose it is."""
    home.put_reports([report(1)])
    entry = home.land_one()
    _cut_entry(_landed(home))
    with pytest.raises(LedgerError, match=entry.delivery_id):
        read_ledger(home.settings)


def test_a_mending_that_was_killed_is_completed(home: Home) -> None:
    """Prevents a damaged delivery from staying aside because a load ended half-way."""
    home.put_reports([report(1), report(2)])
    entry = home.land_one()
    folder = _landed(home)
    aside = home.settings.landing / ".damaged" / "police_reports" / folder.name
    aside.parent.mkdir(parents=True)
    _flip_a_bit(folder)
    folder.rename(aside)
    shutil.rmtree(home.settings.inbox)
    assert home.load().mended == (entry.delivery_id,)
    assert read_ledger(home.settings) == [entry]


def test_a_damaged_page_of_landed_rows_cannot_be_read(home: Home) -> None:
    """Prevents a tool that reads landing by itself from taking damaged rows for true."""
    home.put_reports([report(number) for number in range(1, 50)])
    home.land_one()
    path = _landed(home) / "reports.parquet"
    place = pq.read_metadata(path).row_group(0).column(0).data_page_offset
    content = bytearray(path.read_bytes())
    content[place + 40] ^= 1
    path.write_bytes(content)
    with pytest.raises(OSError):
        pq.read_table(path, page_checksum_verification=True)


def test_a_delivery_is_on_the_disk_before_it_is_accepted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a power cut from emptying a delivery that the ledger says is accepted."""
    steps: list[str] = []
    flush, rename = durable.flush, Path.rename

    def flushed(path: Path) -> None:
        steps.append(path.name)
        flush(path)

    def renamed(path: Path, target: Path) -> Path:
        if target.parent.name == "police_reports":
            steps.append("renamed")
        return rename(path, target)

    for place in ("durable", "feeds.landing", "feeds.ledger"):
        monkeypatch.setattr(f"register.{place}.flush", flushed)
    monkeypatch.setattr(Path, "rename", renamed)
    home.put_reports([report(1)])
    home.load()
    before = steps[: steps.index("renamed")]
    written = {path.name for path in _landed(home).rglob("*")}
    assert written - set(before) == set()
    assert steps[steps.index("renamed") + 1] == "police_reports"


def test_what_comes_after_the_clock_went_back_was_received_later(home: Home) -> None:
    """Prevents a resubmission from being older than what it replaces."""
    home.put_reports([report(1)], received=NOW - timedelta(hours=1))
    first = home.land_one()
    home.put_reports([report(1), report(2)], received=NOW - timedelta(days=400))
    (second,) = land_everything(home.settings, now=NOW - timedelta(days=399)).landed
    assert second.received_at > first.received_at
    assert read_ledger(home.settings) == [first, second]


@pytest.mark.parametrize(("build", "is_own_time"), [("20990101T000000-000000", True), ("", False)])
def test_a_clock_behind_the_last_build_changes_no_time_of_receipt(
    home: Home, build: str, is_own_time: bool
) -> None:
    """Prevents reports from being in the future for good, because a clock was wrong one day."""
    (home.settings.published / build).mkdir(parents=True, exist_ok=True)
    sent = datetime(2098, 12, 31, tzinfo=UTC)
    home.put_reports([report(1)], received=sent)
    (landed,) = land_everything(home.settings).landed
    assert (landed.received == sent) is is_own_time


def test_a_file_that_cannot_be_put_in_its_place_leaves_nothing(tmp_path: Path) -> None:
    """Prevents half files that fill a disk which is full already."""
    existing_folder = tmp_path / "taken"
    existing_folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        durable.write_whole(existing_folder, b"content")
    assert list(tmp_path.iterdir()) == [existing_folder]
