"""Limits of linkage: what a classifier and a reviewer who know the truth would reach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.linkage.limits import (
    Nation,
    fewest_decisions,
    find_recall,
    list_by_review_weight,
    read_nation,
)
from register.identity.evaluate import measure_linkage

SEED, CHILDREN = 5, 400


@pytest.fixture(scope="module")
def small_nation(tmp_path_factory: pytest.TempPathFactory) -> Nation:
    """A validation nation of a few hundred children, linked."""
    folder: Path = tmp_path_factory.mktemp("nation")
    return read_nation(CHILDREN, SEED, folder)


def test_recall_at_a_precision_is_that_of_the_last_threshold_that_has_it() -> None:
    """Prevents a limit that ends at the first false pair, or that allows more of them."""
    likely = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    is_true = np.array([True, True, False, True, False])
    assert find_recall(1.0, likely, is_true, 4) == 0.5
    assert find_recall(0.75, likely, is_true, 4) == 0.75
    assert find_recall(0.75, likely[::-1], is_true[::-1], 4) == 0.75
    assert find_recall(0.99, likely, ~is_true, 4) == 0


def test_the_list_at_the_models_own_weight_is_that_of_the_evaluation(small_nation: Nation) -> None:
    """Prevents a wider list from being compared with another one than the register's."""
    found = measure_linkage(small_nation.linkage, small_nation.labelled)
    weight = small_nation.linkage.model.thresholds.review
    per_1000, true, neither = list_by_review_weight(small_nation, weight)
    assert per_1000 == pytest.approx(found.review_per_1000_children)
    assert true == pytest.approx(found.review.share)
    assert neither == pytest.approx(found.missed.share)
    longer, _, fewer = list_by_review_weight(small_nation, weight - 4)
    assert longer > per_1000
    assert fewer <= neither


def test_the_fewest_decisions_are_none_for_what_is_apart_and_rise_with_what_is_asked(
    small_nation: Nation,
) -> None:
    """Prevents a limit that a list could beat."""
    found = measure_linkage(small_nation.linkage, small_nation.labelled)
    apart = found.in_children.missed_count / len(small_nation.truth)
    decisions = fewest_decisions(small_nation, (apart, apart / 2, 0.0))
    assert decisions[apart] == 0
    assert 0 < decisions[apart / 2] < decisions[0.0]
    # With none left, every further part of a child is joined once.
    parts = found.found_child_count - found.child_count
    assert decisions[0.0] * found.child_count / 1000 >= parts


def test_every_scored_pair_has_its_features(small_nation: Nation) -> None:
    """Prevents labels that are beside other pairs than their features."""
    features, pairs = small_nation.features(), small_nation.list_pairs()
    assert features.shape[0] == len(pairs) == small_nation.linkage.scored.num_rows
    weights = np.sort(small_nation.linkage.scored["match_weight"].to_numpy())
    assert np.allclose(np.sort(features[:, 0]), weights)
