"""False merges by kind: how two true children that a linkage joined are related.

The kinds come from the truth (`labelled_set.KIN` and `SHARED`) and from shared postcodes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, product

from register.identity.clean import clean_postcode
from register.identity.cluster import Linkage
from register.identity.evaluate.labelled_set import KIN, SHARED, LabelledSet
from register.identity.evaluate.measures import Pair, ordered_pair

ONE_POSTCODE, STRANGERS = SHARED["home_key"], "strangers"
# A pair of children is of the first kind that fits.
KINDS = (*KIN.values(), *SHARED.values(), STRANGERS)


@dataclass(frozen=True)
class FalseMerge:
    """Two true children who are one child in the linkage, lower key first.

    `mentions` has a mention of each, in the same order: the pair with the highest probability.
    """

    kind: str
    mentions: Pair
    children: Pair


def find_false_merges(
    mixed: Iterable[frozenset[str]], linkage: Linkage, labelled: LabelledSet
) -> list[FalseMerge]:
    """Return every pair of true children in the `mixed` children of a linkage, in order.

    Each mixed child is the set of its labelled mentions.
    """
    merged: list[tuple[Pair, dict[str, list[str]]]] = []
    for child in mixed:
        members: dict[str, list[str]] = defaultdict(list)
        for key in sorted(child):
            members[labelled.child_of[key]].append(key)
        merged += [(pair, members) for pair in combinations(sorted(members), 2)]
    if not merged:
        return []
    names = ("left_mention_key", "right_mention_key", "match_probability")
    rows = zip(*(linkage.links[name].to_pylist() for name in names), strict=True)
    probabilities = {(left, right): probability for left, right, probability in rows}
    postcodes = _find_postcodes({child for pair, _ in merged for child in pair}, linkage, labelled)
    merges = []
    for children, members in sorted(merged, key=lambda each: each[0]):
        mentions = max(
            product(members[children[0]], members[children[1]]),
            key=lambda pair: probabilities.get(ordered_pair(*pair), 0.0),
        )
        kind = _find_kind(children, labelled, postcodes)
        merges.append(FalseMerge(kind, mentions, children))
    return merges


def _find_kind(children: Pair, labelled: LabelledSet, postcodes: dict[str, set[str]]) -> str:
    one, other = children
    for kind, pairs in labelled.kin.items():
        if children in pairs:
            return kind
    for kind, keys_of in labelled.shared.items():
        if keys_of.get(one, set()) & keys_of.get(other, set()):
            return kind
    return ONE_POSTCODE if postcodes[one] & postcodes[other] else STRANGERS


def _find_postcodes(
    children: set[str], linkage: Linkage, labelled: LabelledSet
) -> dict[str, set[str]]:
    """Return the postcodes of some children, by their mentions and care placements."""
    postcodes: dict[str, set[str]] = {child: set() for child in children}
    columns = (linkage.mentions[name].to_pylist() for name in ("mention_key", "postcodes"))
    for key, codes in zip(*columns, strict=True):
        if (child := labelled.child_of.get(key)) in postcodes:
            postcodes[child].update(codes or ())
    columns = (labelled.care[name].to_pylist() for name in ("mention_key", "place"))
    for key, place in zip(*columns, strict=True):
        if (child := labelled.child_of.get(key)) in postcodes and (code := clean_postcode(place)):
            postcodes[child].add(code)
    return postcodes
