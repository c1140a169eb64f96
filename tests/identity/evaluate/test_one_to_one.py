"""One-to-one assignment: best pairs, ties and what competitors do to a match weight."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from register.identity.evaluate import assign_one_to_one
from register.identity.evaluate.table_evaluation import compute_exclusive_weights


def scored_pairs(*rows: tuple[str, str, float, str]) -> pa.Table:
    """Scored pairs: the two keys, the weight and the band."""
    names = ("left_key", "right_key", "match_weight", "band")
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])


def test_one_to_one_takes_the_highest_weight_and_sends_ties_to_review() -> None:
    """Prevents a record from being linked twice, and a tie from being decided by chance."""
    pairs = scored_pairs(
        ("a", "x", 9.0, "link"),
        ("a", "y", 8.0, "link"),
        ("b", "y", 7.0, "link"),
        ("c", "z", 5.0, "link"),
        ("d", "z", 5.0, "link"),
        ("c", "w", 4.0, "link"),
    )
    assert assign_one_to_one(pairs)["assignment"].to_pylist() == [
        "best",
        "beaten",
        "best",
        "tie",
        "tie",
        "beaten",
    ]


def test_competing_pairs_lower_a_weight_and_their_absence_raises_it() -> None:
    """Prevents one-to-one assignment that ignores the evidence of other candidates."""
    pairs = scored_pairs(("a", "x", 3.0, "link"), ("b", "y", 3.0, "link"), ("b", "z", 3.0, "link"))
    alone, *rivals = compute_exclusive_weights(pairs, 0.25, 0.25)
    # Odds 8 against 0.25 for no partner; 8 against 8 of the other candidate and 0.25.
    assert alone == pytest.approx(np.log2(8 / 0.25))
    assert rivals == pytest.approx([np.log2(8 / 8.25)] * 2, abs=1e-6)
