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
    - `true_links_by_in_use`: the sum of the links' probabilities by the model in use, so that both
      models are measured alike. A pair below review in the model in use has probability 0.
    - `false_links_by_in_use`: the sum of 1 - probability
    - `guarded_links`: links that a guard of this model forbids
    - `unsure_links`: links with a probability below `UNSURE` by this model
    """

    model_version: str
    links: int
    children: int
    false_links_by_in_use: float
    true_links_by_in_use: float
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
      `guarded_lost` those that only the model in use makes. A pair is forbidden if a guard of
      either model forbids it, since each model's guards examine only its own links.
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
    forbidden = _list_forbidden(before) | _list_forbidden(after)
    guarded, reguarded = (forbidden & _list_links(each) for each in (scored, rescored))
    old_children, new_children = found_children(before), found_children(after)
    return ModelComparison(
        mention_count=before.mentions.num_rows,
        in_use=_compute_figures(before, scored, scored, judged),
        other=_compute_figures(after, rescored, scored, judged),
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
    linkage: Linkage,
    scored: Scored,
    in_use: Scored,
    judged: Mapping[Pair, JudgedPair] | None,
) -> LinkageFigures:
    """Compute the figures of a linkage; `in_use` has the probabilities of the model in use."""
    linked = _list_links(scored)
    likely = np.array([scored[pair][1] for pair in linked], dtype=np.float64)
    # The sum of floating-point numbers depends on their order, and a set has none.
    by_in_use = np.sort([in_use.get(pair, (NONE, 0.0))[1] for pair in linked])
    return LinkageFigures(
        model_version=linkage.model.version,
        links=len(linked),
        children=len(found_children(linkage)),
        false_links_by_in_use=float((1 - by_in_use).sum()),
        true_links_by_in_use=float(by_in_use.sum()),
        unsure_links=int((likely < UNSURE).sum()),
        guarded_links=len(linked & _list_forbidden(linkage)),
        cannot_link_pairs=linkage.cannot_link.num_rows,
        review_pairs=len(review_list(linkage)),
        judged=_compare_with_judged(scored, judged) if judged else None,
    )


def _list_links(scored: Scored) -> set[Pair]:
    return {pair for pair, (band, _) in scored.items() if band == "link"}


def _list_forbidden(linkage: Linkage) -> set[Pair]:
    """Return the pairs that a guard of this linkage forbids, linked or not."""
    ends = (linkage.cannot_link[f"{side}_mention_key"].to_pylist() for side in ("left", "right"))
    return set(zip(*ends, strict=True))


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
