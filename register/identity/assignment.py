"""One-to-one assignment: each record linked to one other at most; a tie goes to review.

Only for two sources that are each free of duplicates, such as public test sets. The register's own
mentions have duplicates and are clustered instead (`clustering`).
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import pyarrow as pa

WEIGHT_PLACES = 6


def assign_one_to_one(pairs: pa.Table) -> pa.Table:
    """Give every scored pair its `assignment`: best, tie or beaten.

    Pairs are taken from the heaviest down. Where pairs of one weight compete for a record none of
    them wins: all are `tie` and their records are spent. Order of rows does not matter.
    """
    rows = list(
        zip(
            (round(weight, WEIGHT_PLACES) for weight in pairs["match_weight"].to_pylist()),
            pairs["left_key"].to_pylist(),
            pairs["right_key"].to_pylist(),
            range(pairs.num_rows),
            strict=True,
        )
    )
    rows.sort(key=lambda row: -row[0])
    assignment = ["beaten"] * pairs.num_rows
    spent: set[str] = set()
    for _, group in groupby(rows, key=lambda row: row[0]):
        free = [row for row in group if row[1] not in spent and row[2] not in spent]
        wanted = Counter(key for row in free for key in row[1:3])
        for _, left, right, place in free:
            assignment[place] = "tie" if max(wanted[left], wanted[right]) > 1 else "best"
        spent.update(wanted)
    return pairs.append_column("assignment", pa.array(assignment, pa.string()))
