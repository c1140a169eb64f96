"""Collective evidence: links changed by what other records of the household, source or nation show.

Promoted: a record without a forename could be a twin's, so a cap keeps its pairs in review. If one
looked-after child explains both records (`households`), no twin is possible and the pair links. An
unlike forename is never outweighed.

Held back for clerical review: two records of authorities without a common address, or with a common
address but no common surname (as after an adoption), since an authority's file lists every address
of a child, its home first; two records with nothing in common but a name and a date of birth that
other children share by chance; two records whose names agree in names by custom alone
(`custom_names`); an age that excludes the other's date of birth, without an address of their own in
common; and within one family and date of birth two common forenames, however alike, unless one is a
known spelling of the other, and a forename that one record has beside quite another one, which may
be a twin's; names or sexes of two children, unless one looked-after child explains both; a record
without a surname, given names that share a first part alone, a default date of birth
(`default_dates`), and a police reference, which is of an event, with another forename. Guards and
decisions are applied later (`children`).
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean import are_names_reordered, identifies_a_person, is_name_within
from register.identity.cluster.coincidences import Namesakes, count_events
from register.identity.cluster.custom_names import share_custom_alone
from register.identity.cluster.default_dates import DefaultDays
from register.identity.cluster.households import looked_after_children
from register.identity.cluster.name_similarity import (
    are_any_similar,
    oriented_forenames,
    share_a_particle_alone,
    shared_surnames,
)
from register.identity.cluster.twins import TWO_CHILDREN, CommonForenames, has_two_forenames
from register.identity.score import Model, calibrated_probability, load_model

LINK_METHOD = "one_looked_after_child"
NO_LINK_METHOD = "evidence_only"
# The cap for a possible twin that one looked-after child lifts.
NO_FORENAME = "no_forename"
NO_COMMON_ADDRESS = "authorities_without_common_address"
OTHER_SURNAME = "authorities_with_other_surname"
COMMON_NAME = "common_name_and_birth_date"
COMMON_FORENAMES = "two_common_forenames"
OTHER_NAME = "another_name_in_one_family"
ONE_EVENT = "one_event_another_forename"
PART_OF_A_FORENAME = "part_of_a_forename_another_surname"
DEFAULT_DATE = "default_date_of_birth"
NO_SURNAME = "no_surname"
OTHER_GIVEN_NAMES = "other_given_names"
CUSTOM_NAMES = "names_by_custom_alone"
EXCLUDED_BY_AGE = "age_excludes_birth_date"
COLUMNS = ("left_mention_key", "right_mention_key", "match_weight")
CHANGED = ("match_probability", "band", "link_method", "capped_by", "is_strict", "is_loose")
ANOTHER_FORENAME = "forename=another_forename"
DEFAULT_LEVEL = "birth_date=default_day"
SAME_DATE = {"birth_date=same", "birth_date=another_date", DEFAULT_LEVEL}
EQUAL_FORENAMES = {"forename=same", ANOTHER_FORENAME}
SPELT = {f"forename={level}" for level in ("nickname", "one_letter_off", "same_sound")}
REORDERED = {"swapped_with_surname", "nearly_swapped", "same_tokens"}
NAMED = EQUAL_FORENAMES | {f"forename={level}" for level in REORDERED}
# Reasons that the model has no calibration of: how many of their pairs were true, at most, on four
# validation nations of which two had been looked at by nobody (`docs/linkage-quality.md`).
TRUE_SHARES = {
    TWO_CHILDREN: 0.87,
    DEFAULT_DATE: 0.84,
    NO_SURNAME: 0.95,
    OTHER_GIVEN_NAMES: 0.95,
}
PAIRS_AT_ONCE = 100_000
AT_HOME = {"postcode=shares_postcode", "postcode=shares_postcode_and_surname"}
CROWDED = "postcode=shares_crowded"
COMPARED = (
    "source", "names", "sex_code", "birth_dates", "birth_date_earliest", "birth_date_latest",
    "postcodes", "identifiers",
)  # fmt: skip
# Most children of one name and date of birth that may be expected by chance, by where they live.
# True pairs with nothing else in common are some three in a hundred mentions where both addresses
# are known, most of them in one postcode area, in which a coincidence is thirty times rarer.
MAX_EXPECTED = {False: 5e-4, True: 1e-2}


class Population(NamedTuple):
    """Facts from all mentions; `events` says of how many police records each reference is."""

    namesakes: Namesakes
    forenames: CommonForenames
    events: Counter[str]
    default_days: DefaultDays


def promote_links(
    mentions: pa.Table, links: pa.Table, care: pa.Table, model: Model | None = None
) -> pa.Table:
    """Return `links` with collective evidence applied, in the same order.

    `mentions` is in `MENTION_SCHEMA`, `links` in `LINK_SCHEMA`, `care` in `CARE_SCHEMA`. A promoted
    pair keeps its weight and its cap, is in band `link` by method `one_looked_after_child`, and
    links at the loose threshold but not at the strict one. A pair held back is capped, in band
    `review` at every threshold. Both have the probability of their kind by `model`: the pinned one
    unless given.
    """
    chosen = load_model() if model is None else model
    changed = _promoted(mentions, links, care, chosen) | _held_back(mentions, links, care, chosen)
    places = sorted(changed)
    is_changed = np.zeros(links.num_rows, dtype=bool)
    is_changed[places] = True
    for name in CHANGED:
        field = links.schema.field(name)
        values = pa.array([changed[place][name] for place in places], field.type)
        column = pc.replace_with_mask(links[name].combine_chunks(), pa.array(is_changed), values)
        links = links.set_column(links.column_names.index(name), field, column)
    return links


def _promoted(
    mentions: pa.Table, links: pa.Table, care: pa.Table, model: Model
) -> dict[int, dict[str, Any]]:
    """Places of pairs that link since one looked-after child explains both, with what they are."""
    in_review = pc.and_(
        pc.equal(links["band"], "review"), pc.equal(links["capped_by"], NO_FORENAME)
    )
    places = np.flatnonzero(pc.fill_null(in_review, False))
    pairs = links.take(pa.array(places))
    child_of = looked_after_children(mentions, care, _ends(pairs))
    return {
        place: row
        | {
            "match_probability": _probability(row, LINK_METHOD, model),
            "band": "link",
            "link_method": LINK_METHOD,
            "is_loose": True,
        }
        for place, row in zip(places.tolist(), _rows(pairs, *CHANGED), strict=True)
        if row["left_mention_key"] in child_of
        and child_of[row["left_mention_key"]] == child_of.get(row["right_mention_key"])
    }


def _held_back(
    mentions: pa.Table, links: pa.Table, care: pa.Table, model: Model
) -> dict[int, dict[str, Any]]:
    """Places of uncapped pairs that go to review, with what they are."""
    known = Population(
        Namesakes(mentions),
        CommonForenames(mentions, model.frequencies.get("forename")),
        count_events(mentions),
        DefaultDays(mentions),
    )
    uncapped = np.flatnonzero(pc.is_null(links["capped_by"]))
    found = {}
    # In parts: a nation's records as Python objects take more memory than all else.
    for start in range(0, len(uncapped), PAIRS_AT_ONCE):
        places = uncapped[start : start + PAIRS_AT_ONCE]
        pairs = links.take(pa.array(places))
        records = _records(mentions, pairs)
        for place, row in zip(places.tolist(), _rows(pairs, "evidence", *CHANGED), strict=True):
            one, other = records[row["left_mention_key"]], records[row["right_mention_key"]]
            cap = _cap(one, other, set(row["evidence"].split("+")), known)
            if cap is None and known.forenames.are_twins(one, other):
                cap = TWO_CHILDREN
            if cap:
                found[place] = row | {
                    "match_probability": _probability(row, cap, model),
                    "band": "review",
                    "link_method": NO_LINK_METHOD,
                    "capped_by": cap,
                    "is_strict": False,
                    "is_loose": False,
                }
    return _without_explained(found, mentions, care)


def _without_explained(
    found: dict[int, dict[str, Any]], mentions: pa.Table, care: pa.Table
) -> dict[int, dict[str, Any]]:
    """Leave out the pairs of twins that are one looked-after child."""
    ends = [
        row[name]
        for row in found.values()
        for name in ("left_mention_key", "right_mention_key")
        if row["capped_by"] == TWO_CHILDREN
    ]
    if not ends:
        return found
    child_of = looked_after_children(mentions, care, pa.array(ends, pa.string()))
    return {
        place: row
        for place, row in found.items()
        if row["capped_by"] != TWO_CHILDREN
        or row["left_mention_key"] not in child_of
        or child_of[row["left_mention_key"]] != child_of.get(row["right_mention_key"])
    }


def _rows(pairs: pa.Table, *columns: str) -> list[dict[str, Any]]:
    return pairs.select([*COLUMNS, *columns]).to_pylist()


def _records(mentions: pa.Table, pairs: pa.Table) -> dict[str, dict[str, Any]]:
    """What is compared of the mentions of these pairs, by mention key."""
    compared = mentions.filter(pc.is_in(mentions["mention_key"], value_set=_ends(pairs)))
    rows = compared.select(list(COMPARED)).to_pylist()
    return dict(zip(compared["mention_key"].to_pylist(), rows, strict=True))


def _ends(pairs: pa.Table) -> pa.ChunkedArray:
    ends = [pairs[name].chunks for name in ("left_mention_key", "right_mention_key")]
    return pa.chunked_array([chunk for each in ends for chunk in each], pa.string())


def _cap(
    one: dict[str, Any],
    other: dict[str, Any],
    evidence: set[str],
    known: Population,
) -> str | None:
    """The cap of two records' pair; none where it may link."""
    shared = set(one["identifiers"]) & set(other["identifiers"])
    if any(identifies_a_person(each) for each in shared):
        return None
    if shared:
        return _of_one_event(one, other, evidence, known)
    return (
        _authorities(one, other)
        or _by_name_and_date_alone(one, other, known.namesakes)
        or _of_another_surname(one, other, evidence)
        or _by_a_default_date(one, other, evidence, known.default_days)
        or _without_a_surname(one, other, evidence, known.default_days)
        or _of_other_given_names(one, other, evidence)
        or _by_custom_alone(one, other, evidence)
        or _excluded_by_age(one, other, evidence)
        or _in_one_family(one, other, evidence, known.forenames)
    )


