"""Measures of linkage error: precision, recall and F1 against known truth, with their intervals.

The truth comes from a simulation, a clerical sample or a public test set, and is read elsewhere.
Method and guidance: `docs/explanation/linkage.md`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Pair = tuple[str, str]
BOOTSTRAP_SEED = 1901
REPLICATES = 400


class Interval(NamedTuple):
    """A lower and an upper bound."""

    lower: float
    upper: float


@dataclass(frozen=True)
class Measure:
    """The errors of a set of links. Shares are 0-1, or None if the denominator is 0."""

    true_count: int
    false_count: int
    missed_count: int
    precision: float | None
    precision_interval: Interval | None
    recall: float | None
    recall_interval: Interval | None
    f1: float | None
    f1_interval: Interval | None = None


@dataclass(frozen=True)
class Share:
    """A part of a count, its share (0-1) and Wilson interval (both None if the count is 0)."""

    count: int
    of_count: int
    share: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Evaluation:
    """The figures of one linkage: counts, and the errors of its links.

    `pairwise` measures the linked pairs. `clusters` measures the clusters that links form by
    transitive closure, and `closed` all pairs within these clusters. `curve` has the errors at each
    link threshold, and `groups` the errors by group of records.
    """

    record_count: int
    truth_pair_count: int
    linked_pair_count: int
    review_pair_count: int
    review_true_count: int
    candidate_pair_count: int
    candidate_recall: float | None
    pairwise: Measure
    closed: Measure
    clusters: Measure
    curve: list[dict[str, Any]]
    groups: list[dict[str, Any]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Counts:
    """Numbers of records and of scored pairs."""

    record_count: int
    candidate_pair_count: int


def wilson_interval(successes: int, trials: int) -> Interval | None:
    """Return the 95 % score interval (0-1) of a share, or None without trials.

    The interval is Wilson's (1927), from SciPy. Brown, Cai and DasGupta (2001) recommend it, since
    it does not shrink to a point near 0 and 1. Raises `ValueError` unless 0 <= successes <= trials.
    """
    from scipy.stats import binomtest

    if not 0 <= successes <= trials:
        raise ValueError("successes must lie between 0 and the number of trials")
    if trials == 0:
        return None
    interval = binomtest(successes, trials).proportion_ci(confidence_level=0.95, method="wilson")
    return Interval(float(interval.low), float(interval.high))


def build_share(count: int, of_count: int) -> Share:
    """Return a share of a count with its Wilson interval."""
    share = count / of_count if of_count else None
    return Share(count, of_count, share, wilson_interval(count, of_count))


def bootstrap_f1_interval(counts: npt.NDArray[np.int64], seed: int) -> Interval | None:
    """Return the 95 % bootstrap interval (0-1) of F1, or None without any pair.

    `counts` has a row per record with its numbers of true, false and missed pairs. Records are
    resampled instead of pairs, since errors in one record's pairs are correlated (Binette and
    others 2022).
    """
    total = int(counts.sum())
    if total == 0:
        return None
    generator = np.random.default_rng(seed)
    # Records with equal counts are interchangeable, so one multinomial draw over the distinct rows
    # resamples all records.
    patterns, occurrences = np.unique(counts, axis=0, return_counts=True)
    drawn = generator.multinomial(len(counts), occurrences / len(counts), size=REPLICATES)
    true, false, missed = (drawn @ patterns).T
    total_counts = 2 * true + false + missed
    scores = np.divide(
        2 * true, total_counts, out=np.ones(len(total_counts)), where=total_counts > 0
    )
    lower, upper = np.quantile(scores, [0.025, 0.975])
    return Interval(float(lower), float(upper))


def ordered_pair(left: str, right: str) -> Pair:
    """Return a pair with its lower key first."""
    return (left, right) if left <= right else (right, left)


def measure_counts(true_count: int, false_count: int, missed_count: int) -> Measure:
    """Return precision and recall with Wilson intervals, and F1, from counts.

    The counts are of pairs or clusters: true, false and missed.
    """
    linked, truth = true_count + false_count, true_count + missed_count
    return Measure(
        true_count,
        false_count,
        missed_count,
        true_count / linked if linked else None,
        wilson_interval(true_count, linked),
        true_count / truth if truth else None,
        wilson_interval(true_count, truth),
        2 * true_count / (linked + truth) if linked + truth else None,
    )


def measure_pairs(linked: set[Pair], truth: set[Pair]) -> Measure:
    """Measure linked pairs against true pairs; F1 has a bootstrap interval over records."""
    plain = measure_counts(len(linked & truth), len(linked - truth), len(truth - linked))
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, pairs in enumerate((linked & truth, linked - truth, truth - linked)):
        for pair in pairs:
            for key in pair:
                counts[key][place] += 1
    by_record = np.array([counts[key] for key in sorted(counts)], dtype=np.int64).reshape(-1, 3)
    return replace(plain, f1_interval=bootstrap_f1_interval(by_record, BOOTSTRAP_SEED))


def clusters_of(pairs: Iterable[Pair]) -> set[frozenset[str]]:
    """Return the clusters of two or more records that pairs form by transitive closure."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ordered = sorted(pairs)
    keys = sorted({key for pair in ordered for key in pair})
    place = {key: number for number, key in enumerate(keys)}
    left = [place[one] for one, _ in ordered]
    right = [place[two] for _, two in ordered]
    graph = coo_array((np.ones(len(ordered)), (left, right)), shape=(len(keys), len(keys)))
    labels = connected_components(graph, directed=False)[1] if keys else []
    members: dict[int, set[str]] = defaultdict(set)
    for key, label in zip(keys, labels, strict=True):
        members[int(label)].add(key)
    return {frozenset(each) for each in members.values()}


