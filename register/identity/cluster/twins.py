"""The twin guard: pairs of one household and date of birth that are two children.

`cannot_link` finds the pairs of one household. Which names could be one child's is decided in
`name_similarity`; which looked-after child explains both records, in `households`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import pyarrow as pa

from register.identity.clean import is_reordered
from register.identity.cluster.households import looked_after_children
from register.identity.cluster.name_similarity import (
    are_any_similar,
    are_known_spellings,
    names_turned,
    oriented_forenames,
    shared_surnames,
)

# A forename is a common one, and indicates one sex, from this share of mentions on, and from this
# many in a small register: a misspelling is rare however large the register is.
LEAST_RATE = 2e-4
LEAST_BEARERS = 20
LEAST_SHARE = 0.95


class Families(NamedTuple):
    """Facts from all mentions: sex by forename, common forenames, looked-after child by mention."""

    sexes: dict[str, str]
    given: set[str]
    child_of: dict[str, str]


def families_of(mentions: pa.Table, care: pa.Table) -> Families:
    """Return the facts that the guard needs of all mentions (`MENTION_SCHEMA`)."""
    return Families(
        _forename_sexes(mentions), _given_forenames(mentions), looked_after_children(mentions, care)
    )


class CommonForenames:
    """Which pairs of one family and date of birth have two common forenames, however alike."""

    def __init__(self, mentions: pa.Table) -> None:
        self._common = _given_forenames(mentions)

    def are_of_two(self, one_names: Iterable[str], other_names: Iterable[str]) -> bool:
        """Say whether neither forename is a misspelling, a short form or a spelling of the other.

        Ryan and Bryan are names of their own: one letter apart, they may be twins as well as one
        child.
        """
        if is_reordered(one_names, other_names):
            return False
        sides = oriented_forenames(one_names, other_names)
        firsts = [{name.split()[0] for name in side} for side in sides]
        if not all(side and side <= self._common for side in firsts):
            return False
        ones, others = ({token for name in side for token in name.split()} for side in sides)
        return not any(
            are_known_spellings(left, right) or left.startswith(right) or right.startswith(left)
            for left in ones
            for right in others
        )


def has_two_forenames(names: Iterable[str]) -> bool:
    """Say whether a record has two names of one family whose forenames cannot be one child's.

    One of them is the child's other name, or a brother's or a sister's that a clerk listed.
    """
    return any(_are_twins([one], [other]) for one, other in combinations(sorted(names), 2))


def twin_pairs(household: pa.Table, families: Families) -> list[tuple[str, str]]:
    """Return the pairs that are two children by their names or sexes.

    `household` has keys, names and sexes of both sides. A pair is not returned if one looked-after
    child explains both records.
    """
    found = []
    for row in household.to_pylist():
        left, right = row["left_mention_key"], row["right_mention_key"]
        child = families.child_of.get(left)
        is_explained = child is not None and child == families.child_of.get(right)
        if not is_explained and _are_two(row, families):
            found.append((left, right))
    return found


def _are_two(row: dict[str, Any], families: Families) -> bool:
    """Say whether names or sexes show two children.

    If the names are swapped on both sides, the forename that they share is the family's surname.
    """
    names = row["left_names"], row["right_names"]
    if is_reordered(*names):
        return False
    if not shared_surnames(*names):
        left, right = (names_turned(side, families.given) for side in names)
        return left is not None and right is not None and _are_twins(left, right)
    if _are_twins(*names):
        return True
    ones, others = oriented_forenames(*names)
    sides = (ones, row["left_sex"]), (others, row["right_sex"])
    return _are_of_two_sexes(*sides, families.sexes)


def _are_twins(one_names: list[str], other_names: list[str]) -> bool:
    """Say whether two sets of names (`forenames|surname`) are of two children of one family.

    True if a surname is shared and no forename of one set is similar to one of the other, swapped
    names turned round.
    """
    if not shared_surnames(one_names, other_names):
        return False
    return not are_any_similar(*oriented_forenames(one_names, other_names))


def _forename_sexes(mentions: pa.Table) -> dict[str, str]:
    """Return the sex of common forenames that are recorded with one sex in 95 % of mentions."""
    if "sex_code" not in mentions.column_names:
        return {}
    counts: dict[str, dict[str, int]] = {}
    for names, sex in zip(
        mentions["names"].to_pylist(), mentions["sex_code"].to_pylist(), strict=True
    ):
        if sex in ("female", "male"):
            for first in _first_forenames(names or ()):
                counts.setdefault(first, {"female": 0, "male": 0})[sex] += 1
    return {
        first: max(each, key=lambda sex: each[sex])
        for first, each in counts.items()
        if sum(each.values()) >= _least_bearers(mentions)
        and max(each.values()) >= LEAST_SHARE * sum(each.values())
    }


def _given_forenames(mentions: pa.Table) -> set[str]:
    """Return the common forenames, which are names of their own and not misspellings."""
    counts: dict[str, int] = {}
    for names in mentions["names"].to_pylist():
        for first in _first_forenames(names or ()):
            counts[first] = counts.get(first, 0) + 1
    return {first for first, count in counts.items() if count >= _least_bearers(mentions)}


def _least_bearers(mentions: pa.Table) -> float:
    return max(LEAST_BEARERS, LEAST_RATE * mentions.num_rows)


def _are_of_two_sexes(
    one: tuple[Iterable[str], str | None],
    other: tuple[Iterable[str], str | None],
    sexes: Mapping[str, str],
) -> bool:
    """Say whether two people, each with forenames and recorded sex, are a girl and a boy.

    A missing sex is inferred from the forenames if possible. A forename in common outweighs a
    recorded sex.
    """
    firsts = [{name.split()[0] for name in names} for names, _ in (one, other)]
    if firsts[0] & firsts[1]:
        return False
    found = []
    for forenames, (_, recorded) in zip(firsts, (one, other), strict=True):
        implied = {sexes[first] for first in forenames if first in sexes}
        known = {recorded} if recorded in ("female", "male") else implied
        found.append(known)
    return len(found[0]) == len(found[1]) == 1 and found[0] != found[1]


def _first_forenames(names: Iterable[str]) -> set[str]:
    """Return the first forename of each name that has one."""
    return {name.partition("|")[0].split(" ")[0] for name in names} - {""}
