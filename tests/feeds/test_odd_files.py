"""What lies in an inbox that is no file, cannot be read, or is not yet whole."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from register.feeds import Delivery, read_inbox_state, read_ledger
from register.feeds import inbox as reading
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    MONTH,
    NOW,
    QUARTER,
    Home,
    extract_files,
    police_csv,
    report,
)

GOOD = police_csv("compact", [report(1), report(2)])
PLACE = f"police_reports/{COMPACT}/{MONTH}"


def _land(home: Home) -> Delivery:
    """Land the odd delivery together with a good one; give the odd one."""
    home.put_files("authority_extract", AUTHORITY, QUARTER, extract_files())
    landed = {entry.feed: entry for entry in home.load().landed}
    assert landed.pop("authority_extract").outcome == "accepted"
    (odd,) = landed.values()
    return odd


def test_a_name_that_is_not_utf8_is_told_by_its_place_and_the_file_is_read(home: Home) -> None:
    """Prevents an old system's way of writing a name from ending the load."""
    folder = home.put_reports(GOOD)
    (folder / "reports.csv").rename(os.fsdecode(os.fsencode(folder) + b"/Zo\xeb.csv"))
    delivery = _land(home)
    assert (delivery.outcome, delivery.tables[0].file_name) == ("accepted", "file_1.csv")
    (copies,) = (home.folder(delivery) / "raw").iterdir()
    assert os.fsencode(copies.name) == b"Zo\xeb.csv"
    assert home.load().unchanged_count == 2


def test_a_folder_whose_name_is_not_utf8_is_rejected_and_not_named(home: Home) -> None:
    """Prevents a folder's name from ending the load, or from being published."""
    folder = home.put_reports(GOOD)
    folder.rename(os.fsdecode(os.fsencode(folder.parent) + b"/Zo\xeb"))
    delivery = _land(home)
    assert (delivery.reject_rule_code, delivery.period) == ("malformed_period", "unknown")


@pytest.mark.parametrize("make", ["link", "dangling link", "linked folder", "pipe"])
def test_what_is_no_file_rejects_its_delivery(home: Home, make: str) -> None:
    """Prevents a pipe from keeping a load for ever, and a link from leading out of the inbox."""
    folder = home.put_reports(GOOD)
    secret = home.settings.home / "elsewhere"
    secret.mkdir()
    (secret / "reports.csv").write_bytes(GOOD)
    odd = folder / "more_reports.csv"
    if make == "pipe":
        os.mkfifo(odd)
    else:
        target = {"link": "reports.csv", "dangling link": "gone.csv", "linked folder": "."}[make]
        odd.symlink_to(secret / target)
    delivery = _land(home)
    assert home.rules(delivery) == [("not_a_file", "file_1.csv", "", "")]
    assert list((home.folder(delivery) / "raw").iterdir()) == []
    odd.unlink()
    assert [entry.outcome for entry in home.load().landed] == ["accepted"]