def _of_one_event(
    one: dict[str, Any],
    other: dict[str, Any],
    evidence: set[str],
    known: Population,
) -> str | None:
    """Two records with the reference of one report, which may be about several children.

    The forename says which child a record is. A like forename needs the date of birth as well, and
    a record without one is of the only child of the report.
    """
    sides = oriented_forenames(one["names"], other["names"])
    shared = set(one["identifiers"]) & set(other["identifiers"])
    is_of_several = any(known.events[reference] > 1 for reference in shared)
    if not all(sides):
        return ONE_EVENT if is_of_several else None
    is_named = evidence & NAMED and not _of_other_given_names(one, other, evidence)
    if is_named and not is_of_several:
        return None
    is_like = bool(evidence & SAME_DATE) and are_any_similar(*sides)
    if not is_named and not is_like:
        return ONE_EVENT
    return _in_one_family(one, other, evidence, known.forenames)


def _in_one_family(
    one: dict[str, Any], other: dict[str, Any], evidence: set[str], common: CommonForenames
) -> str | None:
    if not set(one["birth_dates"]) & set(other["birth_dates"]):
        return None
    if common.are_of_two(one["names"], other["names"]):
        return COMMON_FORENAMES
    has_two = ANOTHER_FORENAME in evidence and any(
        has_two_forenames(each["names"]) for each in (one, other)
    )
    return OTHER_NAME if has_two else None


