"""An explanation adds up: the weights of a pair, its prior among them, are its match weight."""

from __future__ import annotations

from collections import defaultdict

import pytest

from register.identity.explanation import PRIOR, WEIGHT_SCHEMA, list_weights
from register.identity.model import load_model
from register.identity.scoring import score_pairs
from tests.review.cases import mentions_table


def test_the_weights_of_a_pair_add_up_to_its_match_weight() -> None:
    """Prevents an explanation that leaves something out, or names a level that does not exist."""
    model = load_model()
    scored = score_pairs(mentions_table(), model)
    listed = list_weights(scored, model)
    assert listed.schema == WEIGHT_SCHEMA
    rows = defaultdict(list)
    for row in listed.to_pylist():
        rows[row["left_mention_key"], row["right_mention_key"]].append(row)
    assert len(rows) == scored.num_rows > 2
    for pair in scored.to_pylist():
        weighed = rows[pair["left_mention_key"], pair["right_mention_key"]]
        assert sum(row["weight"] for row in weighed) == pytest.approx(pair["match_weight"])
        assert [row["comparison_code"] for row in weighed] == [PRIOR, *model.comparison_names]
        for row in weighed[1:]:
            gamma = pair[f"gamma_{row['comparison_code']}"]
            assert row["level_code"] == model.level_labels(row["comparison_code"])[gamma]
