"""Nine mentions and strategies for links and pairs among them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
from hypothesis import strategies as st

from tests.identity.people import mention, mention_table

KEYS = [f"m{number}" for number in range(9)]
PAIR = st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(lambda p: p[0] != p[1])
LINKS = st.lists(st.tuples(PAIR, st.integers(1, 4)), max_size=25)
PAIRS = st.lists(PAIR, max_size=6)
MENTIONS = mention_table(
    *(
        mention(key, known=datetime(2026, 5, 1) + timedelta(days=(number * 5) % 9))  # noqa: DTZ001
        for number, key in enumerate(KEYS)
    )
)


def link_table(links):
    """Links as a table: pairs with their weights."""
    return pa.table(
        {
            "left_mention_key": pa.array([one for (one, _), _ in links], pa.string()),
            "right_mention_key": pa.array([other for (_, other), _ in links], pa.string()),
            "match_weight": pa.array([weight for _, weight in links], pa.float64()),
        }
    )
