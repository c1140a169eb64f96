"""Figures of the production path on known people."""

from __future__ import annotations

import pyarrow as pa
import pytest

from benchmarks.external_validation import Linked, People, figures, link, people_of
from register.identity.clean import clean_mentions
from register.identity.cluster import CARE_SCHEMA
from register.identity.score import LINK_SCHEMA
from simulation.external_validation import make_validation_nation

# Two records each of Ann, her twin Bea and Carl, one of Dan, a planted stranger.
CHILD_OF = {"a1": "ann", "a2": "ann", "b1": "bea", "b2": "bea", "c1": "carl", "c2": "carl"} | {
    "d1": "dan"
}
PEOPLE = People(
    CHILD_OF,
    {"ann": "one", "bea": "one", "carl": "two", "dan": "two"},
    {"carl"},
    {"dan": "stranger"},
    {("ann", "bea"): "twins"},
)


def _link(left: str, right: str, weight: float, band: str, cap: str | None) -> dict[str, object]:
    return {
        "left_mention_key": left,
        "right_mention_key": right,
        "match_weight": weight,
        "link_method": "sum_of_weights",
        "band": band,
        "capped_by": cap,
    }


LINKED = Linked(
    pa.Table.from_pylist(
        [
            _link("a1", "a2", 10.0, "link", None),
            _link("a2", "b1", 6.0, "link", None),
            _link("b1", "b2", 3.0, "review", "no_forename"),
            _link("a1", "d1", 3.0, "review", "no_forename"),
            _link("c1", "d1", -0.5, "review", "no_forename"),
        ],
        schema=LINK_SCHEMA,
    ),
    {("a1", "a2"), ("a1", "b1"), ("a2", "b1"), ("c1", "d1")},
)


def test_pairs_merges_twins_and_groups_are_counted() -> None:
    """Prevents a published quality that nobody counted by hand."""
    found = figures(LINKED, PEOPLE)
    assert found["true_pair_count"] == 3
    assert (found["precision"], found["recall"]) == (1 / 4, 1 / 3)
    assert found["false_merge_count"] == 2
    assert found["false_merges_by_planted_class"] == {"none": 1, "stranger": 1}
    assert (found["kin_pairs_joined"], found["kin_pair_count"]) == ({"twins": 1}, {"twins": 1})
    groups = {row["group"]: row for row in found["groups"]}
    assert groups["one"]["recall"] == 1 / 2
    assert groups["two"]["recall"] == groups["unaccompanied"]["recall"] == 0
    assert groups["unaccompanied"]["child_count"] == 1


def test_review_counts_only_what_a_reviewer_would_be_shown() -> None:
    """Prevents joined pairs from counting as review, or missed ones as listed."""
    review = figures(LINKED, PEOPLE)["review"]
    assert review["pair_count"] == 2
    assert review["true_share"] == 1 / 2
    assert review["true_neither_linked_nor_listed"] == 1 / 3
    assert review["by_cap"] == [{"capped_by": "no_forename", "pair_count": 2, "true_share": 1 / 2}]


def test_figures_without_planted_strangers_leave_their_records_out() -> None:
    """Prevents planted cases from being told as the nation's own."""
    found = figures(LINKED, PEOPLE.without({"stranger"}))
    assert (found["child_count"], found["mention_count"]) == (3, 6)
    assert found["precision"] == 1 / 3
    assert found["false_merges_by_planted_class"] == {"none": 1}


def test_calibration_compares_the_probability_of_a_weight_with_the_truth() -> None:
    """Prevents a reliability that is of another scale than the weights."""
    bins = figures(LINKED, PEOPLE)["calibration"]["bins"]
    assert [(each["from"], each["pair_count"]) for each in bins] == [(0.4, 1), (0.8, 2), (0.9, 2)]
    assert bins[1]["predicted"] == pytest.approx(8 / 9)
    assert bins[1]["true_share"] == 1 / 2


def test_the_production_path_links_a_validation_nation() -> None:
    """Prevents a benchmark that runs another path than a load does."""
    nation = make_validation_nation(400, 1)
    mentions = clean_mentions(nation.collected)
    linked = link(mentions, nation.care.select(CARE_SCHEMA.names))
    found = figures(linked, people_of(nation.truth))
    assert found["precision"] > 0.9
    assert 0.6 < found["recall"] < 1