def _of_another_surname(
    one: dict[str, Any], other: dict[str, Any], evidence: set[str]
) -> str | None:
    """A part of a forename is not enough where the surname is another one.

    Nor is an initial at one address: a hostel of a few children is not known to be one.
    """
    is_housed = evidence & AT_HOME and not any(map(_has_initials_alone, (one, other)))
    if is_housed or evidence & (NAMED | SPELT) or not _are_surnames_unlike(one, other, evidence):
        return None
    return None if is_name_within(one["names"], other["names"]) else PART_OF_A_FORENAME


def _has_initials_alone(record: dict[str, Any]) -> bool:
    words = [word for name in record["names"] for word in name.partition("|")[0].split()]
    return bool(words) and all(len(word) == 1 for word in words)


def _by_a_default_date(
    one: dict[str, Any], other: dict[str, Any], evidence: set[str], default_days: DefaultDays
) -> str | None:
    """A default date of birth in common is none: names need an address, a hostel whole names.

    The model's caps say the same of the defaults that it has a level for.
    """
    if DEFAULT_LEVEL in evidence or not default_days.are_all(
        set(one["birth_dates"]) & set(other["birth_dates"])
    ):
        return None
    is_housed = bool(evidence & AT_HOME) or (CROWDED in evidence and bool(evidence & NAMED))
    is_unlike = _are_surnames_unlike(one, other, evidence)
    return DEFAULT_DATE if is_unlike or not is_housed else None


