"""The twin guard: pairs of one household and date of birth that are two children.

`collective_evidence` holds such pairs for a reviewer, and `cannot_link` forbids those of which both
children are seen apart. Which names could be one child's is decided in
`name_similarity`; which looked-after child explains both records, in `households`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from register.identity.clean import are_names_reordered, identifies_a_person, split_given_names
from register.identity.cluster.households import looked_after_children
from register.identity.cluster.name_similarity import (
    are_any_similar,
    are_of_one_name,
    is_a_spelling,
    names_turned,
    oriented_forenames,
    shared_surnames,
    spellings_by_sound,
)
from register.identity.score import Frequencies
from register.queries import read_query

# A forename is a common one, and indicates one sex, from this share of mentions on, and from this
# many in a small register: a misspelling is rare however large the register is.
MIN_RATE = 2e-4
MIN_BEARERS = 20
MIN_SHARE = 0.95

DISTINCT_NAMES = "select distinct unnest(names) as name from mentions"
BEARERS = read_query(__package__, "name_bearers")


Pair = tuple[str, str]
# The cap of a pair whose names or sexes are of two children.
TWO_CHILDREN = "two_children_of_one_family"


class Forenames(NamedTuple):
    """Facts from all mentions: sex by forename, and which forenames are common."""

    sexes: dict[str, str]
    given: set[str]


class CommonForenames:
    """Which pairs of one family and date of birth are of two children, by forenames and sexes."""

    def __init__(self, mentions: pa.Table, elsewhere: Frequencies | None = None) -> None:
        """Count forenames of all mentions; `elsewhere` has those of the model's, for a small home.

        No home is too small then for Amelia and Emily to be two names.
        """
        known = elsewhere.values if elsewhere else {}
        common = {forename for forename, share in known.items() if share >= MIN_RATE}
        self._forenames = _forenames(mentions)
        self._common = self._forenames.given | common
        self._spellings = spellings_by_sound(self._common)

    def are_twins(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Say whether records of one family and date of birth show two children by names or sexes.

        A number in common may be a brother's or a sister's at the same address.
        """
        shared = set(one["identifiers"]) & set(other["identifiers"])
        is_one_family = bool(set(one["postcodes"]) & set(other["postcodes"])) or not any(
            identifies_a_person(each) for each in shared
        )
        if not is_one_family or not set(one["birth_dates"]) & set(other["birth_dates"]):
            return False
        sides = {"left": one, "right": other}
        row = {f"{side}_names": each["names"] for side, each in sides.items()}
        row |= {f"{side}_sex": each["sex_code"] for side, each in sides.items()}
        return _are_two(row, self._forenames)

    def are_of_two(self, one_names: Iterable[str], other_names: Iterable[str]) -> bool:
        """Say whether neither forename is a misspelling, a short form or a spelling of the other.

        Ryan and Bryan are names of their own: one letter apart, they may be twins as well as one
        child.
        """
        if are_names_reordered(one_names, other_names):
            return False
        sides = oriented_forenames(one_names, other_names)
        firsts = [_first_names(side) for side in sides]
        if not all(side and all(map(self._is_common, side)) for side in firsts):
            return False
        ones, others = (
            {given for name in side for given in split_given_names(name)} for side in sides
        )
        return not any(
            are_of_one_name(left, right) or left.startswith(right) or right.startswith(left)
            for left in ones
            for right in others
        )

    def _is_common(self, forename: str) -> bool:
        """Say whether many bear a forename, in this spelling or a like one."""
        return forename in self._common or is_a_spelling(forename, self._spellings)


def has_two_forenames(names: Iterable[str]) -> bool:
    """Say whether a record has two names of one family whose forenames cannot be one child's.

    One of them is the child's other name, or a brother's or a sister's that a clerk listed.
    """
    return any(_are_twins([one], [other]) for one, other in combinations(sorted(names), 2))


def twin_pairs(household: pa.Table, mentions: pa.Table, care: pa.Table) -> list[tuple[str, str]]:
    """Return the pairs that are two children by their names or sexes.

    `household` has keys, names and sexes of both sides, `mentions` (`MENTION_SCHEMA`) and `care`
    (`CARE_SCHEMA`) are all of the register. A pair is not returned if one looked-after child
    explains both records.
    """
    forenames = _forenames(mentions)
    found = [
        (row["left_mention_key"], row["right_mention_key"])
        for row in household.to_pylist()
        if _are_two(row, forenames)
    ]
    if not found:
        return []
    ends = pa.array([key for pair in found for key in pair], pa.string())
    child_of = looked_after_children(mentions, care, ends)
    return [
        (left, right)
        for left, right in found
        if left not in child_of or child_of[left] != child_of.get(right)
    ]


