"""Late extracts: as in reality, they arrive months later than the police's data.

The plan's `years` say whether a year is in progress. `world.absences` decides which absences have
begun.
"""

from __future__ import annotations

from datetime import timedelta

from simulation.draws import random_stream
from simulation.plan import SimulationPlan


def extract_lag(plan: SimulationPlan, supplier: str, period: str) -> timedelta:
    """Return how much later an extract arrives than in the standard nation."""
    low, high = plan.processes.extract_lag_days
    if high == 0:
        return timedelta(0)
    generator = random_stream(plan.seed, f"extract lag {supplier} {period}")
    return timedelta(days=int(generator.integers(low, high + 1)))
