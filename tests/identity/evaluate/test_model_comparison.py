"""Comparison of two models on the same mentions: bands, children, guards and judged pairs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pyarrow as pa
import pytest

from register.identity.cluster import Linkage, link_mentions
from register.identity.evaluate.model_comparison import JudgedPair, compare_linkages
from register.identity.evaluate.path_evaluation import replace_link_weight
from register.identity.score import load_model
from tests.identity.people import care_table, mention, mention_table

HOME = ["S1 1AA"]


@cache
def link_small_set(link_weight: float | None = None) -> Linkage:
    """Two records of one child, a third with a misspelt name elsewhere, and twins."""
    mentions = mention_table(
        mention("p1", "Jackie|Flynn", postcodes=HOME),
        mention("p2", "Jackie|Flynn", postcodes=HOME),
        mention("p3", "Jacky|Flyn", postcodes=["S1 9ZZ"]),
        mention("p4", "Aaron|Harlow", postcodes=HOME),
        mention("p5", "Mehmet|Harlow", postcodes=HOME),
    )
    model = load_model()
    chosen = model if link_weight is None else replace_link_weight(model, link_weight)
    return link_mentions(mentions, care_table(), model=chosen)


def test_a_model_compared_with_itself_changes_nothing() -> None:
    """Prevents a difference that comes from comparing."""
    comparison = compare_linkages(link_small_set(), link_small_set())
    assert comparison.in_use == comparison.other
    assert all(set(counts) == {band} for band, counts in comparison.bands.items())
    assert (comparison.merged_children, comparison.split_children, comparison.likely_in_use) == (
        0,
        0,
        None,
    )
    assert comparison.same_children == comparison.in_use.children
    assert {each.difference for each in comparison.levels} == {0.0}


def test_pairs_children_and_probabilities_are_counted_by_what_changes() -> None:
    """Prevents a merge that is counted as a split, or a gained link as a lost one."""
    forward = compare_linkages(link_small_set(), link_small_set(60.0))
    back = compare_linkages(link_small_set(60.0), link_small_set())
    assert (
        forward.bands["link"]["review"] == back.bands["review"]["link"] == forward.in_use.links > 0
    )
    assert forward.other.links == 0
    assert (forward.split_children, forward.merged_children) == (1, 0)
    assert (back.split_children, back.merged_children) == (0, 1)
    assert forward.likely_in_use is None
    assert back.likely_in_use is not None
    assert back.likely_in_use > 0.5
    figures = forward.in_use
    assert figures.false_links_by_in_use + figures.true_links_by_in_use == pytest.approx(
        figures.links
    )


def test_both_models_are_measured_by_the_probabilities_of_the_one_in_use() -> None:
    """Prevents a model that trusts itself more from passing for one with fewer false links."""
    before = link_small_set()
    places = [band == "link" for band in before.links["band"].to_pylist()]
    assert places.count(True) > 0
    bold = before.links.set_column(
        before.links.column_names.index("match_probability"),
        "match_probability",
        pa.array([1.0] * before.links.num_rows),
    )
    comparison = compare_linkages(before, replace(before, links=bold))
    assert comparison.other.false_links_by_in_use == comparison.in_use.false_links_by_in_use > 0
    assert comparison.other.true_links_by_in_use == comparison.in_use.true_links_by_in_use
    back = compare_linkages(replace(before, links=bold), before)
    assert back.other.false_links_by_in_use == back.in_use.false_links_by_in_use == 0


def test_a_link_that_the_model_in_use_does_not_score_counts_as_false() -> None:
    """Prevents a link that only the other model can see from counting for nothing."""
    after = link_small_set()
    comparison = compare_linkages(replace(after, links=after.links.slice(0, 0)), after)
    assert comparison.other.false_links_by_in_use == comparison.other.links > 0
    assert comparison.likely_in_use == 0


def test_a_guard_between_two_records_that_are_not_linked_forbids_no_link() -> None:
    """Prevents forbidden links that nobody made."""
    guards = pa.Table.from_pylist(
        [{"left_mention_key": "p1", "right_mention_key": other, "guard_code": "adoption"}
         for other in ("p2", "p4")],
        schema=link_small_set().cannot_link.schema,
    )  # fmt: skip
    figures = compare_linkages(
        replace(link_small_set(), cannot_link=guards), link_small_set()
    ).in_use
    assert (figures.guarded_links, figures.cannot_link_pairs) == (1, 2)


def forbid(linkage: Linkage, *pairs: tuple[str, str]) -> Linkage:
    """Return the linkage with these guards alone."""
    rows = [
        {
            "left_mention_key": left,
            "right_mention_key": right,
            "guard_code": "conflicting_identifiers",
        }
        for left, right in pairs
    ]
    guards = pa.Table.from_pylist(rows, schema=linkage.cannot_link.schema)
    return replace(linkage, cannot_link=guards)


@pytest.mark.parametrize("guarded_by", ["in use", "other"])
def test_guards_of_either_model_judge_the_links_of_both(guarded_by: str) -> None:
    """Prevents a link of both models from counting as gained where one has a guard more."""
    linked, unlinked = link_small_set(), link_small_set(60.0)
    pairs = [("p1", "p2")] if guarded_by == "in use" else []
    others = [] if pairs else [("p1", "p2")]
    same = compare_linkages(forbid(linked, *pairs), forbid(linked, *others))
    assert (same.guarded_gained, same.guarded_lost) == (0, 0)
    gained = compare_linkages(forbid(unlinked, *pairs), forbid(linked, *others))
    assert (gained.guarded_gained, gained.guarded_lost) == (1, 0)
    lost = compare_linkages(forbid(linked, *pairs), forbid(unlinked, *others))
    assert (lost.guarded_gained, lost.guarded_lost) == (0, 1)


def test_what_people_judged_is_compared_with_what_each_model_shows() -> None:
    """Prevents a judged pair that a model does not score from being left out."""
    judged = {("p1", "p2"): JudgedPair(True), ("p1", "p5"): JudgedPair(False)}
    comparison = compare_linkages(link_small_set(), link_small_set(), judged).other.judged
    assert comparison is not None
    assert (comparison.link_count, comparison.true_link_count) == (1, 1)
    assert comparison.calibration.pair_count == 2
    assert comparison.calibration.bins[0].true_count == 0


def test_a_judged_pair_counts_as_many_pairs_as_it_was_drawn_for() -> None:
    """Prevents a sample by strata from being read as if all pairs had one chance of being drawn."""
    alone = {("p1", "p2"): JudgedPair(True), ("p1", "p5"): JudgedPair(False)}
    drawn = {("p1", "p2"): JudgedPair(True, 30.0), ("p1", "p5"): JudgedPair(False, 2.0)}
    comparison, unweighed = (
        compare_linkages(link_small_set(), link_small_set(), judged).other.judged
        for judged in (drawn, alone)
    )
    assert comparison is not None
    assert unweighed is not None
    assert (comparison.link_count, comparison.true_link_count) == (30, 30)
    assert comparison.calibration.mean_absolute_error != unweighed.calibration.mean_absolute_error
