"""A load that is killed at any moment leaves landing consistent, and the next one completes it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

from register.feeds import (
    LandingFailedError,
    land_everything,
    read_inbox_state,
    read_ledger,
    workers,
)
from register.feeds.normalise import Normaliser
from register.home import prepare_home
from register.settings import PROJECT_ROOT, Settings, load_settings
from tests.feeds.deliveries import COMPACT, NOW, QUARTER, Home, extract_files, report

MOMENTS = 7
MARK = "LANDING_UNDER_TEST"
NEVER = 10**9


def _fill(home: Home) -> None:
    for month in ("2026-07", "2026-08", "2026-09"):
        home.put_reports([report(n) for n in range(1, 8)], period=month)
    home.put_reports([report(1), report(2, dob="31/02/2010")])
    home.put_files("police_reports", COMPACT, "2026-06", {"reports.csv": b""})
    for authority in ("301", "302", "303"):
        home.put_files("authority_extract", authority, QUARTER, extract_files())


def _child(home: Path, fatal: int, workers: int = NEVER) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.feeds.landing_child", str(home), str(fatal)]
    return subprocess.run(
        [*command, str(workers)],
        cwd=PROJECT_ROOT,
        env={**os.environ, MARK: str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def _content(settings: Settings) -> dict[str, str]:
    """A hash of every file of every delivery landed."""
    return {
        str(path.relative_to(settings.landing)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(settings.landing.glob("[!.]*/**/*"))
        if path.is_file()
    }


def _check_consistent(settings: Settings) -> None:
    """Every folder of landing is whole: its entry, and the rows that the entry counts."""
    for folder in settings.landing.glob("[!.]*/*"):
        if folder.parent.name in ("schema", "reference"):
            continue
        entry = json.loads((folder / "delivery.json").read_text(encoding="utf-8"))
        landed = [
            pq.read_metadata(folder / f"{name}.parquet").num_rows for name in entry["table_names"]
        ]
        assert sum(landed) == entry["landed_row_count"]
        quarantined = pq.read_metadata(folder / "quarantine.parquet").num_rows
        assert quarantined == entry["quarantined_row_count"]
        assert (folder / "feedback.csv").exists()
        assert list((folder / "raw").iterdir())


@pytest.fixture(scope="module")
def complete_load(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], int]:
    """A home with a full inbox, what a load makes of it undisturbed, and in how many steps."""
    root = tmp_path_factory.mktemp("whole")
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(root)})
    prepare_home(settings)
    _fill(Home(settings))
    finished = _child(root, 0)
    assert finished.returncode == 0, finished.stderr
    return root, _content(settings), int(finished.stdout)


@pytest.mark.drill
@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_load_killed_at_any_moment_is_completed_by_the_next(
    complete_load: tuple[Path, dict[str, str], int], settings: Settings, moment: int
) -> None:
    """Prevents half a delivery from being counted, and a killed load from needing a person."""
    source, expected, steps = complete_load
    shutil.copytree(source / "inbox", settings.inbox, dirs_exist_ok=True)
    fatal = max(1, steps * (2 * moment + 1) // (2 * MOMENTS))
    killed = _child(settings.home, fatal)
    assert killed.returncode == -9
    _check_consistent(settings)
    before = {entry.delivery_id for entry in read_ledger(settings)}
    summary = land_everything(settings, now=NOW)
    assert before.isdisjoint(entry.delivery_id for entry in summary.landed)
    _check_consistent(settings)
    assert _content(settings) == expected
    assert not (settings.landing / ".partial").exists()
    assert read_inbox_state(settings).new == ()


@pytest.mark.drill
def test_workers_land_the_same_and_end_with_a_load_that_is_killed(
    complete_load: tuple[Path, dict[str, str], int], settings: Settings
) -> None:
    """Prevents processes that wait for ever, and results that depend on their number."""
    source, expected, steps = complete_load
    shutil.copytree(source / "inbox", settings.inbox, dirs_exist_ok=True)
    killed = _child(settings.home, max(1, steps // 9), workers=1)
    assert killed.returncode == -9
    deadline = time.monotonic() + 20
    while _workers_of(settings.home) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert _workers_of(settings.home) == []
    finished = _child(settings.home, 0, workers=1)
    assert finished.returncode == 0, finished.stderr
    assert _content(settings) == expected


def _workers_of(home: Path) -> list[int]:
    """Processes that were left behind, known by the home in their environment."""
    process_ids = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(home):
                process_ids.append(process.pid)
        except psutil.Error:
            continue
    return process_ids


def test_a_fault_of_ours_stops_one_delivery_and_is_reported(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a crash on one file from stopping the others, and from passing unseen."""
    real = workers.stage_delivery

    def faulty(context, item):
        if item.supplier_code == "302":
            raise ZeroDivisionError("Wilhelmina")
        return real(context, item)

    monkeypatch.setattr(workers, "stage_delivery", faulty)
    _fill(home)
    with pytest.raises(LandingFailedError, match="ZeroDivisionError") as caught:
        home.load()
    assert "Wilhelmina" not in str(caught.value)
    assert len(caught.value.summary.landed) == 7
    monkeypatch.setattr(workers, "stage_delivery", real)
    assert [entry.supplier_code for entry in home.load().landed] == ["302"]


def test_records_that_do_not_add_up_stop_the_delivery_loudly(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a fault of ours from losing a record unnoticed."""
    real = Normaliser.normalise

    def losing(self, raws, table):
        return [replace(each, rows=each.rows.slice(1)) for each in real(self, raws, table)]

    monkeypatch.setattr(Normaliser, "normalise", losing)
    home.put_reports([report(1), report(2)])
    with pytest.raises(LandingFailedError, match="RowsLostError"):
        home.load()
    assert read_ledger(home.settings) == []


def test_a_file_from_the_future_is_received_now(home: Home) -> None:
    """Prevents a wrong clock at a supplier from making its delivery the latest for years."""
    home.put_reports([report(1)], received=datetime(2031, 1, 1, tzinfo=UTC))
    assert home.land_one().received_at == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
