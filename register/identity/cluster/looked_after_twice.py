"""Looked after twice: two records of one authority with care at the same time.

The care is at two addresses, or under two names. The records are of two children, or one child was
entered twice and the first entry was left open. So such a pair is listed for a reviewer, unless the
records share an identifier of a person.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from register.identity.cluster.cluster_tables import CARE_SCHEMA
from register.queries import read_query

TWICE = "looked_after_twice"
LOOKED_AFTER_TWICE = read_query(__package__, "looked_after_twice")
MENTION_COLUMNS = ["mention_key", "source", "issuer_code", "names", "identifiers"]


def find_pairs_looked_after_twice(mentions: pa.Table, links: pa.Table, care: pa.Table) -> list[int]:
    """Return the row numbers of links between two records of one authority with care at one time.

    `mentions` is in `MENTION_SCHEMA`, `links` in `LINK_SCHEMA`, and `care` in `CARE_SCHEMA`.
    """
    ends = links.select(["left_mention_key", "right_mention_key"])
    positions = pa.array(range(links.num_rows), pa.int64())
    with duckdb.connect(":memory:") as connection:
        # DuckDB orders joins well only if it knows how many rows a table has.
        for name, table in (
            ("links", ends.append_column("position", positions)),
            ("mentions", mentions.select(MENTION_COLUMNS)),
            ("care", care.cast(CARE_SCHEMA)),
        ):
            connection.register(f"arrow_{name}", table)
            connection.execute(f"create table {name} as from arrow_{name}")
        return [position for (position,) in connection.execute(LOOKED_AFTER_TWICE).fetchall()]
