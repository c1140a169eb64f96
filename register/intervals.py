"""Confidence intervals of shares, by the formulas of `dbt_project/functions/statistics`."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

# The limits of a 95 % interval are this many standard errors from the estimate.
INTERVAL_Z = 1.959964


@dataclass(frozen=True)
class Interval:
    """An estimate and the limits of its 95 % interval."""

    estimate: float
    lower: float
    upper: float


def wilson_interval(successes: float, trials: float) -> Interval:
    """Return a share (0-1) with Wilson's score interval (1927). `trials` must be above 0."""
    share = successes / trials
    centre = successes + INTERVAL_Z**2 / 2
    half = INTERVAL_Z * sqrt(successes * (trials - successes) / trials + INTERVAL_Z**2 / 4)
    size = trials + INTERVAL_Z**2
    return Interval(
        share,
        max(0.0, min(share, (centre - half) / size)),
        min(1.0, max(share, (centre + half) / size)),
    )
