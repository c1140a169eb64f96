"""Records whose end is never entered although the child returned (D11)."""

from __future__ import annotations

import numpy as np

from simulation.draws import Flags, draw_flags, random_stream
from simulation.plan import SimulationPlan


def draw_left_open(plan: SimulationPlan, source: str, count: int) -> Flags:
    """Return which records of a source are left open."""
    generator = random_stream(plan.seed, f"left open {source}")
    return draw_flags(generator, plan.processes.left_open, count)


def filed_all_the_same(plan: SimulationPlan, is_open: Flags) -> Flags:
    """Return which records without an end the police close, without a time of return."""
    if plan.processes.left_open == 0:
        return np.zeros(len(is_open), dtype=bool)
    generator = random_stream(plan.seed, "closed without return")
    return is_open & draw_flags(generator, plan.processes.closed_without_return, len(is_open))
