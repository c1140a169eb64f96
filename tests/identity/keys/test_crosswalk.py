"""The crosswalk names each child by its founding mention."""

from __future__ import annotations

import pyarrow as pa

from register.identity.keys import build_child_crosswalk


def test_a_child_has_the_key_of_its_founder() -> None:
    """Prevents a child's key that is not the published form of its founding mention's key."""
    clusters = pa.table(
        {
            "mention_key": ["ab" * 16, "cd" * 16],
            "founding_mention_key": ["ab" * 16, "ab" * 16],
            "cluster_size": [2, 2],
        }
    )
    mentions = pa.table(
        {
            "mention_key": ["cd" * 16, "ab" * 16],
            "source": ["police", "authority"],
            "issuer_code": ["E1", "373"],
            "first_received_at": [2, 1],
        }
    )
    by_key = {
        row["mention_key"]: row for row in build_child_crosswalk(clusters, mentions).to_pylist()
    }
    assert {row["child_id_register"] for row in by_key.values()} == {"C" + "AB" * 12}
    assert [by_key[key * 16]["is_founder"] for key in ("ab", "cd")] == [True, False]
    assert [by_key[key * 16]["issuer_code"] for key in ("ab", "cd")] == ["373", "E1"]
    assert {row["mention_count"] for row in by_key.values()} == {2}
