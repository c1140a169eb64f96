"""Simulated returns, clean and dirty: the same rows fail as by the sector's validator."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from register.feeds.landing import land_everything
from register.feeds.ledger import read_ledger
from register.home import prepare_home
from register.settings import Settings, load_settings
from register.simulation import SimulationPlan, simulate
from tests.parity.delivered import FEED, delivered_returns
from tests.parity.findings import findings_of_register, findings_of_validator

PLAN = SimulationPlan(
    seed=903,
    authority_count=6,
    population_scale=0.1,
    first_year=2022,
    year_count=3,
    extract_frequency="yearly",
    has_dirty_deliveries=False,
)
# Every how many lines of a dirty module one is spoilt.
EVERY = 8


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose inbox holds the returns of a small nation, and nothing else."""
    home = tmp_path_factory.mktemp("simulated")
    # A spoilt return is smaller than the last by what was quarantined; it is not to be held.
    settings = replace(
        load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOLD_SHRINK_SHARE": "1"}),
        home=home,
    )
    simulate(home, PLAN)
    prepare_home(settings)
    for feed in settings.inbox.iterdir():
        if feed.name != FEED:
            shutil.rmtree(feed)
    return settings


def test_the_same_rows_of_clean_returns_fail(
    simulated: Settings, validator: Path, tmp_path: Path
) -> None:
    """Prevents a likely return being judged otherwise than by the tool that authorities use."""
    land_everything(simulated)
    returns = delivered_returns(simulated)
    assert len(returns) > 10
    theirs = findings_of_validator(validator, returns, tmp_path / "asked")
    ours = findings_of_register(simulated)
    assert (theirs - ours, ours - theirs) == (set(), set())
    assert len({found.rule_code for found in theirs}) > 3


def test_the_same_rows_of_dirty_returns_fail(
    simulated: Settings, validator: Path, tmp_path: Path
) -> None:
    """Prevents a bad line from changing what its neighbours are told."""
    dirty = replace(simulated, home=tmp_path / "home")
    prepare_home(dirty)
    shutil.copytree(simulated.inbox, dirty.inbox, dirs_exist_ok=True)
    generator = np.random.default_rng(PLAN.seed)
    for path in sorted((dirty.inbox / FEED).rglob("*.csv")):
        path.write_bytes(_spoilt(path.read_bytes(), generator))
    land_everything(dirty)
    outcomes = Counter(entry.outcome for entry in read_ledger(dirty))
    assert outcomes["accepted_with_quarantine"] > 5
    theirs = findings_of_validator(validator, delivered_returns(dirty), tmp_path / "asked")
    ours = findings_of_register(dirty)
    assert (theirs - ours, ours - theirs) == (set(), set())
    assert len({found.rule_code for found in theirs}) > 8


def _spoilt(content: bytes, generator: np.random.Generator) -> bytes:
    """Some lines lose a field, open a quote, or hold an impossible date or a wrong code."""
    heading, *lines = content.decode().splitlines()
    for number in range(0, len(lines), EVERY):
        line = lines[number]
        spoil = generator.choice(["field", "quote", "date", "code"])
        if spoil == "field":
            lines[number] = line.rsplit(",", 1)[0]
        elif spoil == "quote":
            lines[number] = line.replace(",", ',"', 1)
        elif spoil == "date":
            lines[number] = ",".join(
                f"31/02/{field[6:]}" if field.count("/") == 2 else field
                for field in line.split(",")
            )
        else:
            lines[number] = line.replace(",M,", ",X,").replace(",A,", ",,")
    return "\r\n".join([heading, *lines, ""]).encode()
