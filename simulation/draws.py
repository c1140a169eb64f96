"""Seeded random streams, and the array operations that the whole simulation uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]

OPEN = 10**8  # later than any real day or minute: the record has no end


def random_stream(seed: int, name: str) -> np.random.Generator:
    """Return a named random stream; draws from one stream do not affect the others."""
    return np.random.default_rng([seed, crc32(name.encode())])


def draw_keys(generator: np.random.Generator, weights: Mapping[str, float], count: int) -> Texts:
    """Draw `count` keys of a mapping, each with a probability in proportion to its value."""
    keys = np.array(list(weights), dtype=object)
    values = np.array(list(weights.values()), dtype=float)
    drawn = np.searchsorted(np.cumsum(values / values.sum()), generator.random(count), "right")
    return np.asarray(keys[np.minimum(drawn, len(keys) - 1)], dtype=object)


def draw_flags(generator: np.random.Generator, rate: float, count: int) -> Flags:
    """Return flags that are true with probability `rate`."""
    return np.asarray(generator.random(count) < rate)


def choose_members(generator: np.random.Generator, members: Integers, rate: float) -> Integers:
    """Return a sorted random share of the members, with at least one unless the rate is 0."""
    target_count = min(len(members), max(1, round(rate * len(members)))) if rate > 0 else 0
    return np.sort(generator.permutation(members)[:target_count])


def join_codes(codes: Mapping[str, Flags], count: int) -> Texts:
    """Return for each row the codes whose flags are set, joined with `|` in the order given."""
    joined_codes = np.full(count, "", dtype=object)
    for code, flags in codes.items():
        joined_codes = np.where(
            flags, np.where(joined_codes == "", code, joined_codes + "|" + code), joined_codes
        )
    return joined_codes.astype(object)


def find_first_code(texts: Texts, order: Sequence[str]) -> Texts:
    """Return, for each row of `|`-joined codes, its first code by `order`; empty if it has none."""
    rank = {code: place for place, code in enumerate(order)}
    return np.array(
        [min(text.split("|"), key=lambda code: rank[code]) if text else "" for text in texts],
        dtype=object,
    )


def rank_within_groups(groups: Integers) -> Integers:
    """Return 0, 1, 2 … within each run of equal values; `groups` must be sorted."""
    if not len(groups):
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    lengths = np.diff(np.r_[starts, len(groups)])
    return np.asarray(np.arange(len(groups)) - np.repeat(starts, lengths), dtype=np.int64)


def cumulate_within_groups(values: Floats, groups: Integers) -> Floats:
    """Return the running total within each run of equal groups, including each row's own value."""
    total = np.cumsum(values)
    if not len(groups):
        return values
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    base = np.repeat(
        total[starts] - values[starts], np.diff(np.r_[starts, len(groups)]).astype(int)
    )
    return np.asarray(total - base)


def distribute(generator: np.random.Generator, total: int, weights: Floats) -> Integers:
    """Distribute `total` units over `weights` by a multinomial draw."""
    if not len(weights) or total <= 0:
        return np.zeros(len(weights), dtype=np.int64)
    return np.asarray(generator.multinomial(total, weights / weights.sum()), dtype=np.int64)


def round_at_random(generator: np.random.Generator, values: Any) -> Integers:
    """Round each value up or down at random, so that the expected total does not change."""
    return np.asarray(np.floor(values + generator.random(len(values))), dtype=np.int64)
