"""Midnight entered for a time that is not known (D7)."""

from __future__ import annotations

import numpy as np

from simulation.calendar import DAY
from simulation.draws import OPEN, Flags, Integers, draw_flags, random_stream
from simulation.plan import SimulationPlan


def placeholder_midnights(
    plan: SimulationPlan, name: str, minutes: Integers
) -> tuple[Integers, Flags]:
    """Times, some of them 00:00 of their own day, and which those are. No time stays no time."""
    generator = random_stream(plan.seed, f"midnights {name}")
    is_placed = draw_flags(generator, plan.processes.midnights, len(minutes)) & (minutes != OPEN)
    return np.where(is_placed, minutes // DAY * DAY, minutes), is_placed
