"""Evaluation of the whole path from mentions to children, against a labelled set.

The path is that of a load: the pinned model with its thresholds and caps, collective evidence,
guards and constrained clustering. Only reviewers' decisions are left out. `path_report` presents
the figures.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from register.identity.cluster import Linkage, link_mentions
from register.identity.evaluate.calibration import Calibration, calibrate
from register.identity.evaluate.dropped_values import DroppedCounts
from register.identity.evaluate.false_merges import KINDS, FalseMerge, find_false_merges
from register.identity.evaluate.labelled_set import LabelledSet
from register.identity.evaluate.measures import (
    Measure,
    Pair,
    Share,
    build_share,
    closed_pairs,
    clusters_of,
    measure_clusters,
    measure_pairs,
)
from register.identity.evaluate.questions import build_questions, find_subjects
from register.identity.score import Model, load_model

# The number of questions that reviewers are expected to answer, per 1,000 children.
READ_PER_1000 = 60
LINKED, IN_CHILDREN = "before guards", "in children"


@dataclass(frozen=True)
class Group:
    """The pairs of one group at one stage; a pair between two groups counts in both."""

    stage: str
    grouping: str
    group: str
    child_count: int
    measure: Measure


@dataclass(frozen=True)
class ReviewShare:
    """The pairs on the review list for one reason and one cap (if any), and how many are true."""

    reason_code: str
    capped_by: str | None
    pairs: Share


@dataclass(frozen=True)
class PathEvaluation:
    """All figures about one labelled set.

    A *found* child is a child in the result of the linkage. Before any guard, but with collective
    evidence:

    - `linked`: the links; `linked_by_method`: the true links of each method
    - `closed` and `closed_clusters`: the pairs and clusters of their transitive closure

    After guards and constrained clustering:

    - `in_children` and `clusters`: the pairs within found children, and the found children
    - `false_merges`: found children with records of two or more true children
    - `merged_pairs`: pairs of true children within these, by kind (`false_merges.KINDS`)
    - `kin_joined`: pairs of kin that are wrongly one found child, by kind of kin
    - `missed`: true pairs that are neither in one found child nor on the review list

    Pairs and questions:

    - `scored`: true pairs that were candidates and scored at least the review threshold
    - `review` and `review_by_reason`: pairs on the review list that are true
    - `questions`: the questions of the review list, each about two found children. A question
      counts as true if any of its pairs is true.
    - `first_questions`: the most probable questions, `READ_PER_1000` per 1,000 children
    - `unasked`: true pairs in two found children about which no question asks
    - `unanswered`: true pairs still in two found children once the first questions are answered

    `dropped` counts rows and values that were not used.
    """

    mention_count: int
    labelled_count: int
    child_count: int
    found_child_count: int
    scored: Share
    linked: Measure
    closed: Measure
    in_children: Measure
    closed_clusters: Measure
    clusters: Measure
    linked_by_method: dict[str, Share]
    false_merges: Share
    merged_pairs: dict[str, Share]
    kin_joined: dict[str, Share]
    review: Share
    review_by_reason: list[ReviewShare]
    missed: Share
    questions: Share
    first_questions: Share
    unasked: Share
    unanswered: Share
    calibration: dict[str, Calibration]
    groups: list[Group] = field(default_factory=list)
    dropped: DroppedCounts = field(default_factory=DroppedCounts)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def review_per_1000_children(self) -> float | None:
        """The number of pairs on the review list per 1,000 children of the set."""
        return 1000 * self.review.of_count / self.child_count if self.child_count else None

    def as_dict(self) -> dict[str, Any]:
        """Return the evaluation as plain data."""
        return {**asdict(self), "review_per_1000_children": self.review_per_1000_children}


def evaluate_set(
    labelled: LabelledSet, model: Model | None = None, link_weight: float | None = None
) -> PathEvaluation:
    """Link a labelled set as a load would, and measure the result.

    `model` and `link_weight` are as in `link_set`.
    """
    return measure_linkage(link_set(labelled, model, link_weight), labelled)


def link_set(
    labelled: LabelledSet, model: Model | None = None, link_weight: float | None = None
) -> Linkage:
    """Link a labelled set as a load would.

    `model` is by default the pinned model; `link_weight` (bits) replaces its link threshold.
    """
    chosen = load_model() if model is None else model
    if link_weight is not None:
        chosen = replace_link_weight(chosen, link_weight)
    return link_mentions(labelled.mentions, labelled.care, model=chosen)


def replace_link_weight(model: Model, weight: float) -> Model:
    """Return the model with another link threshold; move other thresholds to keep their order."""
    before = model.thresholds
    changed = {
        "strict": max(before.strict, weight),
        "link": weight,
        "loose": min(before.loose, weight),
        "review": min(before.review, weight),
    }
    return model.model_copy(update={"thresholds": before.model_copy(update=changed)})


def measure_linkage(linkage: Linkage, labelled: LabelledSet) -> PathEvaluation:
    """Measure a linkage against the children of a labelled set.

    Every figure leaves out pairs with a mention whose child is not known.
    """
    child_of = labelled.child_of
    true_children = _group_by_label(child_of)
    truth = closed_pairs(true_children)
    linked = _keep_labelled(_list_links(linkage), child_of)
    found_sets = _find_labelled_children(linkage, child_of)
    within = closed_pairs(found_sets)
    review = review_list(linkage)
    listed = {pair: review[pair] for pair in _keep_labelled(review, child_of)}
    answers = _measure_questions(linkage, listed, truth, truth - within, len(true_children))
    closure = clusters_of(linked)
    true_clusters = {each for each in true_children if len(each) > 1}
    mixed = _find_mixed(found_sets, child_of)
    merges = find_false_merges(mixed, linkage, labelled)
    scored = {pair for pair, _ in _list_pairs(linkage.scored)}
    return PathEvaluation(
        mention_count=linkage.mentions.num_rows,
        labelled_count=len(child_of),
        child_count=len(true_children),
        found_child_count=len(found_sets),
        scored=build_share(len(truth & scored), len(truth)),
        linked=measure_pairs(linked, truth),
        closed=measure_pairs(closed_pairs(closure), truth),
        in_children=measure_pairs(within, truth),
        closed_clusters=measure_clusters(closure, true_clusters),
        clusters=measure_clusters({each for each in found_sets if len(each) > 1}, true_clusters),
        linked_by_method=_measure_methods(linkage, linked, truth),
        false_merges=build_share(len(mixed), len(found_sets)),
        merged_pairs=_measure_kinds(merges),
        kin_joined=_measure_kin(merges, labelled),
        review=build_share(len(listed.keys() & truth), len(listed)),
        review_by_reason=_measure_reasons(listed, truth),
        missed=build_share(len(truth - within - listed.keys()), len(truth)),
        questions=answers.all,
        first_questions=answers.first,
        unasked=build_share(answers.unasked_count, len(truth)),
        unanswered=build_share(answers.unanswered_count, len(truth)),
        calibration=_measure_calibration(linkage, child_of, truth),
        groups=_measure_groups({LINKED: linked, IN_CHILDREN: within}, truth, labelled),
        dropped=replace(
            labelled.dropped, mentions_without_truth=linkage.mentions.num_rows - len(child_of)
        ),
        details={
            "model_version": linkage.model.version,
            "thresholds": linkage.model.thresholds.model_dump(),
            "cap_count": len(linkage.model.caps),
            "cannot_link_pair_count": linkage.cannot_link.num_rows,
        },
    )


class Errors(NamedTuple):
    """The false merges of a linkage, and the true pairs neither in one child nor listed."""

    merges: list[FalseMerge]
    missed: set[Pair]


def find_errors(linkage: Linkage, labelled: LabelledSet) -> Errors:
    """Return the errors that `measure_linkage` counts, with their keys."""
    found_sets = _find_labelled_children(linkage, labelled.child_of)
    truth = closed_pairs(_group_by_label(labelled.child_of))
    return Errors(
        find_false_merges(_find_mixed(found_sets, labelled.child_of), linkage, labelled),
        truth - closed_pairs(found_sets) - review_list(linkage).keys(),
    )


def found_children(linkage: Linkage) -> set[frozenset[str]]:
    """Return the children of a linkage, each as the set of its mention keys."""
    return _group_by_label(_map_founders(linkage))


def review_list(linkage: Linkage) -> dict[Pair, tuple[str, str | None]]:
    """Return the pairs on the review list, each with its reason and its cap.

    The list equals `int_pair_outcomes` before any decision. Two kinds of pair are listed:

    - a weakly connected pair within one child, whom sure links keep together
      (`find_candidate_splits`)
    - a pair of two children that is in the review band, or whose link was undone by clustering or
      forbidden by a guard
    """
    founder_of = _map_founders(linkage)
    guarded = {pair for pair, _ in _list_pairs(linkage.cannot_link)}
    linked = _list_links(linkage)
    listed: dict[Pair, tuple[str, str | None]] = {}
    bands = dict(_list_pairs(linkage.links, "band"))
    for pair, cap in _list_pairs(linkage.links, "capped_by"):
        if bands[pair] == "unlikely" or founder_of[pair[0]] == founder_of[pair[1]]:
            continue
        if pair in linked:
            reason = "guarded_link" if pair in guarded else "kept_apart_by_cluster"
        else:
            reason = "review_band" if cap is None else "capped"
        listed[pair] = (reason, cap)
    for pair, _ in _list_pairs(linkage.candidate_splits()):
        listed[pair] = ("kept_in_doubt", None)
    return listed


class _Answers(NamedTuple):
    """How many questions concern a true pair, and how many true pairs stay in two children.

    `all` refers to all questions, `first` to the first ones. `unasked_count` counts the separated
    true pairs about which no question asks. `unanswered_count` counts the true pairs that stay
    separate if only the first questions are answered.
    """

    all: Share
    first: Share
    unasked_count: int
    unanswered_count: int


def _measure_questions(
    linkage: Linkage, listed: Collection[Pair], truth: set[Pair], apart: set[Pair], child_count: int
) -> _Answers:
    """Measure the questions of the review list, and how many separated true pairs they would join.

    `apart` are the true pairs in two found children.
    """
    child_of = _map_founders(linkage)
    probabilities = dict(_list_pairs(linkage.links, "match_probability"))
    questions = build_questions(listed, child_of, probabilities)
    pairs_of = Counter(find_subjects(pair, child_of) for pair in apart)
    answered = [pairs_of[each.subjects] for each in questions]
    is_true = [
        count > 0 or not truth.isdisjoint(each.pairs)
        for count, each in zip(answered, questions, strict=True)
    ]
    first = round(READ_PER_1000 * child_count / 1000)
    return _Answers(
        build_share(sum(is_true), len(questions)),
        build_share(sum(is_true[:first]), len(questions[:first])),
        len(apart) - sum(answered),
        len(apart) - sum(answered[:first]),
    )


def _map_founders(linkage: Linkage) -> dict[str, str]:
    """Return, for each mention, the founder of its child in the linkage."""
    clusters = linkage.clusters
    keys, founders = clusters["mention_key"], clusters["founding_mention_key"]
    return dict(zip(keys.to_pylist(), founders.to_pylist(), strict=True))


def _list_pairs(table: pa.Table, column: str = "left_mention_key") -> list[tuple[Pair, Any]]:
    """Return the pairs of a table, lower key left, each with the value of one column."""
    names = ("left_mention_key", "right_mention_key", column)
    rows = zip(*(table[name].to_pylist() for name in names), strict=True)
    return [((left, right), value) for left, right, value in rows]


def _list_links(linkage: Linkage) -> set[Pair]:
    return {pair for pair, band in _list_pairs(linkage.links, "band") if band == "link"}


def _keep_labelled(pairs: Iterable[Pair], child_of: Mapping[str, str]) -> set[Pair]:
    """Return the pairs for which the child of both mentions is known."""
    return {pair for pair in pairs if pair[0] in child_of and pair[1] in child_of}


def _group_by_label(labels: Mapping[str, str]) -> set[frozenset[str]]:
    members: dict[str, set[str]] = defaultdict(set)
    for key, label in labels.items():
        members[label].add(key)
    return {frozenset(each) for each in members.values()}


def _find_labelled_children(linkage: Linkage, child_of: Mapping[str, str]) -> set[frozenset[str]]:
    """Return the found children, each as the set of its labelled mentions."""
    parts = (frozenset(each & child_of.keys()) for each in found_children(linkage))
    return {each for each in parts if each}


def _find_mixed(
    found_sets: Iterable[frozenset[str]], child_of: Mapping[str, str]
) -> list[frozenset[str]]:
    return [each for each in found_sets if len({child_of[key] for key in each}) > 1]


def _measure_kinds(merges: list[FalseMerge]) -> dict[str, Share]:
    """Return the number of pairs of children that are wrongly one found child, by kind."""
    counts = Counter(each.kind for each in merges)
    kinds = dict.fromkeys([*KINDS, *sorted(counts)])
    return {kind: build_share(counts[kind], len(merges)) for kind in kinds}


def _measure_kin(merges: list[FalseMerge], labelled: LabelledSet) -> dict[str, Share]:
    """Return, by kind of kin, how many pairs of children are wrongly one found child."""
    joined = {each.children for each in merges}
    present = set(labelled.child_of.values())
    shares = {}
    for kind, pairs in labelled.kin.items():
        both = {pair for pair in pairs if present.issuperset(pair)}
        shares[kind] = build_share(len(joined & both), len(both))
    return shares


def _measure_methods(linkage: Linkage, linked: set[Pair], truth: set[Pair]) -> dict[str, Share]:
    """Return, by link method, the number of links and how many are true."""
    methods = dict(_list_pairs(linkage.links, "link_method"))
    counts = Counter(methods[pair] for pair in linked)
    true_counts = Counter(methods[pair] for pair in linked & truth)
    return {method: build_share(true_counts[method], counts[method]) for method in sorted(counts)}


def _measure_reasons(
    listed: Mapping[Pair, tuple[str, str | None]], truth: set[Pair]
) -> list[ReviewShare]:
    """Return the pairs and true pairs by review reason and cap, largest number first."""
    counts = Counter(listed.values())
    true_counts = Counter(reason for pair, reason in listed.items() if pair in truth)
    return [
        ReviewShare(*reason, build_share(true_counts[reason], count))
        for reason, count in sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    ]


def _measure_calibration(
    linkage: Linkage, child_of: Mapping[str, str], truth: set[Pair]
) -> dict[str, Calibration]:
    """Return the calibration of all scored pairs, and of the pairs with and without a cap."""
    rows = _list_pairs(linkage.links, "match_probability")
    labelled = _keep_labelled((pair for pair, _ in rows), child_of)
    is_known = np.array([pair in labelled for pair, _ in rows], dtype=bool)
    is_true = np.array([pair in truth for pair, _ in rows], dtype=bool)
    is_capped = np.array([cap is not None for cap in linkage.links["capped_by"].to_pylist()], bool)
    probabilities = np.array([probability for _, probability in rows], dtype=np.float64)
    kinds = {"all pairs": is_known, "under a cap": is_known & is_capped,
             "without a cap": is_known & ~is_capped}  # fmt: skip
    return {
        kind: calibrate(probabilities[is_kind], is_true[is_kind]) for kind, is_kind in kinds.items()
    }


def _measure_groups(
    stages: Mapping[str, set[Pair]], truth: set[Pair], labelled: LabelledSet
) -> list[Group]:
    measured = []
    for grouping, group_of in sorted(labelled.groups.items()):
        children: dict[str, set[str]] = defaultdict(set)
        for key, value in group_of.items():
            if key in labelled.child_of:
                children[value].add(labelled.child_of[key])
        true_pairs = _group_pairs(truth, group_of)
        for stage, pairs in stages.items():
            by_group = _group_pairs(pairs, group_of)
            for value, members in sorted(children.items()):
                measure = measure_pairs(by_group[value], true_pairs[value])
                measured.append(Group(stage, grouping, value, len(members), measure))
    return measured


def _group_pairs(pairs: set[Pair], group_of: Mapping[str, str]) -> defaultdict[str, set[Pair]]:
    """Return the pairs of each group; a pair between two groups is in both."""
    by_group: defaultdict[str, set[Pair]] = defaultdict(set)
    for pair in pairs:
        for key in pair:
            if key in group_of:
                by_group[group_of[key]].add(pair)
    return by_group
