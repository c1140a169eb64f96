"""Comparison of two models on the same unlabelled records: the changes another model would bring.

Both models go the whole path of a load (`link_mentions`): pairs, caps, collective evidence, guards
and clusters, without decisions. `model_gate` judges whether the other model may be used.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from register.identity.cluster import Linkage, link_mentions
from register.identity.evaluate.calibration import Calibration, calibrate
from register.identity.evaluate.measures import Pair
from register.identity.evaluate.path_evaluation import found_children, review_list
from register.identity.score import LevelDifference, Model, level_differences

# Links with a lower probability are counted as unsure.
UNSURE = 0.9
NONE = "none"
Scored = dict[Pair, tuple[str, float]]


class JudgedPair(NamedTuple):
    """Whether reviewers judged a pair to be one child, and how many pairs this pair stands for."""

    is_same: bool
    stands_for: float = 1.0


@dataclass(frozen=True)
class JudgedPairs:
    """Pairs of a sample that people judged blind, compared with one model's links.

    `link_count`, `true_link_count` and the error of `calibration` are of all pairs that the sample
    stands for. The counts of `calibration` are of the sample.
    """

    link_count: float
    true_link_count: float
    calibration: Calibration


@dataclass(frozen=True)
class LinkageFigures:
    """Figures of one model's linkage: counts, and sums of probabilities (0-1 each).

    `links` are the pairs of band link. By the model's own probabilities, `expected_true_links` is
    the sum of the links' probabilities and `expected_false_links` the sum of 1 - probability.
    `guarded_links` are links that a guard forbids. `unsure_links` are links less probable than
    `UNSURE`.
    """

    model_version: str
    links: int
    children: int
    expected_false_links: float
    expected_true_links: float
    unsure_links: int
    guarded_links: int
    cannot_link_pairs: int
    review_pairs: int
    judged: JudgedPairs | None


@dataclass(frozen=True)
class ModelComparison:
    """Changes from the model in use to another model, on the same records.

    - `bands` counts pairs by their band in each model (link, review, none).
    - `merged_children` are children of the other model with records of two or more children in use.
    - `split_children` are children in use whose records are in two or more children of the other
      model.
    - `guarded_gained` are forbidden links that only the other model makes, and `guarded_lost`
      forbidden links that only the model in use makes. Each model's own guards forbid them.
    - `likely_in_use` is a mean over the pairs that only the other model links. It is their
      probability (0-1) by the model in use, 0 where it is below review. It is None without such
      pairs.
    """

    mention_count: int
    in_use: LinkageFigures
    other: LinkageFigures
    bands: dict[str, dict[str, int]]
    same_children: int
    merged_children: int
    split_children: int
    guarded_gained: int
    guarded_lost: int
    likely_in_use: float | None
    levels: list[LevelDifference]


def compare_models(
    mentions: pa.Table,
    care: pa.Table,
    in_use: Model,
    other: Model,
    judged: Mapping[Pair, JudgedPair] | None = None,
) -> ModelComparison:
    """Link the same cleaned mentions with both models, and count the differences.

    `mentions` is in `MENTION_SCHEMA`, `care` in `CARE_SCHEMA`. `judged` has the pairs that people
    judged blind, the lower key first, and whether they judged them to be one child.
    """
    before = link_mentions(mentions, care, model=in_use)
    after = link_mentions(mentions, care, model=other)
    return compare_linkages(before, after, judged)


def compare_linkages(
    before: Linkage, after: Linkage, judged: Mapping[Pair, JudgedPair] | None = None
) -> ModelComparison:
    """Count the differences between two linkages of the same mentions, as `compare_models` does."""
    scored, rescored = _read_scored(before), _read_scored(after)
    bands: dict[str, Counter[str]] = defaultdict(Counter)
    gained = []
    for pair in scored.keys() | rescored.keys():
        old, likely = scored.get(pair, (NONE, 0.0))
        new, _ = rescored.get(pair, (NONE, 0.0))
        bands[old][new] += 1
        if new == "link" and old != "link":
            gained.append(likely)
    guarded, reguarded = _find_guarded(before, scored), _find_guarded(after, rescored)
    old_children, new_children = found_children(before), found_children(after)
    return ModelComparison(
        mention_count=before.mentions.num_rows,
        in_use=_compute_figures(before, scored, judged),
        other=_compute_figures(after, rescored, judged),
        bands={band: dict(sorted(counts.items())) for band, counts in sorted(bands.items())},
        same_children=len(old_children & new_children),
        merged_children=_count_merged(new_children, old_children),
        split_children=_count_merged(old_children, new_children),
        guarded_gained=len(reguarded - guarded),
        guarded_lost=len(guarded - reguarded),
        likely_in_use=float(np.mean(gained)) if gained else None,
        levels=level_differences(before.model, after.model),
    )


def _read_scored(linkage: Linkage) -> Scored:
    """Return the band and probability of every pair of the links, by the pair's keys."""
    names = ("left_mention_key", "right_mention_key", "band", "match_probability")
    columns = (linkage.links[name].to_pylist() for name in names)
    return {(row[0], row[1]): (row[2], row[3]) for row in zip(*columns, strict=True)}


def _compute_figures(
    linkage: Linkage, scored: Scored, judged: Mapping[Pair, JudgedPair] | None
) -> LinkageFigures:
    linked = {pair: likely for pair, (band, likely) in scored.items() if band == "link"}
    likely = np.array(list(linked.values()), dtype=np.float64)
    return LinkageFigures(
        model_version=linkage.model.version,
        links=len(linked),
        children=len(found_children(linkage)),
        expected_false_links=float((1 - likely).sum()),
        expected_true_links=float(likely.sum()),
        unsure_links=int((likely < UNSURE).sum()),
        guarded_links=len(_find_guarded(linkage, scored)),
        cannot_link_pairs=linkage.cannot_link.num_rows,
        review_pairs=len(review_list(linkage)),
        judged=_compare_with_judged(scored, judged) if judged else None,
    )


def _find_guarded(linkage: Linkage, scored: Scored) -> set[Pair]:
    """Return the links that a guard forbids."""
    ends = (linkage.cannot_link[f"{side}_mention_key"].to_pylist() for side in ("left", "right"))
    return {pair for pair in zip(*ends, strict=True) if scored.get(pair, (NONE,))[0] == "link"}


def _compare_with_judged(scored: Scored, judged: Mapping[Pair, JudgedPair]) -> JudgedPairs:
    """Compare probabilities with people's judgements; pairs below review have probability 0."""
    is_link = np.array([scored.get(pair, (NONE,))[0] == "link" for pair in judged], dtype=np.bool_)
    likely = np.array([scored.get(pair, (NONE, 0.0))[1] for pair in judged], dtype=np.float64)
    is_same = np.array([each.is_same for each in judged.values()], dtype=np.bool_)
    weights = np.array([each.stands_for for each in judged.values()], dtype=np.float64)
    return JudgedPairs(
        link_count=float(weights[is_link].sum()),
        true_link_count=float(weights[is_link & is_same].sum()),
        calibration=calibrate(likely, is_same, weights),
    )


def _count_merged(children: set[frozenset[str]], parts: set[frozenset[str]]) -> int:
    """Count the `children` that have records of two or more of the other children, `parts`."""
    part_of = {key: place for place, part in enumerate(parts) for key in part}
    return sum(len({part_of[key] for key in child}) > 1 for child in children)