def closed_pairs(clusters: Iterable[frozenset[str]]) -> set[Pair]:
    """Return every pair of records that are in one cluster."""
    return {pair for keys in clusters for pair in combinations(sorted(keys), 2)}


def measure_clusters(linked: set[frozenset[str]], truth: set[frozenset[str]]) -> Measure:
    """Measure clusters of two or more records; a cluster is true only if it equals a true one."""
    return measure_counts(len(linked & truth), len(linked - truth), len(truth - linked))


def threshold_curve(
    weights: npt.NDArray[np.float64], is_true: npt.NDArray[np.bool_], truth_count: int
) -> list[dict[str, Any]]:
    """Return precision, recall and F1 for a link threshold at each whole match weight (bits)."""
    if not len(weights):
        return []
    order = np.argsort(-weights, kind="stable")
    falling, true = -weights[order], np.cumsum(is_true[order])
    curve = []
    for threshold in range(int(np.floor(weights.min())), int(np.ceil(weights.max())) + 1):
        linked = int(np.searchsorted(falling, -threshold, side="right"))
        right = int(true[linked - 1]) if linked else 0
        measured = measure_counts(right, linked - right, truth_count - right)
        curve.append(
            {
                "match_weight": threshold,
                "linked_pair_count": linked,
                "precision": measured.precision,
                "recall": measured.recall,
                "f1": measured.f1,
            }
        )
    return curve


def measure_groups(
    linked: set[Pair], truth: set[Pair], groups: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Measure pairs by group; `groups` gives, for each grouping, the group of each key.

    A pair between two groups counts in both, so the groups' counts may exceed the count of all
    pairs.
    """
    measured = []
    for grouping in sorted(groups):
        of_key = groups[grouping]
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for place, pairs in enumerate((linked & truth, linked - truth, truth - linked)):
            for left, right in pairs:
                for value in {of_key.get(left), of_key.get(right)} - {None}:
                    counts[str(value)][place] += 1
        measured += [
            {"grouping": grouping, "group": value, **asdict(measure_counts(*counts[value]))}
            for value in sorted(counts)
        ]
    return measured


def evaluate_scores(
    pairs: pa.Table,
    truth: set[Pair],
    counts: Counts,
    groups: Mapping[str, Mapping[str, str]] | None = None,
    details: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Measure scored pairs (left_key, right_key, match_weight, band) against true pairs.

    If the pairs have an `assignment`, only those that are `best` are in the threshold curve.
    `candidate_recall` is the share (0-1) of true pairs that were scored.
    """
    left, right = pairs["left_key"].to_pylist(), pairs["right_key"].to_pylist()
    keys = [ordered_pair(*ends) for ends in zip(left, right, strict=True)]
    bands = pairs["band"].to_pylist()
    is_true = np.array([key in truth for key in keys], dtype=bool)
    linked = {key for key, band in zip(keys, bands, strict=True) if band == "link"}
    review = {key for key, band in zip(keys, bands, strict=True) if band == "review"}
    is_eligible = np.ones(len(keys), dtype=bool)
    if "assignment" in pairs.column_names:
        is_eligible = np.array([each == "best" for each in pairs["assignment"].to_pylist()])
    weights = pairs["match_weight"].to_numpy()
    clusters, true_clusters = clusters_of(linked), clusters_of(truth)
    return Evaluation(
        record_count=counts.record_count,
        truth_pair_count=len(truth),
        linked_pair_count=len(linked),
        review_pair_count=len(review),
        review_true_count=len(review & truth),
        candidate_pair_count=counts.candidate_pair_count,
        candidate_recall=int(is_true.sum()) / len(truth) if truth else None,
        pairwise=measure_pairs(linked, truth),
        closed=measure_pairs(closed_pairs(clusters), truth),
        clusters=measure_clusters(clusters, true_clusters),
        curve=threshold_curve(weights[is_eligible], is_true[is_eligible], len(truth)),
        groups=measure_groups(linked, truth, groups or {}),
        details=dict(details or {}),
    )