def test_a_file_that_cannot_be_opened_is_rejected_and_read_once_it_can(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents one file without access from ending the load, or from staying rejected for ever.

    No mode keeps a file from the account that runs tests: the refusal is made where it is opened.
    """
    folder = home.put_reports(GOOD)
    real = os.open

    def refusing(path: str | Path, flags: int, *rest: int) -> int:
        if Path(path).parent == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, flags, *rest)

    monkeypatch.setattr(reading.os, "open", refusing)
    delivery = _land(home)
    assert home.rules(delivery) == [("unreadable_file", "reports.csv", "", "")]
    assert home.load().recognised == (delivery.delivery_id,)
    monkeypatch.undo()
    assert [entry.outcome for entry in home.load().landed] == ["accepted"]


@pytest.mark.parametrize("depth", [PLACE, f"police_reports/{COMPACT}"])
def test_a_folder_that_cannot_be_listed_is_rejected(
    home: Home, monkeypatch: pytest.MonkeyPatch, depth: str
) -> None:
    """Prevents a folder without access from hiding a delivery, or from ending the load.

    No mode keeps a folder from the account that runs tests: the refusal is made where it is listed.
    """
    home.put_reports(GOOD)
    real = os.scandir

    def refusing(path: str | Path) -> object:
        if path == home.settings.inbox / depth:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(reading.os, "scandir", refusing)
    delivery = _land(home)
    assert delivery.reject_rule_code == "unreadable_file"
    assert delivery.supplier_code == COMPACT
    assert delivery.period == (MONTH if depth == PLACE else "unfiled")


def test_a_folder_that_is_listed_and_not_opened_is_rejected(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a folder without the right to enter it from ending the load.

    No mode keeps a file from the account that runs tests: the refusal is made where it is listed.
    """
    home.put_reports(GOOD)
    real = os.scandir

    class Refusing:
        """An entry whose status is refused, as in a folder that may be listed alone."""

        name = "reports.csv"

        def stat(self, *, follow_symlinks: bool) -> os.stat_result:
            raise PermissionError(13, "Permission denied")

    @contextmanager
    def listed(path: str | Path) -> Iterator[object]:
        with real(path) as entries:
            yield [Refusing()] if path == home.settings.inbox / PLACE else list(entries)

    def scandir(path: str | Path) -> object:
        return listed(path) if str(path).startswith(str(home.settings.inbox)) else real(path)

    monkeypatch.setattr(reading.os, "scandir", scandir)
    assert home.rules(_land(home)) == [("unreadable_file", "reports.csv", "", "")]


def test_a_file_that_never_finishes_waits_and_is_then_rejected(home: Home) -> None:
    """Prevents a delivery from being counted in part, and from waiting for ever unseen."""
    files = {"reports.csv": GOOD, "more_reports.csv.filepart": GOOD[:60]}
    home.put_files("police_reports", COMPACT, MONTH, files, received=NOW - timedelta(hours=23))
    home.put_files("authority_extract", AUTHORITY, QUARTER, extract_files())
    summary = home.load()
    assert [entry.feed for entry in summary.landed] == ["authority_extract"]
    assert summary.waiting == (PLACE,)
    assert [item.safe_place for item in read_inbox_state(home.settings, NOW).waiting] == [PLACE]
    home.put_files("police_reports", COMPACT, MONTH, files, received=NOW - timedelta(hours=25))
    (rejected,) = home.load().landed
    assert home.rules(rejected) == [("unfinished_file", "file_1.filepart", "", "")]


def test_a_file_that_grows_while_it_is_read_waits(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the half of a file that had arrived from being landed as the whole."""
    folder = home.put_reports(GOOD)
    real = os.open

    def growing(path: str | Path, flags: int, *rest: int) -> int:
        if Path(path).parent == folder:
            with (folder / "reports.csv").open("ab") as file:
                file.write(GOOD.splitlines()[-1] + b"\r\n")
        return real(path, flags, *rest)

    monkeypatch.setattr(reading.os, "open", growing)
    assert home.load().waiting == (PLACE,)
    monkeypatch.undo()
    assert home.land_one().landed_row_count == 3


def test_no_odd_name_is_in_a_log_the_ledger_or_the_feedback(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Prevents a child whose name is in a file's or a folder's from being told outside landing."""
    caplog.set_level(logging.DEBUG)
    folder = home.put_reports(GOOD)
    (folder / "reports.csv").rename(folder / "Wilhelmina Testperson 2012-03-04.csv")
    home.put_files("police_reports", COMPACT, "Wilhelmina ZZ99 3WZ", {"a.csv": GOOD})
    home.put_files("police_reports", "Testperson", MONTH, {"a.csv": GOOD})
    home.put_files("Testperson", COMPACT, MONTH, {"a.csv": GOOD})
    home.put_files("police_reports", COMPACT, "2026-09", {"Testperson.part": GOOD}, received=NOW)
    summary = home.load()
    assert len(summary.landed) == 4
    ledger = json.dumps([entry.model_dump(mode="json") for entry in read_ledger(home.settings)])
    feedback = [ledger, caplog.text, repr(summary)]
    feedback += [str(path) for path in home.settings.landing.glob("*/*")]
    feedback += [
        path.read_text(encoding="utf-8") for path in home.settings.landing.glob("*/*/*.csv")
    ]
    for word in ("Testperson", "Wilhelmina", "2012-03-04", "3WZ"):
        assert not any(word in text for text in feedback), word
