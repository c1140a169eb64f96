"""Decisions: what people linked joins the links and outweighs them; evidence alone stays out."""

from __future__ import annotations

import pyarrow as pa

from register.identity.cluster import joinable_links
from tests.identity.people import decision_table


def links():
    """Return two links: one proved, one for review."""
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
        for row in joinable_links(links(), decisions).to_pylist()
    }


def test_what_is_only_evidence_joins_nothing_until_somebody_decides():
    """A review pair with a high weight is linked although nobody looked at it."""
    assert set(weights_of(decision_table())) == {("m1", "m2")}
    assert set(weights_of(decision_table(("link", "m3", "m1")))) == {("m1", "m2"), ("m1", "m3")}


def test_a_decision_outweighs_every_method():
    """A method's link is taken first and shuts a reviewer's out."""
    weights = weights_of(decision_table(("link", "m4", "m1")))
    assert weights["m1", "m4"] > weights["m1", "m2"]


def test_a_decision_to_keep_apart_is_no_link():
    """A pair that a reviewer parted is joined by the very decision."""
    assert ("m1", "m4") not in weights_of(decision_table(("never_link", "m1", "m4")))
