"""Times recorded as midnight because the time is not known (D7)."""

from __future__ import annotations

import numpy as np

from simulation.calendar import DAY
from simulation.draws import OPEN, Flags, Integers, draw_flags, random_stream
from simulation.plan import SimulationPlan


def placeholder_midnights(
    plan: SimulationPlan, name: str, minutes: Integers
) -> tuple[Integers, Flags]:
    """Return the times, some replaced by 00:00 of their day, and a flag for the replaced ones.

    A missing time stays missing.
    """
    generator = random_stream(plan.seed, f"midnights {name}")
    is_placed = draw_flags(generator, plan.processes.midnights, len(minutes)) & (minutes != OPEN)
    return np.where(is_placed, minutes // DAY * DAY, minutes), is_placed
