"""Calibration: how many pairs match at all, learned from the scored pairs themselves.

Splink's first estimate of the prior rests on a guess of what sure rules find. Here it is put right
by expectation maximisation over the prior alone, the weights held fixed.
"""

from __future__ import annotations

from math import log2

import numpy as np
import numpy.typing as npt

ROUNDS = 100
CLOSE_ENOUGH = 1e-6
LEAST_PRIOR, MOST_PRIOR = 1e-12, 0.5


def recalibrated_prior(
    weights: npt.NDArray[np.float64], prior: float, comparison_count: int
) -> float:
    """Return the share of all `comparison_count` pairs that match, from the candidates' weights.

    `weights` (bits) include the given `prior`. A pair that blocking left out counts as no match.
    """
    evidence = weights - prior_bits(prior)
    estimate = prior
    for _ in range(ROUNDS):
        probabilities = 1.0 / (1.0 + np.exp2(-np.clip(evidence + prior_bits(estimate), -500, 500)))
        found = float(probabilities.sum()) / max(comparison_count, 1)
        following = min(max(found, LEAST_PRIOR), MOST_PRIOR)
        if abs(following - estimate) <= CLOSE_ENOUGH * estimate:
            return following
        estimate = following
    return estimate


def prior_bits(prior: float) -> float:
    """Return a prior probability as a match weight."""
    return log2(prior / (1 - prior))
