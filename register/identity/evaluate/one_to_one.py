"""One-to-one assignment: each record linked to one other at most; a tie goes to review.

Only for two tables that are each free of duplicates, such as public test sets. The register's own
mentions have duplicates and are clustered instead (`cluster`).
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pyarrow as pa

WEIGHT_PLACES = 6
# Lower limit for the share of records without a partner.
MIN_UNMATCHED_SHARE = 0.01


def compute_exclusive_weights(
    pairs: pa.Table, left_unmatched_share: float, right_unmatched_share: float
) -> npt.NDArray[np.float64]:
    """Return the match weight (bits) of each pair given that a record has one partner at most.

    By Bayes: the odds of a pair against the other candidates of its record and against no partner,
    whose odds are the share of records without one (0-1, implied by the prior). The lower weight of
    the two sides counts.
    """
    odds = np.exp2(np.clip(pairs["match_weight"].to_numpy(), -200, 200))
    shares = []
    sides = (("left_key", left_unmatched_share), ("right_key", right_unmatched_share))
    for column, unmatched in sides:
        codes = pairs[column].combine_chunks().dictionary_encode().indices.to_numpy()
        rivals = np.bincount(codes, weights=odds)[codes] if len(codes) else odds
        others = np.maximum(rivals - odds, 0) + max(unmatched, MIN_UNMATCHED_SHARE)
        shares.append(np.log2(odds) - np.log2(others))
    return np.round(np.minimum(*shares), WEIGHT_PLACES)


def assign_one_to_one(pairs: pa.Table) -> pa.Table:
    """Give every scored pair its `assignment`: best, tie or beaten.

    Pairs are taken in order of match weight. Pairs of equal weight that compete for a record are
    all `tie`, and their records are used up. The order of rows does not matter.
    """
    weights = (round(weight, WEIGHT_PLACES) for weight in pairs["match_weight"].to_pylist())
    lefts, rights = pairs["left_key"].to_pylist(), pairs["right_key"].to_pylist()
    rows = sorted(
        zip(weights, lefts, rights, range(pairs.num_rows), strict=True), key=lambda row: -row[0]
    )
    assignment = ["beaten"] * pairs.num_rows
    used: set[str] = set()
    for _, group in groupby(rows, key=lambda row: row[0]):
        free = [row for row in group if row[1] not in used and row[2] not in used]
        demand = Counter(key for row in free for key in row[1:3])
        for _, left, right, place in free:
            assignment[place] = "tie" if max(demand[left], demand[right]) > 1 else "best"
        used.update(demand)
    return pairs.append_column("assignment", pa.array(assignment, pa.string()))
