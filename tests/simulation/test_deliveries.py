"""What a simulation writes into an inbox: the same every time and never in the future."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from simulation import PlanError, SimulationPlan, deliver_resubmissions, simulate
from tests.simulation.conftest import Simulated

SMALL = SimulationPlan(seed=7, authority_count=2, population_scale=0.1, year_count=1)


# By file: the hash of its bytes, and when it was received.
State = dict[str, tuple[str, int]]


def _state(home: Path) -> State:
    return {
        str(path.relative_to(home)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for root in ("inbox", "resubmissions")
        for path in sorted((home / root).rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> State:
    """What a simulation of the small plan wrote."""
    home = tmp_path_factory.mktemp("first")
    simulate(home, SMALL)
    return _state(home)


def test_the_same_plan_gives_the_same_bytes_and_times_of_receipt(
    first: State, tmp_path: Path
) -> None:
    """Prevents figures that cannot be reproduced."""
    simulate(tmp_path, SMALL)
    assert len(first) > 30
    assert first == _state(tmp_path)


def test_the_declaration_says_who_was_to_deliver_and_until_when(demo: Simulated) -> None:
    """Prevents a small nation from being judged as if all of England were to deliver."""
    declared = json.loads((demo.home / "simulation.json").read_text(encoding="utf-8"))
    assert {"BTP", "DFE", "E23000010", "383"} < set(declared["suppliers"])
    assert sum(code.isdigit() for code in declared["suppliers"]) == 10
    assert declared["last_day"] == "2026-03-31"


def test_another_seed_gives_another_nation(first: State, tmp_path: Path) -> None:
    """Prevents a seed that changes nothing."""
    simulate(tmp_path, replace(SMALL, seed=8))
    second = _state(tmp_path)
    shared = set(first) & set(second)
    same = [name for name in shared if first[name] == second[name]]
    assert len(same) < len(shared) / 10


def test_nothing_is_received_in_the_future_or_before_its_period_begins(demo: Simulated) -> None:
    """Prevents deliveries with an impossible date of receipt."""
    now = datetime(2026, 11, 21, tzinfo=UTC)
    times = [
        datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for path in (demo.home / "inbox").rglob("*")
        if path.is_file()
    ]
    assert max(times) < now
    assert min(times) >= datetime(2024, 4, 1, tzinfo=UTC)


def test_every_layout_case_system_and_form_of_return_is_there(demo: Simulated) -> None:
    """Prevents a demonstration that leaves a reader untried."""
    inbox = demo.home / "inbox"
    names = {path.name for path in inbox.rglob("*") if path.is_file()}
    zipped = {
        name
        for path in inbox.rglob("*.zip")
        if zipfile.is_zipfile(path)
        for name in zipfile.ZipFile(path).namelist()
    }
    names |= zipped
    for pattern in (
        "missing_reports_",
        "NICHE_MISPER_",
        "Missing Person Extract ",
        "connect_misper_",
    ):
        assert any(name.startswith(pattern) for name in names), pattern
    assert {"return.xml", "header.csv", "episodes.csv", "missing.csv", "uasc.csv"} <= names
    systems = {pd.read_csv(path)["case_system"].iloc[0] for path in inbox.rglob("ssd_version.csv")}
    assert systems == {"Liquidlogic", "Mosaic", "Eclipse"}
    assert zipped, "some deliveries are zips"


@pytest.mark.drill
def test_a_resubmission_replaces_the_first_version_and_holds_more(tmp_path: Path) -> None:
    """Prevents superseding from never being tried."""
    rates = SMALL.rates.keep_modes()
    rates = type(rates)(**{**rates.__dict__, "resubmission": 1.0})
    plan = SimulationPlan(
        seed=3, authority_count=2, population_scale=0.3, year_count=1, error_rates=rates
    )
    simulate(tmp_path, plan)
    before = _state(tmp_path)
    assert deliver_resubmissions(tmp_path) > 5
    after = _state(tmp_path)
    changed = [
        name
        for name in before
        if name.startswith("inbox/police_reports") and before[name] != after.get(name)
    ]
    assert changed
    assert all(after[name][1] > before[name][1] for name in changed if name in after)


def test_no_password_opens_the_zip_of_an_unknown_password(demo: Simulated) -> None:
    """Prevents a password case that is refused for another reason, or opens by chance."""
    dirty = demo.truth("dirty").set_index("case").loc["wrong_password"]
    folder = demo.period(dirty["feed"], dirty["supplier_code"], dirty["period"])
    with zipfile.ZipFile(folder / dirty["file_name"]) as archive:
        (member,) = archive.infolist()
        for number in range(600):
            # A check byte lets one password in 256 pass; the data then do not unpack.
            with pytest.raises((RuntimeError, zipfile.BadZipFile, zlib.error)):
                archive.read(member, pwd=b"password %d" % number)
        with pytest.raises(RuntimeError, match="password required"):
            archive.read(member)


@pytest.mark.parametrize(
    "wrong",
    [{"share": 0}, {"share": 2}, {"share": 0.5, "authority_count": 3}, {"year_count": 0},
     {"first_year": 1999}, {"extract_frequency": "weekly"}, {"authority_count": 0}],
)  # fmt: skip
def test_a_plan_that_cannot_be_simulated_is_refused(wrong: dict[str, object]) -> None:
    """Prevents a simulation that fails halfway with an error of an array."""
    with pytest.raises(PlanError):
        SimulationPlan(**wrong)  # type: ignore[arg-type]


@pytest.mark.drill
def test_a_share_of_the_nation_is_a_share_of_its_authorities(tmp_path: Path) -> None:
    """Prevents a benchmark of another size than it names."""
    plan = SimulationPlan(share=0.1, year_count=1, population_scale=0.1, extract_frequency="yearly")
    summary = simulate(tmp_path, plan)
    assert summary.authority_count == 15
    assert len(list((tmp_path / "inbox" / "authority_extract").iterdir())) == 15
    assert 0.06 < summary.police_report_count / 2100 < 2.5
