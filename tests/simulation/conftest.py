"""Nations that several tests look at; each is simulated once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from simulation import ErrorRates, SimulationPlan, SimulationSummary, simulate, truth_file
from simulation.sources.authority_records import AuthorityRecords, make_authority_records
from simulation.sources.police_records import make_police_records
from simulation.world.nation import Nation, make_nation


@dataclass(frozen=True)
class Simulated:
    """A home that a simulation filled, and its truth."""

    home: Path
    plan: SimulationPlan
    summary: SimulationSummary

    def truth(self, name: str) -> pd.DataFrame:
        """One table of the truth."""
        return pd.read_parquet(truth_file(self.home, name))

    def period(self, feed: str, supplier: str, period: str) -> Path:
        """The folder of one delivery."""
        return self.home / "inbox" / feed / supplier / period


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The nation of the demonstration."""
    home = tmp_path_factory.mktemp("demo")
    plan = SimulationPlan()
    return Simulated(home, plan, simulate(home, plan))


@pytest.fixture(scope="session")
def flawless() -> Nation:
    """A nation of thirty authorities' size without a single error."""
    plan = SimulationPlan(population_scale=0.5, error_rates=ErrorRates().keep_modes())
    return make_nation(plan, lambda _: None)


@pytest.fixture(scope="session")
def flawless_police(flawless: Nation) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The nominals and the reports of the forces of that nation."""
    return make_police_records(flawless)


@pytest.fixture(scope="session")
def flawless_authority(flawless: Nation) -> AuthorityRecords:
    """What the authorities of that nation record."""
    return make_authority_records(flawless)


@pytest.fixture(scope="session")
def harder(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The harder nation, delivered by half the authorities of the demonstration."""
    home = tmp_path_factory.mktemp("harder")
    plan = SimulationPlan(profile="harder", authority_count=5)
    return Simulated(home, plan, simulate(home, plan))
