"""Soft thresholds of recording: the shorter an absence, the more often homes leave it out (D10)."""

from __future__ import annotations

import numpy as np

from simulation.draws import Flags, Floats, Integers, draw_flags, random_stream
from simulation.plan import SimulationPlan

MOST = 0.8  # the highest chance of omission, for the shortest absences
SOFTNESS = 0.35  # width of the slope around the threshold, as a share of the threshold
# standard deviations of the logarithm of thresholds: between homes, between workers
HOMES, WORKERS = 0.6, 0.4
WORKERS_EACH = 9  # workers in each authority


def omission_chance(hours: Floats, threshold: Floats) -> Floats:
    """Return the chance that an absence is omitted.

    The chance is `MOST` far below the threshold, half of `MOST` at the threshold, and near 0 far
    above it.
    """
    slope = np.clip((hours - threshold) / (SOFTNESS * threshold), -30, 30)
    return np.asarray(MOST / (1 + np.exp(slope)))


def below_threshold(
    plan: SimulationPlan, homes: Integers, places: Integers, persons: Integers, minutes: Integers
) -> Flags:
    """Return which absences of looked-after children are left out because they are short.

    All arrays have one entry per absence. `homes` has the postcode of the placement, `places` the
    authority and `minutes` the duration. One worker records all absences of a child.
    """
    profile, count = plan.processes, len(homes)
    if profile.threshold_homes == 0:
        return np.zeros(count, dtype=bool)
    generator = random_stream(plan.seed, "soft thresholds")
    known, home = np.unique(homes, return_inverse=True)
    has_threshold = draw_flags(generator, profile.threshold_homes, len(known))
    by_home = generator.normal(0, HOMES, len(known))
    workers, worker = np.unique(places * WORKERS_EACH + persons % WORKERS_EACH, return_inverse=True)
    by_worker = generator.normal(0, WORKERS, len(workers))
    threshold = profile.threshold_hours * np.exp(by_home[home] + by_worker[worker])
    chance = omission_chance(minutes / 60, threshold)
    return np.asarray(has_threshold[home] & (generator.random(count) < chance))
