"""Measures against examples worked out by hand and published values."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from register.identity.evaluate import Counts, evaluate_scores, measure_counts, wilson_interval
from register.identity.evaluate.measures import (
    bootstrap_f1_interval,
    closed_pairs,
    clusters_of,
    measure_groups,
    threshold_curve,
)

TRUTH = {("a", "b"), ("c", "d"), ("e", "f"), ("g", "h")}


def scored_pairs(*rows: tuple[str, str, float, str]) -> pa.Table:
    """Scored pairs: the two keys, the weight and the band."""
    names = ("left_key", "right_key", "match_weight", "band")
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_are_the_published_ones(
    successes: int, trials: int, lower: float, upper: float
) -> None:
    """Prevents an interval that has no width at 0 or is too narrow near it."""
    interval = wilson_interval(successes, trials)
    assert interval is not None
    assert (interval.lower, interval.upper) == pytest.approx((lower, upper), abs=5e-5)


def test_no_trials_have_no_interval_and_impossible_counts_are_refused() -> None:
    """Prevents a share of nothing from being shown as a figure."""
    assert wilson_interval(0, 0) is None
    with pytest.raises(ValueError, match="successes"):
        wilson_interval(3, 2)


def test_precision_recall_and_f1_are_those_worked_out_by_hand() -> None:
    """Prevents swapped denominators: 3 of 4 links are right, 3 of 5 pairs are found."""
    measured = measure_counts(3, 1, 2)
    assert (measured.precision, measured.recall, measured.f1) == pytest.approx((0.75, 0.6, 2 / 3))
    assert measure_counts(0, 0, 2).precision is None
    assert measure_counts(0, 2, 0).recall is None


def test_the_bootstrap_interval_contains_f1_and_repeats() -> None:
    """Prevents an interval that moves from run to run."""
    counts = np.array([[1, 0, 0]] * 80 + [[0, 1, 0]] * 10 + [[0, 0, 1]] * 10)
    interval = bootstrap_f1_interval(counts, seed=1)
    assert interval is not None
    assert interval == bootstrap_f1_interval(counts, seed=1)
    assert interval.lower < 160 / 180 < interval.upper
    assert interval.upper - interval.lower == pytest.approx(0.09, abs=0.03)
    assert bootstrap_f1_interval(np.array([[1, 0, 0]] * 9), seed=1) == (1.0, 1.0)


def test_an_evaluation_counts_links_review_pairs_and_pairs_lost_in_blocking() -> None:
    """Prevents a review pair from counting as found, and pairs lost in blocking from hiding."""
    pairs = scored_pairs(
        ("a", "b", 12.0, "link"),
        ("c", "d", 4.0, "review"),
        ("a", "c", 9.0, "link"),
        ("e", "f", -3.0, "none"),
    )
    measured = evaluate_scores(pairs, TRUTH, Counts(8, 4))
    assert (measured.linked_pair_count, measured.review_pair_count, measured.review_true_count) == (
        2,
        1,
        1,
    )
    assert (measured.pairwise.precision, measured.pairwise.recall) == (0.5, 0.25)
    assert measured.candidate_recall == 0.75


def test_closure_shows_what_a_wrong_link_costs() -> None:
    """Prevents one wrong link between two right pairs from looking like one error, not four."""
    pairs = scored_pairs(("a", "b", 9.0, "link"), ("c", "d", 9.0, "link"), ("b", "c", 9.0, "link"))
    measured = evaluate_scores(pairs, {("a", "b"), ("c", "d")}, Counts(4, 3))
    assert (measured.pairwise.false_count, measured.closed.false_count) == (1, 4)
    assert (measured.clusters.true_count, measured.clusters.false_count) == (0, 1)


def test_clusters_are_right_only_when_whole() -> None:
    """Prevents a child of three records, found as two, from counting as found."""
    truth = clusters_of({("a", "b"), ("b", "c"), ("d", "e")})
    assert truth == {frozenset("abc"), frozenset("de")}
    assert closed_pairs(truth) == {("a", "b"), ("a", "c"), ("b", "c"), ("d", "e")}
    measured = evaluate_scores(
        scored_pairs(("a", "b", 9.0, "link"), ("d", "e", 9.0, "link")),
        {("a", "b"), ("b", "c"), ("a", "c"), ("d", "e")},
        Counts(5, 2),
    ).clusters
    assert (measured.precision, measured.recall) == (0.5, 0.5)


def test_the_curve_falls_with_the_threshold_as_by_hand() -> None:
    """Prevents a threshold from being chosen on a curve that is one step off."""
    curve = {
        point["match_weight"]: (point["linked_pair_count"], point["precision"], point["recall"])
        for point in threshold_curve(
            np.array([3.0, 2.0, 0.5]), np.array([True, False, True]), truth_count=4
        )
    }
    assert curve == {
        0: (3, pytest.approx(2 / 3), 0.5),
        1: (2, 0.5, 0.25),
        2: (2, 0.5, 0.25),
        3: (1, 1.0, 0.25),
    }


def test_groups_show_who_is_found_less_often() -> None:
    """Prevents a method that misses one group of children from hiding in the average."""
    of_key = {"a": "WBRI", "b": "WBRI", "c": "BAFR", "d": "BAFR", "e": "BAFR"}
    rows = measure_groups({("a", "b"), ("e", "x")}, TRUTH, {"ethnicity": of_key})
    by_group = {row["group"]: row for row in rows}
    assert by_group["WBRI"]["recall"] == 1.0
    assert (by_group["BAFR"]["recall"], by_group["BAFR"]["precision"]) == (0.0, 0.0)
    assert by_group["BAFR"]["missed_count"] == 2
