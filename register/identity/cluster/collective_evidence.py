"""Collective evidence: links changed by what other records of the household or source show.

A record under an alias or without a forename could be a twin's, so a cap keeps its pairs in review.
If one looked-after child explains both records (`households`), no twin is possible and the pair
links. Conversely an authority's file lists every address of a child, its home first: two authority
records without a common address, or with a common address but no common surname (as after an
adoption), go to clerical review. Guards and decisions are applied later (`children`).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from register.identity.cluster.households import looked_after_children
from register.identity.cluster.name_similarity import shared_surnames

LINK_METHOD = "one_looked_after_child"
NO_LINK_METHOD = "evidence_only"
# Caps for a possible twin; the other caps are for an uncertain date or address.
TWIN_CAPS = ("unlike_forenames", "no_forename")
NO_COMMON_ADDRESS = "authorities_without_common_address"
OTHER_SURNAME = "authorities_with_other_surname"
CHANGED = ("band", "link_method", "capped_by", "is_strict", "is_loose")
COMPARED = ("source", "names", "postcodes", "identifiers")


def promote_links(mentions: pa.Table, links: pa.Table, care: pa.Table) -> pa.Table:
    """Return `links` with collective evidence applied, in the same order.

    `links` is in `LINK_SCHEMA`. A promoted pair keeps its weight and its cap, is in band `link` by
    method `one_looked_after_child`, and links at the loose threshold but not at the strict one. A
    demoted pair of two authorities is capped, in band `review` at every threshold.
    """
    child_of = looked_after_children(mentions, care)
    demoted = _demoted(mentions, links)
    rows = links.select(["left_mention_key", "right_mention_key", *CHANGED]).to_pylist()
    for place, row in enumerate(rows):
        child = child_of.get(row["left_mention_key"])
        if place in demoted:
            row |= {
                "band": "review",
                "link_method": NO_LINK_METHOD,
                "capped_by": demoted[place],
                "is_strict": False,
                "is_loose": False,
            }
        elif (
            row["band"] == "review"
            and row["capped_by"] in TWIN_CAPS
            and child is not None
            and child == child_of.get(row["right_mention_key"])
        ):
            row |= {"band": "link", "link_method": LINK_METHOD, "is_loose": True}
    for name in CHANGED:
        place = links.column_names.index(name)
        values = pa.array([row[name] for row in rows], links.schema.field(name).type)
        links = links.set_column(place, name, values)
    return links


def _demoted(mentions: pa.Table, links: pa.Table) -> dict[int, str]:
    """Places of links between authority records that go to review, each with its cap."""
    authority = mentions.filter(pc.equal(mentions["source"], "authority"))
    records = dict(
        zip(
            authority["mention_key"].to_pylist(),
            authority.select(list(COMPARED)).to_pylist(),
            strict=True,
        )
    )
    found = {}
    keys = zip(
        links["left_mention_key"].to_pylist(), links["right_mention_key"].to_pylist(), strict=True
    )
    for place, (left, right) in enumerate(keys):
        if left in records and right in records:
            cap = _cap(records[left], records[right])
            if cap:
                found[place] = cap
    return found


def _cap(one: dict[str, Any], other: dict[str, Any]) -> str | None:
    if set(one["identifiers"]) & set(other["identifiers"]):
        return None
    if not one["postcodes"] or not other["postcodes"]:
        return None
    if not set(one["postcodes"]) & set(other["postcodes"]):
        return NO_COMMON_ADDRESS
    has_names = one["names"] and other["names"]
    return (
        OTHER_SURNAME if has_names and not shared_surnames(one["names"], other["names"]) else None
    )
