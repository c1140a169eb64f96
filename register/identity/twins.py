"""Twins: whether two sets of names, of one date of birth and one family, are of two children.

Names alone are judged here. Which pairs are of one household, and what lifts the judgement, is in
`guards` and `households`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache

import pyarrow as pa

from register.identity.likeness import is_any_alike
from register.identity.name_forms import surname_parts

# A forename stands for one sex, and is a name that parents give, from this many bearers on.
LEAST_BEARERS = 20
LEAST_SHARE = 0.95
# Surnames of one family may be a letter or two apart.
LEAST_LIKENESS = 0.85


def are_twins(one_names: list[str], other_names: list[str]) -> bool:
    """Say whether two sets of names (`forenames|surname`) are of two children of one family.

    True where a surname is shared and no forename of one could be the other's. Names that were
    swapped are compared in their right order.
    """
    if not shared_surnames(one_names, other_names):
        return False
    return not is_any_alike(*oriented_forenames(one_names, other_names))


def oriented_forenames(
    one_names: Iterable[str], other_names: Iterable[str]
) -> tuple[set[str], set[str]]:
    """Return the forenames of two sets of names, swapped ones put in the order of the others.

    A name is swapped if its forename is a surname on the other side and no surname is shared as
    it stands.
    """
    ones, others = _parted(one_names), _parted(other_names)
    if not _shared(_surnames(ones), _surnames(others)):
        ones, others = _turned(ones, others), _turned(others, ones)
    return {name for name, _ in ones} - {""}, {name for name, _ in others} - {""}


def shared_surnames(one_names: Iterable[str], other_names: Iterable[str]) -> set[str]:
    """Return the surnames that two sets of names share once swapped names are put right.

    Only names with a forename count; a half of a double-barrelled surname is one of its own, and
    a misspelt surname is shared.
    """
    ones, others = _parted(one_names), _parted(other_names)
    return _shared(_surnames(ones), _surnames(others)) or _shared(
        _surnames(_turned(ones, others)), _surnames(_turned(others, ones))
    )


def righted(names: Iterable[str], given: set[str]) -> list[str] | None:
    """Return names that are all swapped in their right order, or None if one may stand as it is.

    A name is swapped if its surname is a forename that parents give and its forename is none.
    """
    parts = sorted(_parted(names))
    is_swapped = all(
        first and first.split()[0] not in given and last and last.split()[0] in given
        for first, last in parts
    )
    return [f"{last}|{first}" for first, last in parts] if parts and is_swapped else None


def forename_sexes(mentions: pa.Table) -> dict[str, str]:
    """Return the forenames that nearly all of many mentions bear with one recorded sex."""
    if "sex_code" not in mentions.column_names:
        return {}
    counts: dict[str, dict[str, int]] = {}
    for names, sex in zip(
        mentions["names"].to_pylist(), mentions["sex_code"].to_pylist(), strict=True
    ):
        if sex in ("female", "male"):
            for first in first_forenames(names or ()):
                counts.setdefault(first, {"female": 0, "male": 0})[sex] += 1
    return {
        first: max(each, key=lambda sex: each[sex])
        for first, each in counts.items()
        if sum(each.values()) >= LEAST_BEARERS
        and max(each.values()) >= LEAST_SHARE * sum(each.values())
    }


def given_forenames(mentions: pa.Table) -> set[str]:
    """Return the forenames that many mentions bear: names that parents give, not misspellings."""
    counts: dict[str, int] = {}
    for names in mentions["names"].to_pylist():
        for first in first_forenames(names or ()):
            counts[first] = counts.get(first, 0) + 1
    return {first for first, count in counts.items() if count >= LEAST_BEARERS}


def are_of_two_sexes(
    one: tuple[Iterable[str], str | None],
    other: tuple[Iterable[str], str | None],
    sexes: Mapping[str, str],
) -> bool:
    """Say whether two people, each forenames and recorded sex, are a girl and a boy.

    A sex that is not recorded is taken from the forenames where they tell it. The same forename on
    both sides outweighs a recorded sex.
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


def first_forenames(names: Iterable[str]) -> set[str]:
    """Return the first forename of each name that has one."""
    return {name.partition("|")[0].split(" ")[0] for name in names} - {""}


Parts = set[tuple[str, str]]


def _parted(names: Iterable[str]) -> Parts:
    return {(each.partition("|")[0], each.partition("|")[2]) for each in names}


def _surnames(parts: Parts) -> set[str]:
    return {
        form for forenames, surname in parts if forenames and surname for form in _forms(surname)
    }


def _shared(ones: set[str], others: set[str]) -> set[str]:
    exact = ones & others
    return exact or {one for one in ones for other in others if _is_misspelt(one, other)}


@lru_cache(maxsize=100_000)
def _is_misspelt(one: str, other: str) -> bool:
    first, second = sorted((one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= LEAST_LIKENESS


def _turned(parts: Parts, others: Parts) -> Parts:
    """Turn the names whose forenames are a surname of the others."""
    known = _surnames(others)
    return {
        (surname, forenames) if _shared(_forms(forenames), known) else (forenames, surname)
        for forenames, surname in parts
    }


def _forms(name: str) -> set[str]:
    return {name.replace(" ", ""), *surname_parts(name)} - {""}
