"""Children at another threshold: found from what is known at the register's own."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from register.identity.cluster import (
    Linked,
    cluster_children,
    find_cannot_link_pairs,
    find_weakly_connected_pairs,
    joinable_links,
    recluster_children,
)
from register.identity.cluster import children as clustering
from register.identity.score import LINK_SCHEMA, apply_threshold
from tests.identity.people import (
    NHS,
    OTHER_NHS,
    care_table,
    decision_table,
    mention,
    mention_table,
    pinned_model,
)

KEYS = [f"m{number}" for number in range(7)]
CARE = care_table(
    ("m0", "LS1 4AP", date(2025, 1, 1), None), ("m1", "M1 1AE", date(2025, 1, 1), None)
)
# Weights of links that the register makes, of loose ones alone, and of pairs in review.
SURE, LINK, LOOSE, REVIEW = 40.0, 20.0, 12.0, 5.0


def build_record(key, forename, identifiers, source):
    """One of a family whose members bear one surname and date of birth, at one address."""
    return mention(
        key, f"{forename}|Cole", source=source, postcodes=["S1 1AA"], identifiers=identifiers
    )


def link_table(weights):
    """Links of pairs with these weights, in `LINK_SCHEMA`."""
    rows = [
        dict.fromkeys(LINK_SCHEMA.names)
        | {
            "left_mention_key": left,
            "right_mention_key": right,
            "match_weight": weight,
            "band": "link" if weight >= LINK else "review",
            "is_strict": weight >= SURE,
            "is_loose": weight >= LOOSE,
        }
        for (left, right), weight in weights.items()
    ]
    return pa.Table.from_pylist(rows, schema=LINK_SCHEMA)


def build_linked(mentions, links, decisions):
    """What the warehouse has made at the register's own threshold."""
    joinable = joinable_links(links, decisions)
    return Linked(
        mentions,
        links,
        decisions,
        find_cannot_link_pairs(mentions, joinable, decisions),
        find_weakly_connected_pairs(mentions, joinable, links),
    )


records = st.tuples(
    *(
        st.builds(
            build_record,
            st.just(key),
            st.sampled_from(["Jayden", "Tyrone", "Jaydon"]),
            st.sampled_from([[], [NHS], [OTHER_NHS]]),
            st.sampled_from(["police", "authority"]),
        )
        for key in KEYS
    )
)
pairs = st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(
    lambda pair: pair[0] < pair[1]
)
weights = st.dictionaries(pairs, st.sampled_from([SURE, LINK, LOOSE, REVIEW]), max_size=10)
decided = st.lists(
    st.builds(
        lambda decision, pair: (decision, *pair),
        st.sampled_from(["link", "never_link", "split"]),
        pairs,
    ),
    max_size=2,
)


@settings(max_examples=20)
@given(rows=records, weights=weights, decided=decided, linkage=st.sampled_from(["strict", "loose"]))
def test_children_at_another_threshold_are_those_of_clustering_from_the_beginning(
    rows, weights, decided, linkage
):
    """Prevents what is known of the register's own children from deciding who is one elsewhere."""
    mentions, links, decisions = mention_table(*rows), link_table(weights), decision_table(*decided)
    reclustered = recluster_children(
        linkage, build_linked(mentions, links, decisions), pinned_model()
    )
    clustered = cluster_children(
        mentions, apply_threshold(links, linkage), decisions, pinned_model()
    )
    assert reclustered.equals(clustered)


def test_components_without_a_further_link_are_not_looked_at_again(monkeypatch):
    """Prevents a load from comparing all children of a nation for two more thresholds."""
    rows = [build_record(key, "Jayden", [], "police") for key in KEYS]
    links = link_table({("m0", "m1"): SURE, ("m2", "m3"): LINK, ("m3", "m4"): LOOSE})
    given_links = build_linked(mention_table(*rows), links, decision_table())
    looked_at = []
    monkeypatch.setattr(
        clustering,
        "find_cannot_link_pairs",
        lambda mentions, links, *rest: (
            looked_at.append(links) or find_cannot_link_pairs(mentions, links, *rest)
        ),
    )
    for linkage in ("strict", "loose"):
        recluster_children(linkage, given_links, pinned_model())
    (examined,) = looked_at
    assert {*examined["left_mention_key"].to_pylist()} == {"m2", "m3"}


def test_a_threshold_of_another_name_is_refused():
    """Prevents a misspelt threshold from passing for the register's own."""
    nobody = build_linked(mention_table(), link_table({}), decision_table())
    with pytest.raises(ValueError, match="central or loose, not near"):
        recluster_children("near", nobody, pinned_model())
