"""Collective evidence: what a pair's own weight cannot say, and its household or its sources do.

A record under an alias or without a forename looks like a twin, and a cap holds its pairs at
review. Where one looked-after child accounts for both sides (`households`) there is no twin for it
to be, and the pair links. The other way round, an authority's file lists every address of a child,
its home before any placement: records of two authorities that share no address, or an address
but no surname (as after an adoption), are for people. Guards and decisions have the last word.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from register.identity.households import looked_after_children
from register.identity.twins import shared_surnames

LINK_METHOD = "one_looked_after_child"
NO_LINK_METHOD = "evidence_only"
# Caps that stand for "may be a twin"; the others doubt the date or the address.
TWIN_CAPS = ("unlike_forenames", "no_forename")
NO_COMMON_ADDRESS = "authorities_without_common_address"
OTHER_SURNAME = "authorities_with_other_surname"
CHANGED = ("band", "link_method", "capped_by", "is_strict", "is_loose")
COMPARED = ("source", "names", "postcodes", "identifiers")


def promote_links(mentions: pa.Table, links: pa.Table, care: pa.Table) -> pa.Table:
    """Return `links` as collective evidence changes them, in the same order.

    `links` is in `matching.LINK_SCHEMA`. A promoted pair keeps its weight and the name of its cap,
    is in band `link` by method `one_looked_after_child`, and links at the loose threshold but not
    at the strict one. A pair of two authorities that is held back is in band `review`, capped, at
    every threshold.
    """
    child_of = looked_after_children(mentions, care)
    held_back = _held_back(mentions, links)
    rows = links.select(["left_mention_key", "right_mention_key", *CHANGED]).to_pylist()
    for place, row in enumerate(rows):
        child = child_of.get(row["left_mention_key"])
        if place in held_back:
            row |= {
                "band": "review",
                "link_method": NO_LINK_METHOD,
                "capped_by": held_back[place],
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


def _held_back(mentions: pa.Table, links: pa.Table) -> dict[int, str]:
    """Places of links between two authorities' records that are for people, each with its cap."""
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
