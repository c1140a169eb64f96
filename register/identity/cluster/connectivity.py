"""Connectivity: pairs that are connected only through other records.

A chain of links can join dissimilar records. A pair within a connected component is *weakly
connected* if it was never scored, was scored below the keep threshold, or has care by one authority
at one time (`looked_after_twice`). `constrained_clustering` decides what such a pair means for a
cluster.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.cluster.constrained_clustering import label_linked_mentions
from register.identity.cluster.looked_after_twice import TWICE
from register.queries import read_query

ENDS = ["left_mention_key", "right_mention_key"]
WEAKLY_CONNECTED = read_query(__package__, "weakly_connected_pairs")


def find_weakly_connected_pairs(
    mentions: pa.Table, joinable: pa.Table, scored: pa.Table
) -> pa.Table:
    """Return the pairs within a component of `joinable` links that `scored` leaves in doubt.

    `scored` is in `LINK_SCHEMA`, and has every pair at or above the keep threshold. Both `scored`
    and the result have the lower key left.
    """
    is_supported = pc.fill_null(pc.not_equal(scored["capped_by"], TWICE), True)
    ordered = mentions.select(["mention_key"]).sort_by("mention_key")
    with duckdb.connect(":memory:") as connection:
        connection.register("labelled", label_linked_mentions(ordered, joinable))
        connection.register("scored", scored.filter(is_supported).select(ENDS))
        return connection.execute(WEAKLY_CONNECTED).to_arrow_table()
