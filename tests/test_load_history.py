"""The history of loads, and what a home needs for the next one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from register import home_status
from register.feeds import read_ledger, write_entry
from register.home_status import GIGABYTE, measure_disk, read_home_status
from register.load_history import (
    clear_failure,
    find_failed_run,
    list_unpublished,
    mark_failure,
    read_loads,
    record_load,
    start_record,
)
from register.publishing import publish
from register.settings import Settings
from tests.publishing.builds import DELIVERY_ID, build, land_delivery


def test_the_last_line_of_a_run_counts_with_what_the_run_brought(settings: Settings) -> None:
    """Prevents a load that failed after publication from being shown as good, or as empty."""
    land_delivery(settings)
    record_load(settings, start_record(settings, "load_register", "first", 0.0))
    published = start_record(settings, "load_register", "second", None)
    assert published.delivery_counts == {"held": 1}
    record_load(settings, published)
    failed = replace(published, outcome="failed", step="measure_register", delivery_counts={})
    record_load(settings, failed)
    with (settings.dagster / "loads.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"another": 1}\n[]\n{"run_id": "cut of')
    loads = read_loads(settings)
    assert [(load.run_id, load.outcome) for load in loads] == [
        ("second", "failed"),
        ("first", "published"),
    ]
    assert loads[0].delivery_counts == {"held": 1}
    assert loads[0].minutes < 1 < loads[1].minutes


def test_a_failure_is_marked_until_it_is_cleared(settings: Settings) -> None:
    """Prevents a failed measurement or look back from being taken for a failed load."""
    mark_failure(settings, "look_back", "an invented run")
    assert find_failed_run(settings) is None
    mark_failure(settings, "load_register", "an invented run")
    assert find_failed_run(settings) == "an invented run"
    status = read_home_status(settings)
    assert (status.last_outcome, status.failure, status.needs_somebody) == ("failure", None, True)
    clear_failure(settings)
    assert read_home_status(settings).last_outcome == "none yet"


def test_only_deliveries_of_the_failed_rules_are_faulty(settings: Settings) -> None:
    """Prevents a button that withdraws a delivery which did nothing wrong."""
    land_delivery(settings)
    for fault, count in ((f"a_rule is broken by 1 row, of {DELIVERY_ID}", 1), ("a_rule", 0)):
        load = start_record(settings, "load_register", "a run", None)
        record_load(settings, replace(load, outcome="failed", faults=(fault,)))
        mark_failure(settings, "load_register", "a run")
        assert len(read_home_status(settings).faulty) == count


@pytest.mark.parametrize(
    ("environment", "now", "expected"),
    [
        ("production", datetime(2026, 7, 1, 4, 29, tzinfo=UTC), "2026-07-01T05:30:00+01:00"),
        ("production", datetime(2026, 7, 1, 4, 30, tzinfo=UTC), "2026-07-02T05:30:00+01:00"),
        ("production", datetime(2026, 12, 1, 5, 29, tzinfo=UTC), "2026-12-01T05:30:00+00:00"),
        ("test", datetime(2026, 7, 1, 4, 29, tzinfo=UTC), None),
    ],
)
def test_the_next_load_is_at_the_local_time_of_the_schedule(
    settings: Settings, environment: str, now: datetime, expected: str | None
) -> None:
    """Prevents a time that is an hour wrong in summer, or one where no schedule runs."""
    moment = read_home_status(replace(settings, environment=environment), now).next_load
    assert (moment.isoformat() if moment else None) == expected


@pytest.mark.parametrize(("gigabytes", "is_enough"), [(5, True), (4, False)])
def test_a_load_needs_a_least_space(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, gigabytes: int, is_enough: bool
) -> None:
    """Prevents a load that fills the disk after an hour."""
    usage = type("Usage", (), {"free": gigabytes * GIGABYTE})
    monkeypatch.setattr(home_status.shutil, "disk_usage", lambda _: usage)
    assert measure_disk(settings).is_enough == is_enough


def test_a_load_needs_what_the_last_build_took(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a page that calls 5 GB enough for a warehouse of 6 GB."""
    assert measure_disk(settings).needed == home_status.MIN_FREE_BYTES
    monkeypatch.setattr(home_status, "MIN_FREE_BYTES", 10)
    (settings.warehouse / "warehouse.duckdb").write_bytes(b"x" * 11)
    assert measure_disk(settings).needed == 11


def test_a_load_needs_the_size_of_the_last_generation_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a disk that is full as soon as a second generation stands beside the first."""
    monkeypatch.setattr(home_status, "MIN_FREE_BYTES", 10)
    before = measure_disk(settings).needed
    folder = publish(settings, build(settings, 1)).folder
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert measure_disk(settings).needed >= size > before


def test_the_disk_with_the_least_space_counts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a full disk of generations from hiding behind an empty one of the home."""

    def measure(path: Path) -> object:
        return type("Usage", (), {"free": 1 if path == settings.published else 9 * GIGABYTE})

    monkeypatch.setattr(home_status.shutil, "disk_usage", measure)
    disk = measure_disk(settings)
    assert (disk.free, disk.store, disk.is_enough) == (1, "published", False)


def test_only_the_latest_loads_are_shown(settings: Settings) -> None:
    """Prevents a page of last year's loads."""
    for number in range(home_status.SHOWN_LOADS + 1):
        record_load(settings, start_record(settings, "load_register", str(number), None))
    shown = [load.run_id for load in read_home_status(settings).loads]
    assert (shown[0], len(shown)) == (str(home_status.SHOWN_LOADS), home_status.SHOWN_LOADS)


@pytest.mark.parametrize(("received", "waits"), [("2026-10-31", False), ("2026-11-02", True)])
def test_a_rejected_delivery_waits_until_another_replaces_it(
    settings: Settings, received: str, waits: bool
) -> None:
    """Prevents a request for a delivery that came long ago, and a decision about a rejected one."""
    folder = land_delivery(settings)
    (entry,) = read_ledger(settings)
    name = f"{DELIVERY_ID[:-1]}0"
    changes = {"delivery_id": name, "outcome": "rejected", "received_at": f"{received}T00:00:00Z"}
    rejected = entry.model_copy(update=changes)
    shutil.copytree(folder, folder.with_name(name))
    write_entry(rejected, folder.with_name(name))
    status = read_home_status(settings)
    assert [each.delivery_id for each in status.rejected] == ([name] if waits else [])
    assert [each.delivery_id for each in status.held_deliveries] == [DELIVERY_ID]
    assert list_unpublished(settings, [entry, rejected]) == {DELIVERY_ID: "held", name: "rejected"}


def test_a_run_that_ended_last_stands_first(settings: Settings) -> None:
    """Prevents a late failure below the loads before it, and seconds that are called minutes."""
    for name in ("first", "second", "first"):
        record_load(settings, start_record(settings, "load_register", name, None))
    assert [load.run_id for load in read_loads(settings)] == ["first", "second"]
    load = replace(read_loads(settings)[0], started_at="2026-06-01T05:30:00Z")
    assert replace(load, ended_at="2026-06-01T05:31:30Z").minutes == 1.5


def test_a_published_delivery_is_not_counted_again(settings: Settings) -> None:
    """Prevents every load from bringing all deliveries of the home."""
    publish(settings, build(settings, 1))
    assert start_record(settings, "load_register", "the run", None).delivery_counts == {}
