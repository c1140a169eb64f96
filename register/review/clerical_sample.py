"""Clerical samples: pairs that people judge, so that error can be estimated without truth.

There are two kinds of sample, in one file:

- *Over all strata.* The same number of pairs is drawn from each stratum of match weight that has
  enough. So the few pairs near the thresholds, where errors occur, are judged as often as the many
  clear ones. The warehouse estimates error from the judgements.
- *Of one cap.* Pairs under the cap are drawn that are on the review list and are links at the loose
  threshold. If nearly all of them are of one child, the warehouse links such pairs
  (`int_sampled_cap_pairs`). No estimate of error uses these samples.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from register.decision_files import read_decision_rows
from register.feeds import format_instant
from register.review.decisions import append_rows
from register.review.pairs import CaseLists, ReviewError
from register.settings import Settings

CLERICAL_SAMPLE = "clerical_sample.csv"
# The stratum of a sample of one cap is this word and the cap's name. Staging reads it too.
CAP_STRATUM = "cap "
KeyedPair = tuple[str, str, str]


@dataclass(frozen=True)
class Stratum:
    """The number of pairs in a stratum, and the number drawn."""

    stratum: str
    pair_count: int
    sampled_count: int

    @property
    def sampling_weight(self) -> float:
        """The number of pairs in the stratum that one drawn pair represents."""
        return self.pair_count / self.sampled_count


@dataclass(frozen=True)
class ClericalSample:
    """A sample as written to `clerical_sample.csv`."""

    sample_id: str
    seed: int
    strata: tuple[Stratum, ...]

    @property
    def pair_count(self) -> int:
        """The number of pairs that were drawn."""
        return sum(each.sampled_count for each in self.strata)


def allocate(counts: dict[str, int], size: int) -> dict[str, int]:
    """Divide `size` equally over strata. If a stratum has too few pairs, others get more."""
    allotted = dict.fromkeys(counts, 0)
    while (left := min(size, sum(counts.values())) - sum(allotted.values())) > 0:
        unfilled = [name for name in sorted(counts) if allotted[name] < counts[name]]
        share = max(1, left // len(unfilled))
        for name in unfilled[:left]:
            allotted[name] += min(share, counts[name] - allotted[name])
    return allotted


def draw_sample(settings: Settings, case_lists: CaseLists, size: int, seed: int) -> ClericalSample:
    """Draw a sample over all strata, and append it to `clerical_sample.csv` in random order.

    The same generation, size and seed give the same pairs. Raises `ReviewError` if no pair is
    scored.
    """
    by_stratum: dict[str, list[KeyedPair]] = defaultdict(list)
    for pair_id, left, right, stratum in case_lists.scored_pairs():
        by_stratum[stratum].append((pair_id, left, right))
    if not by_stratum:
        raise ReviewError("no pair is scored: there is nothing to draw from")
    return _draw_by_stratum(settings, by_stratum, size, seed)


def draw_cap_sample(
    settings: Settings, case_lists: CaseLists, cap: str, size: int, seed: int
) -> ClericalSample:
    """Draw a sample of the pairs under one cap, and append it to `clerical_sample.csv`.

    Only questions of the review list are drawn, so no pair is joined or decided on, and one pair
    stands for two children. The same generation, size and seed give the same pairs. Raises
    `ReviewError` if no such pair is under the cap.
    """
    by_cap: dict[str, list[KeyedPair]] = defaultdict(list)
    for pair in case_lists.pairs_for_review("capped"):
        if pair.is_loose and pair.guard_code is None:
            keys = (pair.left_mention_key, pair.right_mention_key)
            by_cap[str(pair.capped_by)].append((pair.review_pair_id, *keys))
    if cap not in by_cap:
        raise ReviewError(
            f"the review list has no pair under the cap {cap} that is a link at the loose"
            f" threshold; caps with such pairs: {', '.join(sorted(by_cap)) or 'none'}"
        )
    by_stratum = {f"{CAP_STRATUM}{cap}": sorted(by_cap[cap])}
    return _draw_by_stratum(settings, by_stratum, size, seed, f"-{cap}")


def _draw_by_stratum(
    settings: Settings,
    by_stratum: dict[str, list[KeyedPair]],
    size: int,
    seed: int,
    id_suffix: str = "",
) -> ClericalSample:
    """Draw `size` pairs from strata, and append them to `clerical_sample.csv` in random order."""
    generator = random.Random(seed)  # noqa: S311 - a sample has to be repeatable, not secret
    allotted = allocate({name: len(pairs) for name, pairs in by_stratum.items()}, size)
    strata = tuple(
        Stratum(name, len(by_stratum[name]), allotted[name])
        for name in sorted(by_stratum, key=_order_by_weight)
        if allotted[name]
    )
    now = datetime.now(UTC)
    sample_id = f"S{now:%Y%m%dT%H%M%S}-{seed}{id_suffix}"
    rows = []
    for each in strata:
        for pair in generator.sample(by_stratum[each.stratum], each.sampled_count):
            figures = [str(each.pair_count), str(each.sampled_count), f"{each.sampling_weight:.6f}"]
            rows.append([sample_id, format_instant(now), str(seed), *pair, each.stratum, *figures])
    generator.shuffle(rows)
    append_rows(settings, CLERICAL_SAMPLE, rows)
    return ClericalSample(sample_id, seed, strata)


def _order_by_weight(stratum: str) -> tuple[bool, bool, int]:
    """Return a sort key for strata: by weight from `below 0` to `20 and over`, others last."""
    bound = next((int(word) for word in stratum.split() if word.isdigit()), None)
    return bound is None, not stratum.startswith("below"), bound or 0


def sampled_pair_ids(settings: Settings) -> list[str]:
    """Return the ids of the pairs to judge, in this order, each once.

    They are the pairs of the latest sample over all strata and of the latest of each cap. The
    sample that was drawn last comes first.
    """
    rows = read_decision_rows(settings, CLERICAL_SAMPLE)
    latest: dict[str | None, str] = {}
    for row in rows:
        cap = _find_cap(row)
        if latest.get(cap) != row["sample_id"]:
            latest.pop(cap, None)
            latest[cap] = row["sample_id"]
    return list(
        dict.fromkeys(
            row["review_pair_id"]
            for sample_id in reversed(latest.values())
            for row in rows
            if row["sample_id"] == sample_id
        )
    )


def _find_cap(row: dict[str, str]) -> str | None:
    """Return the cap of which a sampled pair was drawn, or None in a sample over all strata."""
    stratum = row["stratum"]
    return stratum.removeprefix(CAP_STRATUM) if stratum.startswith(CAP_STRATUM) else None


def sampling_weights(settings: Settings) -> dict[tuple[str, str], float]:
    """Return the number of scored pairs that each sampled pair represents, by its two keys.

    Only samples over all strata have such weights. The lower key comes first. A pair in several
    samples has its weight in the latest.
    """
    weights = {}
    for row in read_decision_rows(settings, CLERICAL_SAMPLE):
        if _find_cap(row) is not None:
            continue
        left, right = sorted((row["left_mention_key"], row["right_mention_key"]))
        weights[left, right] = float(row["sampling_weight"])
    return weights
