"""Twins: pairs of one household and date of birth whose names or sexes show two children.

`collective_evidence` holds such pairs back for a reviewer. `name_similarity` decides whether two
names may be one child's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from register.identity.clean import are_names_reordered, identifies_a_person, split_given_names
from register.identity.cluster.cluster_tables import register_name_forms
from register.identity.cluster.name_similarity import (
    are_any_similar,
    are_of_one_name,
    find_shared_surnames,
    group_by_sound,
    is_a_spelling,
    orient_forenames,
    turn_swapped_names,
)
from register.identity.score import Frequencies
from register.queries import read_query

# A forename is common, and may indicate a sex, if at least the share `MIN_RATE` of all mentions and
# at least `MIN_BEARERS` mentions have it. In a large register `MIN_RATE` excludes misspellings. A
# forename indicates a sex if at least `MIN_SHARE` of its bearers have this sex.
MIN_RATE = 2e-4
MIN_BEARERS = 20
MIN_SHARE = 0.95

COUNT_BEARERS = read_query(__package__, "name_bearers")
FORM_SCHEMA = pa.schema([("name", pa.string()), ("forename", pa.string())])

# The cap for pairs whose names or sexes indicate two children of one family.
TWO_CHILDREN = "two_children_of_one_family"


class Forenames(NamedTuple):
    """Facts from all mentions: the sex that a forename indicates, and the common forenames."""

    sexes: dict[str, str]
    common: set[str]


class CommonForenames:
    """A test of whether two records of one family and date of birth are of two children."""

    def __init__(self, mentions: pa.Table, elsewhere: Frequencies | None = None) -> None:
        """Count the forenames of all mentions, and add the common forenames of `elsewhere`.

        `elsewhere` may be the model's frequencies. They show that Amelia and Emily are two names,
        which a small register cannot show.
        """
        shares = elsewhere.values if elsewhere else {}
        self._forenames = _count_forenames(mentions)
        self._common = self._forenames.common | {
            forename for forename, share in shares.items() if share >= MIN_RATE
        }
        self._spellings = group_by_sound(self._common)

    def are_twins(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Say whether names or sexes in two records of one family and birth date show two children.

        Records that share a person's identifier are not of twins, unless they share an address too.
        There the identifier may be a brother's or sister's.
        """
        shared = set(one["identifiers"]) & set(other["identifiers"])
        is_one_family = bool(set(one["postcodes"]) & set(other["postcodes"])) or not any(
            identifies_a_person(each) for each in shared
        )
        if not is_one_family or not set(one["birth_dates"]) & set(other["birth_dates"]):
            return False
        names = one["names"], other["names"]
        return _are_two_children(names, (one["sex_code"], other["sex_code"]), self._forenames)

    def are_of_two(self, one_names: Iterable[str], other_names: Iterable[str]) -> bool:
        """Say whether the forenames in two sets of names are all frequent and cannot be one name.

        Ryan and Bryan are two names: they differ in one letter, but may be twins' names as well as
        a misspelling. Short forms and spellings of one name, such as Tom and Thomas, are not two
        names.
        """
        if are_names_reordered(one_names, other_names):
            return False
        sides = orient_forenames(one_names, other_names)
        firsts = [_list_first_names(side) for side in sides]
        if not all(side and all(map(self._is_common, side)) for side in firsts):
            return False
        ones, others = (
            {given_name for name in side for given_name in split_given_names(name)}
            for side in sides
        )
        return not any(
            are_of_one_name(left, right) or left.startswith(right) or right.startswith(left)
            for left in ones
            for right in others
        )

    def _is_common(self, forename: str) -> bool:
        """Say whether a forename is common, in this spelling or a similar one."""
        return forename in self._common or is_a_spelling(forename, self._spellings)


def has_two_forenames(names: Iterable[str]) -> bool:
    """Say whether a record has two forenames with one surname that cannot be one child's.

    The second may be another name of the child, or that of a brother or sister whom a clerk listed.
    """
    return any(_are_twins([one], [other]) for one, other in combinations(sorted(names), 2))


def _are_two_children(
    names: tuple[list[str], list[str]], sexes: tuple[str | None, str | None], forenames: Forenames
) -> bool:
    """Say whether names or sexes of two records show two children.

    If both records have forename and surname swapped, a shared forename is really the family's
    surname.
    """
    if are_names_reordered(*names):
        return False
    if not find_shared_surnames(*names):
        left, right = (turn_swapped_names(side, forenames.common) for side in names)
        return left is not None and right is not None and _are_twins(left, right)
    if _are_twins(*names):
        return True
    return _are_of_two_sexes(orient_forenames(*names), sexes, forenames.sexes)


def _are_twins(one_names: list[str], other_names: list[str]) -> bool:
    """Say whether two sets of names (`forenames|surname`) are of two children of one family.

    This is so if the sets share a surname, and no forename of one set is similar to a forename of
    the other. Swapped names are corrected first.
    """
    if not find_shared_surnames(one_names, other_names):
        return False
    return not are_any_similar(*orient_forenames(one_names, other_names))


def _count_forenames(mentions: pa.Table) -> Forenames:
    """Return the common forenames, and the sex that at least 95 % of a forename's bearers have."""
    bearers = _count_bearers(mentions)
    min_count = max(MIN_BEARERS, MIN_RATE * mentions.num_rows)
    sexes = {
        forename: "female" if female_count > male_count else "male"
        for forename, _, female_count, male_count in bearers
        if female_count + male_count >= min_count
        and max(female_count, male_count) >= MIN_SHARE * (female_count + male_count)
    }
    return Forenames(sexes, {forename for forename, count, *_ in bearers if count >= min_count})


def _count_bearers(mentions: pa.Table) -> list[tuple[str, int, int, int]]:
    """Return each first given name of at least 20 mentions, with counts of all, girls and boys."""
    if "sex_code" not in mentions.column_names:
        mentions = mentions.append_column("sex_code", pa.nulls(mentions.num_rows, pa.string()))
    with duckdb.connect(":memory:") as connection:
        connection.register("mentions", mentions.select(["mention_key", "names", "sex_code"]))
        register_name_forms(connection, "mentions", FORM_SCHEMA, _list_first_name)
        return connection.execute(COUNT_BEARERS, {"least": MIN_BEARERS}).fetchall()


def _list_first_name(name: str) -> list[tuple[str, ...]]:
    first_name = split_given_names(name.partition("|")[0])[:1]
    return [first_name] if first_name else []


def _list_first_names(forenames: Iterable[str]) -> set[str]:
    """Return the first given name of each of these forenames."""
    return {given_names[0] for each in forenames if (given_names := split_given_names(each))}


def _are_of_two_sexes(
    forenames: tuple[set[str], set[str]],
    recorded_sexes: tuple[str | None, str | None],
    sexes: Mapping[str, str],
) -> bool:
    """Say whether two persons with these forenames and recorded sexes are a girl and a boy.

    A missing sex is inferred from the forenames if possible (`sexes`). If the two share a forename,
    a difference in recorded sex does not count.
    """
    firsts = [_list_first_names(names) for names in forenames]
    if firsts[0] & firsts[1]:
        return False
    one, other = (
        {recorded}
        if recorded in ("female", "male")
        else {sexes[first] for first in first_names if first in sexes}
        for first_names, recorded in zip(firsts, recorded_sexes, strict=True)
    )
    return len(one) == len(other) == 1 and one != other
