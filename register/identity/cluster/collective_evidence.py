"""Collective evidence: links changed by what other records of the household, source or nation show.

Promoted: a record without a forename could be a twin's, so a cap keeps its pairs in review. If one
looked-after child explains both records (`households`), no twin is possible and the pair links. An
unlike forename is never outweighed.

Held back for clerical review: two records of authorities without a common address, or with a common
address but no common surname (as after an adoption), since an authority's file lists every address
of a child, its home first; two records with nothing in common but a name and a date of birth that
other children share by chance; and within one family and date of birth two common forenames,
however alike, unless one is a known spelling of the other, and a forename that one record has
beside quite another one, which may be a twin's. Guards and decisions are applied later
(`children`).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from register.identity.cluster.coincidences import Namesakes
from register.identity.cluster.households import looked_after_children
from register.identity.cluster.name_similarity import shared_surnames
from register.identity.cluster.twins import CommonForenames, has_two_forenames

LINK_METHOD = "one_looked_after_child"
NO_LINK_METHOD = "evidence_only"
# The cap for a possible twin that one looked-after child lifts.
NO_FORENAME = "no_forename"
NO_COMMON_ADDRESS = "authorities_without_common_address"
OTHER_SURNAME = "authorities_with_other_surname"
COMMON_NAME = "common_name_and_birth_date"
COMMON_FORENAMES = "two_common_forenames"
OTHER_NAME = "another_name_in_one_family"
CHANGED = ("match_probability", "band", "link_method", "capped_by", "is_strict", "is_loose")
# By how many bits the match weights of pairs held back overstate the odds (as `Cap.overstated_by`).
OVERSTATED_BY = {OTHER_SURNAME: 8.0, COMMON_FORENAMES: 8.0}
ANOTHER_FORENAME = "forename=another_forename"
COMPARED = ("source", "names", "birth_dates", "postcodes", "identifiers")
# Most children of one name and date of birth that may be expected by chance, by where they live.
# True pairs with nothing else in common are some three in a hundred mentions where both addresses
# are known, most of them in one postcode area, in which a coincidence is thirty times rarer.
MOST_EXPECTED = {False: 5e-4, True: 1e-2}


def promote_links(mentions: pa.Table, links: pa.Table, care: pa.Table) -> pa.Table:
    """Return `links` with collective evidence applied, in the same order.

    `mentions` is in `MENTION_SCHEMA`, `links` in `LINK_SCHEMA`, `care` in `CARE_SCHEMA`. A promoted
    pair keeps its weight and its cap, is in band `link` by method `one_looked_after_child`, and
    links at the loose threshold but not at the strict one. A pair held back is capped, in band
    `review` at every threshold, with a probability that allows for the reason.
    """
    child_of = looked_after_children(mentions, care)
    held = _held_back(mentions, links)
    rows = links.select(["left_mention_key", "right_mention_key", *CHANGED]).to_pylist()
    for place, row in enumerate(rows):
        child = child_of.get(row["left_mention_key"])
        if place in held:
            row |= {
                "match_probability": _less(row["match_probability"], held[place]),
                "band": "review",
                "link_method": NO_LINK_METHOD,
                "capped_by": held[place],
                "is_strict": False,
                "is_loose": False,
            }
        elif (
            row["band"] == "review"
            and row["capped_by"] == NO_FORENAME
            and child is not None
            and child == child_of.get(row["right_mention_key"])
        ):
            row |= {"band": "link", "link_method": LINK_METHOD, "is_loose": True}
    for name in CHANGED:
        place = links.column_names.index(name)
        values = pa.array([row[name] for row in rows], links.schema.field(name).type)
        links = links.set_column(place, name, values)
    return links


def _held_back(mentions: pa.Table, links: pa.Table) -> dict[int, str]:
    """Places of uncapped pairs that go to review, each with its cap."""
    records = dict(
        zip(
            mentions["mention_key"].to_pylist(),
            mentions.select(list(COMPARED)).to_pylist(),
            strict=True,
        )
    )
    namesakes, common = Namesakes(mentions), CommonForenames(mentions)
    found = {}
    pairs = links.select(["left_mention_key", "right_mention_key", "evidence", "capped_by"])
    for place, row in enumerate(pairs.to_pylist()):
        one, other = records[row["left_mention_key"]], records[row["right_mention_key"]]
        if row["capped_by"] or set(one["identifiers"]) & set(other["identifiers"]):
            continue
        cap = (
            _authorities(one, other)
            or _by_name_and_date_alone(one, other, namesakes)
            or _in_one_family(one, other, row["evidence"], common)
        )
        if cap:
            found[place] = cap
    return found


def _in_one_family(
    one: dict[str, Any], other: dict[str, Any], evidence: str, common: CommonForenames
) -> str | None:
    if not set(one["birth_dates"]) & set(other["birth_dates"]):
        return None
    if common.are_of_two(one["names"], other["names"]):
        return COMMON_FORENAMES
    is_other = ANOTHER_FORENAME in evidence.split("+")
    has_two = is_other and any(has_two_forenames(each["names"]) for each in (one, other))
    return OTHER_NAME if has_two else None


def _by_name_and_date_alone(
    one: dict[str, Any], other: dict[str, Any], namesakes: Namesakes
) -> str | None:
    if set(one["postcodes"]) & set(other["postcodes"]):
        return None
    areas = [{_area(postcode) for postcode in each["postcodes"]} for each in (one, other)]
    most = MOST_EXPECTED[bool(areas[0] & areas[1])]
    return COMMON_NAME if namesakes.expected(one, other) > most else None


def _area(postcode: str) -> str:
    """The letters with which a postcode begins."""
    return postcode[:2] if postcode[1:2].isalpha() else postcode[:1]


def _less(probability: float, cap: str) -> float:
    """The probability (0-1) without the bits by which this cap overstates."""
    odds = probability / max(1 - probability, 1e-12) / 2.0 ** OVERSTATED_BY.get(cap, 0.0)
    return odds / (1 + odds)


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
