"""Collective evidence: pairs that no weight of their own may link, and their household does.

A record under an alias or without a forename looks like a twin, and a cap holds its pairs at
review. Where one looked-after child accounts for both sides (`households`) there is no twin for it
to be, and the pair links. Guards and decisions have the last word.
"""

from __future__ import annotations

import pyarrow as pa

from register.identity.households import looked_after_children

LINK_METHOD = "one_looked_after_child"
# Caps that stand for "may be a twin"; the others doubt the date or the address.
TWIN_CAPS = ("unlike_forenames", "no_forename")


def promote_links(mentions: pa.Table, links: pa.Table, care: pa.Table) -> pa.Table:
    """Return `links` with the pairs that collective evidence links, in the same order.

    `links` is in `matching.LINK_SCHEMA`. A promoted pair keeps its weight and the name of its cap,
    is in band `link` by method `one_looked_after_child`, and links at the loose threshold but not
    at the strict one.
    """
    child_of = looked_after_children(mentions, care)
    is_promoted = [
        band == "review"
        and cap in TWIN_CAPS
        and left in child_of
        and child_of[left] == child_of.get(right)
        for left, right, band, cap in zip(
            *(
                links[name].to_pylist()
                for name in ("left_mention_key", "right_mention_key", "band", "capped_by")
            ),
            strict=True,
        )
    ]
    for name, value in (("band", "link"), ("link_method", LINK_METHOD), ("is_loose", True)):
        before = links[name].to_pylist()
        after = [value if promoted else each
                 for each, promoted in zip(before, is_promoted, strict=True)]  # fmt: skip
        place = links.column_names.index(name)
        links = links.set_column(place, name, pa.array(after, links.schema.field(name).type))
    return links
