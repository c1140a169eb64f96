"""Joinable links: links of the model and decisions of reviewers; pairs in review stay out."""

from __future__ import annotations

import pyarrow as pa

from register.identity.cluster import joinable_links
from tests.identity.people import decision_table


def two_links():
    """Return two links: one in band link, one in review."""
    return pa.table(
        {
            "left_mention_key": ["m1", "m1"],
            "right_mention_key": ["m2", "m3"],
            "match_weight": [18.0, 40.0],
            "band": ["link", "review"],
        }
    )


def weights_of(decisions):
    """Return the joinable pairs with their weights."""
    return {
        (row["left_mention_key"], row["right_mention_key"]): row["match_weight"]
        for row in joinable_links(two_links(), decisions).to_pylist()
    }


def test_a_pair_in_review_joins_nothing_until_a_reviewer_decides():
    """Prevents a review pair with a high weight from linking without clerical review."""
    assert set(weights_of(decision_table())) == {("m1", "m2")}
    assert set(weights_of(decision_table(("link", "m3", "m1")))) == {("m1", "m2"), ("m1", "m3")}


def test_a_decision_outweighs_every_method():
    """Prevents a link by the model from joining first and excluding a reviewer's link."""
    weights = weights_of(decision_table(("link", "m4", "m1")))
    assert weights["m1", "m4"] > weights["m1", "m2"]


def test_a_decision_to_keep_apart_is_no_link():
    """Prevents a pair from being joined by the decision to keep it apart."""
    assert ("m1", "m4") not in weights_of(decision_table(("never_link", "m1", "m4")))
