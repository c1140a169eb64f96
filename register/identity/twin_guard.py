"""The twin guard: pairs of one household and date of birth that are of two children.

Judges pairs that `guards` found to share a household. What names say is in `twins`, which child
accounts for whom in `households`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pyarrow as pa

from register.identity.households import looked_after_children
from register.identity.twins import (
    are_of_two_sexes,
    are_twins,
    forename_sexes,
    given_forenames,
    oriented_forenames,
    righted,
    shared_surnames,
)


class Families(NamedTuple):
    """What all mentions together say: sexes of forenames, names that parents give, children."""

    sexes: dict[str, str]
    given: set[str]
    child_of: dict[str, str]


def families_of(mentions: pa.Table, care: pa.Table) -> Families:
    """Collect what the guard has to know of all mentions (`mentions.MENTION_SCHEMA`)."""
    return Families(
        forename_sexes(mentions), given_forenames(mentions), looked_after_children(mentions, care)
    )


def twin_pairs(household: pa.Table, families: Families) -> list[tuple[str, str]]:
    """Return the pairs that are of two children by their names or sexes.

    `household` has keys, names and sexes of both sides, and `is_named_by_police`. A pair is left
    out where one looked-after child accounts for both: authorities know of no other.
    """
    found = []
    for row in household.to_pylist():
        left, right = row["left_mention_key"], row["right_mention_key"]
        child = families.child_of.get(left)
        is_accounted_for = child is not None and child == families.child_of.get(right)
        if not is_accounted_for and _are_two(row, families):
            found.append((left, right))
    return found


def _are_two(row: dict[str, Any], families: Families) -> bool:
    """Say whether names, sexes, or two names that parents give tell two children apart.

    Police know of twins at home whom no authority knows: where both forenames are names that
    many bear, however alike (Charlie and Carl), neither is a misspelling of the other. Names that
    are swapped on both sides share a forename that is the family's.
    """
    names = row["left_names"], row["right_names"]
    if not shared_surnames(*names):
        left, right = (righted(side, families.given) for side in names)
        return left is not None and right is not None and are_twins(left, right)
    if are_twins(*names):
        return True
    ones, others = oriented_forenames(*names)
    sides = (ones, row["left_sex"]), (others, row["right_sex"])
    if are_of_two_sexes(*sides, families.sexes):
        return True
    firsts = [{name.split()[0] for name in side} for side in (ones, others)]
    return (
        bool(row["is_named_by_police"])
        and not firsts[0] & firsts[1]
        and all(side and side <= families.given for side in firsts)
    )
