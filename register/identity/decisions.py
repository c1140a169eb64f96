"""Decisions: what people have ruled about pairs of mentions, and how that joins the links.

Which decisions are in force is decided in the warehouse (`int_link_decisions`); taking
them belongs to review; that they also keep pairs apart, to `guards`.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

DECISION_WEIGHT = 1_000_000.0

DECISION_SCHEMA = pa.schema(
    [
        ("decided_at", pa.timestamp("us")),
        ("decided_by", pa.string()),
        ("decision", pa.string()),
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("reason", pa.string()),
    ]
)


def joinable_links(links: pa.Table, decisions: pa.Table) -> pa.Table:
    """Return the pairs that may join clusters, with their weights.

    These are the links of band `link` and the pairs that people linked, which outweigh every
    method. What is only evidence stays out until somebody decides.
    """
    rows = [
        {
            "left_mention_key": min(row["left_mention_key"], row["right_mention_key"]),
            "right_mention_key": max(row["left_mention_key"], row["right_mention_key"]),
            "match_weight": DECISION_WEIGHT,
        }
        for row in decisions.to_pylist()
        if row["decision"] == "link"
    ]
    columns = ["left_mention_key", "right_mention_key", "match_weight"]
    proved = links.filter(pc.equal(links["band"], "link")).select(columns)
    return pa.concat_tables([pa.Table.from_pylist(rows, schema=proved.schema), proved])