def seen_apart(pairs: Collection[Pair], members: Mapping[str, Any]) -> list[Pair]:
    """Return the pairs of twins both of whom other records show as well.

    A name that one record alone has may be a clerk's slip or an alias. `members` has the component
    of each mention. A child is shown if another record of the component is as unlike the other twin
    and not unlike the child's own.
    """
    unlike: defaultdict[str, set[str]] = defaultdict(set)
    for left, right in pairs:
        unlike[left].add(right)
        unlike[right].add(left)

    def is_shown(one: str, other: str) -> bool:
        return any(
            each != one and each not in unlike[one] and members[each] == members[one]
            for each in unlike[other]
        )

    return [(one, other) for one, other in pairs if is_shown(one, other) and is_shown(other, one)]


def _are_two(row: dict[str, Any], forenames: Forenames) -> bool:
    """Say whether names or sexes show two children.

    If the names are swapped on both sides, the forename that they share is the family's surname.
    """
    names = row["left_names"], row["right_names"]
    if are_names_reordered(*names):
        return False
    if not shared_surnames(*names):
        left, right = (names_turned(side, forenames.given) for side in names)
        return left is not None and right is not None and _are_twins(left, right)
    if _are_twins(*names):
        return True
    ones, others = oriented_forenames(*names)
    sides = (ones, row["left_sex"]), (others, row["right_sex"])
    return _are_of_two_sexes(*sides, forenames.sexes)


def _are_twins(one_names: list[str], other_names: list[str]) -> bool:
    """Say whether two sets of names (`forenames|surname`) are of two children of one family.

    True if a surname is shared and no forename of one set is similar to one of the other, swapped
    names turned round.
    """
    if not shared_surnames(one_names, other_names):
        return False
    return not are_any_similar(*oriented_forenames(one_names, other_names))


def _forenames(mentions: pa.Table) -> Forenames:
    """Return the common forenames, and the sex of those recorded with one in 95 % of mentions."""
    bearers = _bearers(mentions)
    least = max(MIN_BEARERS, MIN_RATE * mentions.num_rows)
    return Forenames(
        {
            forename: "female" if female_count > male_count else "male"
            for forename, _, female_count, male_count in bearers
            if female_count + male_count >= least
            and max(female_count, male_count) >= MIN_SHARE * (female_count + male_count)
        },
        {forename for forename, count, *_ in bearers if count >= least},
    )


def _bearers(mentions: pa.Table) -> list[tuple[str, int, int, int]]:
    """Each first given name of 20 mentions or more: how many bear it, as a girl and as a boy."""
    if "sex_code" not in mentions.column_names:
        mentions = mentions.append_column("sex_code", pa.nulls(mentions.num_rows, pa.string()))
    with duckdb.connect(":memory:") as connection:
        connection.register("mentions", mentions.select(["mention_key", "names", "sex_code"]))
        # One name at a time: a nation has far fewer names than mentions.
        names = [name for (name,) in connection.execute(DISTINCT_NAMES).fetchall()]
        given = [
            (name, found[0]) for name in names if (found := split_given_names(name.split("|")[0]))
        ]
        columns = zip(*given, strict=True) if given else ([], [])
        connection.register("first_names", pa.table(
            [pa.array(each, pa.string()) for each in columns], names=["name", "forename"]
        ))  # fmt: skip
        return connection.execute(BEARERS, {"least": MIN_BEARERS}).fetchall()


def _first_names(forenames: Iterable[str]) -> set[str]:
    """The first given name of each of these forenames."""
    return {given[0] for each in forenames if (given := split_given_names(each))}


def _are_of_two_sexes(
    one: tuple[Iterable[str], str | None],
    other: tuple[Iterable[str], str | None],
    sexes: Mapping[str, str],
) -> bool:
    """Say whether two people, each with forenames and recorded sex, are a girl and a boy.

    A missing sex is inferred from the forenames if possible. A forename in common outweighs a
    recorded sex.
    """
    firsts = [_first_names(names) for names, _ in (one, other)]
    if firsts[0] & firsts[1]:
        return False
    found = []
    for forenames, (_, recorded) in zip(firsts, (one, other), strict=True):
        implied = {sexes[first] for first in forenames if first in sexes}
        known = {recorded} if recorded in ("female", "male") else implied
        found.append(known)
    return len(found[0]) == len(found[1]) == 1 and found[0] != found[1]
