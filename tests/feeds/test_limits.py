"""How large a delivery may be, and what becomes of one whose reader does not survive it."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from register.feeds import land_everything, stage_delivery, workers
from register.settings import SettingsError, load_settings
from register.variables import DeliveryLimits
from tests.feeds import hostile_files
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    MONTH,
    NOW,
    QUARTER,
    YEAR,
    Home,
    extract_files,
    force_of,
    police_csv,
    report,
    zipped,
)

GOOD = police_csv("compact", [report(1), report(2)])
NARROW = DeliveryLimits(delivery_megabytes=1.0, line_kilobytes=64.0, columns=100)
ATHENA = force_of("athena")
MEGABYTE = 1 << 20


@pytest.fixture
def narrow(home: Home) -> Home:
    """A home whose limits are low, so that a test of one is quick."""
    return Home(replace(home.settings, limits=NARROW))


HOSTILE = {
    "too large": (
        "police_reports",
        COMPACT,
        MONTH,
        "reports.csv",
        bytes(MEGABYTE + 1),
        "too_large",
    ),
    "one line": (
        *("police_reports", COMPACT, MONTH, "reports.csv"),
        hostile_files.one_line(70_000),
        "long_line",
    ),
    "headings": (
        *("police_reports", COMPACT, MONTH, "reports.csv"),
        hostile_files.many_headings(101),
        "too_many_columns",
    ),
    "unpacked": (
        *("police_reports", COMPACT, MONTH, "reports.zip"),
        zipped({"reports.csv": GOOD * 20_000}),
        "zip_bomb",
    ),
    "nested": (
        *("authority_return", AUTHORITY, YEAR, "return.xml"),
        hostile_files.nested(100_000),
        "xml_too_large",
    ),
    "a directory that lies": (
        *("police_reports", ATHENA, MONTH, "reports.xlsx"),
        hostile_files.lying_workbook(2 * MEGABYTE),
        "zip_bomb",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_larger_than_allowed_is_refused_by_name(narrow: Home, kind: str) -> None:
    """Prevents one file from taking the memory or the time of everybody else's."""
    feed, supplier, period, name, data, rule = HOSTILE[kind]
    narrow.put_files(feed, supplier, period, {name: data})
    narrow.put_files("authority_extract", AUTHORITY, QUARTER, extract_files())
    landed = {entry.feed: entry for entry in narrow.load().landed}
    assert landed["authority_extract"].outcome == "accepted"
    assert landed[feed].reject_rule_code == rule
    assert len(narrow.feedback(landed[feed])) == 1


def test_a_limit_that_is_raised_lets_the_delivery_in(narrow: Home) -> None:
    """Prevents a delivery from staying rejected for a limit that the operator has raised."""
    narrow.put_reports(hostile_files.many_reports(12_000))
    assert narrow.land_one().reject_rule_code == "too_large"
    wide = replace(narrow.settings, limits=DeliveryLimits())
    (landed,) = land_everything(wide, now=NOW).landed
    assert (landed.outcome, landed.landed_row_count) == ("accepted", 12_000)


def test_a_delivery_with_the_most_that_is_allowed_is_accepted(narrow: Home) -> None:
    """Prevents limits that refuse what they say is allowed."""
    record = report(1, aliases="x" * 65_000)
    narrow.put_reports(police_csv("compact", [record, report(2)]))
    assert narrow.land_one().outcome == "accepted"


def test_a_workbook_that_swells_beyond_memory_rejects_its_delivery(home: Home) -> None:
    """Prevents 200 KB of a workbook from taking all memory, and the load with it."""
    limits = DeliveryLimits(worker_memory_gigabytes=0.5)
    home.put_files(
        "police_reports",
        ATHENA,
        MONTH,
        {"a.xlsx": hostile_files.swelling_workbook(200_000, 30_000)},
    )
    home.put_files("authority_extract", AUTHORITY, QUARTER, extract_files())
    landed = {
        e.feed: e for e in land_everything(replace(home.settings, limits=limits), now=NOW).landed
    }
    assert landed["police_reports"].reject_rule_code == "worker_died"
    assert landed["authority_extract"].outcome == "accepted"
    assert [path.name for path in (home.folder(landed["police_reports"]) / "raw").iterdir()] == [
        "a.xlsx"
    ]


VICTIMS = ("304", "305", "312")


def stage_or_die(context, item):
    """Staging that ends its own process for some suppliers, as a kernel without memory does."""
    if item.supplier_code in VICTIMS:
        os.kill(os.getpid(), signal.SIGKILL)
    return stage_delivery.stage_delivery(context, item)


def test_a_worker_that_is_killed_rejects_its_own_delivery_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents one file from taking along the deliveries that were read beside it."""
    for number in range(301, 313):
        home.put_files("authority_extract", str(number), QUARTER, extract_files())
    monkeypatch.setattr(workers, "MIN_FOR_WORKERS", 1)
    # A worker finds this function by its name: none is forked from a process with threads, which
    # may wait for ever for a lock that was held at that moment.
    monkeypatch.setattr(workers, "_stage_safely", stage_or_die)
    monkeypatch.setattr(workers.os, "cpu_count", lambda: 2)
    landed = home.load().landed
    assert [entry.supplier_code for entry in landed] == [str(n) for n in range(301, 313)]
    died = [e.supplier_code for e in landed if e.reject_rule_code == "worker_died"]
    assert died == list(VICTIMS)
    assert {e.outcome for e in landed if e.supplier_code not in died} == {"accepted"}


def test_a_delivery_without_memory_is_rejected_in_this_process_too(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a small file that swells from ending the load as a fault of ours."""

    def hungry(context, item):
        raise MemoryError

    monkeypatch.setattr(workers, "stage_delivery", hungry)
    home.put_reports(GOOD)
    delivery = home.land_one()
    assert home.rules(delivery) == [("worker_died", "", "", "")]
    assert (home.folder(delivery) / "raw" / "reports.csv").read_bytes() == GOOD


def test_limits_come_from_the_environment(tmp_path: Path) -> None:
    """Prevents a setting that is written down and not read."""
    home = {"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(tmp_path)}
    limits = load_settings(
        {
            **home,
            "REGISTER_DELIVERY_MEGABYTES": "2",
            "REGISTER_LINE_KILOBYTES": "3",
            "REGISTER_COLUMNS_AT_MOST": "400",
            "REGISTER_ARCHIVE_MEMBERS_AT_MOST": "5",
            "REGISTER_XML_ELEMENTS_AT_MOST": "6",
            "REGISTER_UNFINISHED_HOURS": "7",
            "REGISTER_WORKER_MEMORY_GIGABYTES": "8",
        }
    ).limits
    assert limits == DeliveryLimits(2, 3, 400, 5, 6, 7, 8)
    assert (limits.delivery_bytes, limits.line_bytes) == (2 << 20, 3 << 10)
    with pytest.raises(SettingsError, match="REGISTER_COLUMNS_AT_MOST must be at least"):
        load_settings({**home, "REGISTER_COLUMNS_AT_MOST": "5"})