def _are_surnames_unlike(one: dict[str, Any], other: dict[str, Any], evidence: set[str]) -> bool:
    """Say whether both records have surnames, and none in common."""
    have_both = all(any(name.partition("|")[2] for name in each["names"]) for each in (one, other))
    is_weighed = any(each.startswith("surname=") for each in evidence)
    return have_both and not is_weighed and not shared_surnames(one["names"], other["names"])


def _without_a_surname(
    one: dict[str, Any], other: dict[str, Any], evidence: set[str], default_days: DefaultDays
) -> str | None:
    """A forename and a date of birth alone are many children's, an address or a second name not.

    A children's home in common is an address only with a date of birth that is a birthday.
    """
    if all(any(name.partition("|")[2] for name in each["names"]) for each in (one, other)):
        return None
    born = set(one["birth_dates"]) & set(other["birth_dates"])
    is_resident = CROWDED in evidence and bool(born) and not default_days.are_all(born)
    is_placed = bool(evidence & AT_HOME) or is_resident
    return None if is_placed or is_name_within(one["names"], other["names"]) else NO_SURNAME


def _of_other_given_names(
    one: dict[str, Any], other: dict[str, Any], evidence: set[str]
) -> str | None:
    """Ana Maria and Ana Sofia are sisters: a first name in common is not all of the names."""
    sides = oriented_forenames(one["names"], other["names"])
    if share_a_particle_alone(*sides):
        return OTHER_GIVEN_NAMES
    if not evidence & EQUAL_FORENAMES or are_names_reordered(one["names"], other["names"]):
        return None
    return None if are_any_similar(*sides) else OTHER_GIVEN_NAMES


def _by_custom_alone(one: dict[str, Any], other: dict[str, Any], evidence: set[str]) -> str | None:
    """At one address the other names may be misspelt, unless forenames count as equal."""
    is_elsewhere = not set(one["postcodes"]) & set(other["postcodes"])
    if not is_elsewhere and not evidence & EQUAL_FORENAMES:
        return None
    return CUSTOM_NAMES if share_custom_alone(one["names"], other["names"]) else None


def _excluded_by_age(one: dict[str, Any], other: dict[str, Any], evidence: set[str]) -> str | None:
    """At one address a clerk's age may be a year out: years of birth are compared as such."""
    if evidence & AT_HOME or (one["birth_dates"] and other["birth_dates"]):
        return None
    ones, others = _possible_births(one), _possible_births(other)
    is_possible = any(
        first <= other_last and other_first <= last
        for first, last in ones
        for other_first, other_last in others
    )
    return EXCLUDED_BY_AGE if ones and others and not is_possible else None


def _possible_births(record: dict[str, Any]) -> list[tuple[date, date]]:
    """The first and last days of what a record leaves of a date of birth; none if nothing."""
    if record["birth_dates"]:
        return [(born, born) for born in record["birth_dates"]]
    earliest, latest = record["birth_date_earliest"], record["birth_date_latest"]
    return [(earliest, latest)] if earliest and latest else []


def _by_name_and_date_alone(
    one: dict[str, Any], other: dict[str, Any], namesakes: Namesakes
) -> str | None:
    if set(one["postcodes"]) & set(other["postcodes"]):
        return None
    areas = [{_area(postcode) for postcode in each["postcodes"]} for each in (one, other)]
    most = MAX_EXPECTED[bool(areas[0] & areas[1])]
    return COMMON_NAME if namesakes.expected(one, other) > most else None


def _area(postcode: str) -> str:
    """The letters with which a postcode begins."""
    return postcode[:2] if postcode[1:2].isalpha() else postcode[:1]


def _probability(row: dict[str, Any], kind: str, model: Model) -> float:
    """The probability (0-1) of a pair of this kind.

    Where the model does not know the kind it is as it was, and no more than the share of its pairs
    that were found to be true.
    """
    found = calibrated_probability(row["match_weight"], kind, model)
    if found is not None:
        return found
    return min(float(row["match_probability"]), TRUE_SHARES.get(kind, 1.0))


def _authorities(one: dict[str, Any], other: dict[str, Any]) -> str | None:
    if not one["source"] == other["source"] == "authority":
        return None
    if not one["postcodes"] or not other["postcodes"]:
        return None
    if not set(one["postcodes"]) & set(other["postcodes"]):
        return NO_COMMON_ADDRESS
    has_names = one["names"] and other["names"]
    return (
        OTHER_SURNAME if has_names and not shared_surnames(one["names"], other["names"]) else None
    )
