"""Comparison of two models on the same unlabelled records: what another model would change.

Both models are run on a load's whole path (`link_mentions`): pairs, caps, collective evidence,
guards and clusters, but without reviewers' decisions. `model_gate` judges whether the other model
may be used.
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
    """A reviewer's judgement whether a pair is one child, and the number of pairs it stands for."""

    is_same: bool
    stands_for: float = 1.0


@dataclass(frozen=True)
class JudgedPairs:
    """A sample of pairs that people judged blind, compared with one model's links.

    `link_count`, `true_link_count` and the error of `calibration` refer to all pairs that the
    sample stands for. The counts of `calibration` refer to the sample.
    """

    link_count: float
    true_link_count: float
    calibration: Calibration


@dataclass(frozen=True)
class LinkageFigures:
    """Figures of one model's linkage: counts, and sums of probabilities (0-1 each).

    - `links`: the pairs of band link
    - `expected_true_links`: the sum of the links' probabilities by this model
    - `expected_false_links`: the sum of 1 - probability
    - `guarded_links`: links that a guard forbids
    - `unsure_links`: links with a probability below `UNSURE`
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
    - `merged_children` counts the other model's children who are two or more children by the model
      in use.
    - `split_children` counts children by the model in use who are two or more children by the
      other.
    - `guarded_gained` counts the forbidden links that only the other model makes, and
      `guarded_lost` those that only the model in use makes. A link is forbidden by the guards of
      its own model.
    - `likely_in_use` is the mean probability (0-1), by the model in use, of pairs that only the
      other model links. A pair below review has probability 0. The mean is None without such pairs.
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

    `mentions` is in `MENTION_SCHEMA`, `care` in `CARE_SCHEMA`. `judged` gives pairs that people
    judged blind (the lower key first) with their judgement.
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
    """Return the band and probability of every pair in the links, by its keys."""
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
    """Compare probabilities with people's judgements; a pair below review has probability 0."""
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
    """Count the `children` whose records belong to two or more children of `parts`."""
    part_of = {key: place for place, part in enumerate(parts) for key in part}
    return sum(len({part_of[key] for key in child}) > 1 for child in children)
