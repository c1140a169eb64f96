"""Keys: which record founded a child, and the child's key that follows from it.

A key is minted from the earliest-known record of the cluster, so a merge keeps the older key and
a split leaves it with the founder. What a key looks like in BI is in `pseudonyms`; the history of
keys is kept with the generations.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from register.identity.pseudonyms import register_key

CHILD_PREFIX = "C"


def founding_ranks(mentions: pa.Table) -> npt.NDArray[np.int64]:
    """Rank mentions by when they became known: received first, earlier period, then key.

    Needs `first_received_at`, `first_period_start` and `mention_key`. Rank 0 is the earliest.
    """
    positions = pa.array(np.arange(mentions.num_rows, dtype=np.int64))
    order = (
        mentions.select(["first_received_at", "first_period_start", "mention_key"])
        .append_column("position", positions)
        .sort_by(
            [
                ("first_received_at", "ascending"),
                ("first_period_start", "ascending"),
                ("mention_key", "ascending"),
            ]
        )["position"]
        .to_numpy()
    )
    ranks = np.empty(mentions.num_rows, dtype=np.int64)
    ranks[order] = np.arange(mentions.num_rows)
    return ranks


def founders(labels: npt.NDArray[np.int64], ranks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return for every mention the position of the founder of its cluster."""
    order = np.lexsort((ranks, labels))
    ordered_labels = labels[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = ordered_labels[1:] != ordered_labels[:-1]
    group = np.cumsum(is_first) - 1
    result = np.empty(len(order), dtype=np.int64)
    result[order] = order[is_first][group]
    return result


def child_key(founding_mention_key: str) -> str:
    """Return the child's key: `C` and 24 hexadecimal digits of the founding mention's key."""
    return register_key(CHILD_PREFIX, founding_mention_key)
