"""Refinement: the last rounds of expectation maximisation, over all candidates and fields at once.

Under one blocking rule few fields are left to tell matches from the rest, and where fields go
together (names and regions, homes and dates) EM mistakes strangers for matches. With every field at
hand nearly all pairs are sure, so m and the prior come out as they are. u stays as random pairs
gave it.
"""

from __future__ import annotations

from math import log2
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from register.identity.calibration import LEAST_PRIOR, MOST_PRIOR, prior_bits
from register.identity.estimation import LEAST_M, MOST
from register.identity.model import NULL_GAMMA, Model

ROUNDS = 25
CLOSE_ENOUGH = 1e-4
LEAST_PAIRS = 200.0
Floats = npt.NDArray[np.float64]


class _Ladder(NamedTuple):
    """One comparison: each pair's gamma and frequency adjustment, and m and u by gamma."""

    gammas: npt.NDArray[np.int64]
    adjustments: Floats
    m: Floats
    u: Floats
    is_fixed: bool

    def weights(self) -> Floats:
        """The weight of each pair; nothing where nothing is known."""
        bits = np.append(np.log2(self.m / self.u), 0.0)
        return np.asarray(bits[self.gammas] + self.adjustments)


def refine(model: Model, pairs: pa.Table, comparison_count: int) -> Model:
    """Return the model with m and prior learned from its own scored candidate pairs.

    `comparison_count` is the number of all pairs, blocked or not. Capped pairs count as no match:
    their sum is known not to be believed. Without enough matches the model comes back as it was.
    """
    ladders = [_ladder(model, pairs, place) for place in range(len(model.comparisons))]
    is_open = pairs["capped_by"].is_null().to_numpy(zero_copy_only=False)
    prior = model.probability_two_random_records_match
    for _ in range(ROUNDS):
        bits = prior_bits(prior) + sum(ladder.weights() for ladder in ladders)
        matches = is_open / (1.0 + np.exp2(-np.clip(bits, -500, 500)))
        if matches.sum() < LEAST_PAIRS:
            return model
        following = float(np.clip(matches.sum() / comparison_count, LEAST_PRIOR, MOST_PRIOR))
        learned = [_learned(ladder, matches) for ladder in ladders]
        moved = max(
            float(np.abs(new.m - old.m).max()) for new, old in zip(learned, ladders, strict=True)
        )
        prior, ladders = following, learned
        if moved < CLOSE_ENOUGH:
            break
    return _with(model, ladders, prior)


def _ladder(model: Model, pairs: pa.Table, place: int) -> _Ladder:
    comparison = model.comparisons[place]
    name = comparison["output_column_name"]
    levels = [each for each in comparison["comparison_levels"] if not each.get("is_null_level")]
    m = np.array([level["m_probability"] for level in reversed(levels)])
    u = np.array([level["u_probability"] for level in reversed(levels)])
    gammas = pairs[f"gamma_{name}"].to_numpy().astype(np.int64)
    is_fixed = any(level.get("fix_m_probability") for level in levels)
    bare = _Ladder(gammas, np.zeros(len(gammas)), m, u, is_fixed)
    return bare._replace(adjustments=pairs[f"weight_{name}"].to_numpy() - bare.weights())


def _learned(ladder: _Ladder, matches: Floats) -> _Ladder:
    """One maximisation: the share of matches on each level. A level without any keeps its m."""
    if ladder.is_fixed:
        return ladder
    is_known = ladder.gammas != NULL_GAMMA
    found = np.bincount(ladder.gammas[is_known], weights=matches[is_known], minlength=len(ladder.m))
    if found.sum() < LEAST_PAIRS:
        return ladder
    seen = np.bincount(ladder.gammas[is_known], minlength=len(ladder.m)) > 0
    shares = np.where(seen, found / found.sum(), ladder.m)
    return ladder._replace(m=np.clip(shares, LEAST_M, MOST))


def _with(model: Model, ladders: list[_Ladder], prior: float) -> Model:
    changed: list[dict[str, Any]] = []
    for comparison, ladder in zip(model.comparisons, ladders, strict=True):
        values = iter(reversed(ladder.m.tolist()))
        levels = [
            level if level.get("is_null_level") else {**level, "m_probability": next(values)}
            for level in comparison["comparison_levels"]
        ]
        changed.append({**comparison, "comparison_levels": levels})
    return model.model_copy(
        update={"comparisons": changed, "probability_two_random_records_match": prior}
    )


def level_weight(level: dict[str, Any]) -> float:
    """Return the match weight of a level in bits."""
    return log2(level["m_probability"] / level["u_probability"])
