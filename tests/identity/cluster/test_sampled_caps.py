"""Pairs under a cap that a clerical sample supports: links at the central threshold."""

from __future__ import annotations

import pytest

from register.identity.cluster import CapSamples, link_mentions
from register.identity.evaluate import found_children
from tests.identity.cluster.test_doubtful_pairs import ALONE, OTHER_NAMES, TWIN_NAMES, reach
from tests.identity.people import Case, care_table, decision_table

PAIR = ("m1", "m2")
CAP_OF_ALONE = "near_date_elsewhere"
SUPPORTED = CapSamples(frozenset({CAP_OF_ALONE, "no_forename", "unlike_forenames"}))


@pytest.mark.parametrize(
    ("case", "weight", "band", "link_method"),
    [
        (ALONE, 0.01, "link", "clerical_sample"),
        (ALONE, -0.01, "review", "evidence_only"),
        (ALONE, -1.51, "unlikely", "evidence_only"),
        (ALONE, 4.01, "link", "context"),
        (TWIN_NAMES, 4.01, "link", "clerical_sample"),
        (TWIN_NAMES, 3.99, "review", "evidence_only"),
        (OTHER_NAMES, 4.01, "link", "clerical_sample"),
        (OTHER_NAMES, 3.99, "review", "evidence_only"),
    ],
)
def test_a_pair_under_a_supported_cap_links_from_the_loose_threshold(
    case: Case, weight: float, band: str, link_method: str
) -> None:
    """Prevents links below the loose threshold, and a final cap that no sample can lift."""
    row = reach(case, weight, SUPPORTED)
    assert (row["band"], row["link_method"]) == (band, link_method)
    assert row["is_loose"] == (band == "link")
    assert not row["is_strict"]


@pytest.mark.parametrize(
    "cap_samples",
    [
        CapSamples(),
        CapSamples(frozenset({"no_forename"})),
        CapSamples(unconfirmed=frozenset({PAIR})),
    ],
)
def test_without_support_for_its_cap_a_pair_stays_for_review(cap_samples: CapSamples) -> None:
    """Prevents links of caps about which people have not judged enough."""
    row = reach(ALONE, 3, cap_samples)
    assert row == reach(ALONE, 3)
    assert (row["band"], row["is_loose"]) == ("review", True)


def test_a_pair_that_people_did_not_confirm_stays_for_review() -> None:
    """Prevents a link of the very pair that people judged to be of two children."""
    caps = SUPPORTED.supported_caps
    assert reach(ALONE, 3, CapSamples(caps, frozenset({PAIR}))) == reach(ALONE, 3)
    others = frozenset({("m1", "m3"), ("m2", "m1")})
    assert reach(ALONE, 3, CapSamples(caps, others))["band"] == "link"


def test_children_follow_the_support_and_a_decision_outweighs_it() -> None:
    """Prevents support without effect, and a sample that overrules a decision."""
    mentions, care = ALONE.mentions, care_table()
    before = link_mentions(mentions, care)
    after = link_mentions(mentions, care, cap_samples=SUPPORTED)
    assert (len(found_children(before)), len(found_children(after))) == (2, 1)
    for decision in ("never_link", "split"):
        decided = decision_table((decision, *PAIR))
        apart = link_mentions(mentions, care, decided, cap_samples=SUPPORTED)
        assert found_children(apart) == found_children(before)
