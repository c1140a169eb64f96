"""Intervals: how sure a share or a score is, given how few or many cases it rests on."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Z_95 = 1.959963984540054
REPLICATES = 400


class Interval(NamedTuple):
    """A lower and an upper bound, both 0-1."""

    lower: float
    upper: float


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> Interval | None:
    """Return Wilson's score interval of a share, or None without trials.

    Wilson (1927), as recommended by Brown, Cai and DasGupta (2001): holds near 0 and 1, where the
    usual interval has no width. Raises `ValueError` unless 0 <= successes <= trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError("successes must lie between 0 and the number of trials")
    if trials == 0:
        return None
    share, squared = successes / trials, z * z
    centre = (share + squared / (2 * trials)) / (1 + squared / trials)
    width = sqrt(share * (1 - share) / trials + squared / (4 * trials * trials))
    half = z * width / (1 + squared / trials)
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def bootstrap_f1_interval(
    counts: npt.NDArray[np.int64], seed: int, replicates: int = REPLICATES
) -> Interval | None:
    """Return the 95 % bootstrap interval of F1, or None without any pair.

    `counts` has a row per record: its true, false and missed pairs. Records, not pairs, are drawn
    again, since the pairs of one record succeed and fail together (Binette and others 2022).
    """
    total = int(counts.sum())
    if total == 0:
        return None
    generator = np.random.default_rng(seed)
    # Equal rows are drawn together: one multinomial over how often each pattern occurs.
    patterns, occurrences = np.unique(counts, axis=0, return_counts=True)
    drawn = generator.multinomial(len(counts), occurrences / len(counts), size=replicates)
    true, false, missed = (drawn @ patterns).T
    whole = 2 * true + false + missed
    scores = np.divide(2 * true, whole, out=np.ones(len(whole)), where=whole > 0)
    lower, upper = np.quantile(scores, [0.025, 0.975])
    return Interval(float(lower), float(upper))
