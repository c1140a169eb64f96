"""The crosswalk from each mention to the child of the register that it is about.

`register.identity.cluster` decides which mentions are one child. A child's key derives from a
source key (`pseudonyms`).
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

CHILD_PREFIX = "C"
# The number of digits after the letter in a child's key. They are the first digits of the key of
# the child's founder.
REGISTER_KEY_LENGTH = 24


def build_child_crosswalk(clusters: pa.Table, mentions: pa.Table) -> pa.Table:
    """Return one row per mention, with the child that it is about.

    `clusters` has `mention_key`, `founding_mention_key` and `cluster_size`. `mentions` has
    `mention_key`, `source`, `issuer_code` and `first_received_at`. A child's key is the published
    form of the founding mention's key.
    """
    described = mentions.select(["mention_key", "source", "issuer_code", "first_received_at"])
    joined = clusters.join(described, "mention_key", join_type="inner")
    founders = joined["founding_mention_key"]
    digits = pc.utf8_upper(pc.utf8_slice_codeunits(founders, 0, REGISTER_KEY_LENGTH))
    return pa.table(
        {
            "mention_key": joined["mention_key"],
            "child_id_register": pc.binary_join_element_wise(CHILD_PREFIX, digits, ""),
            "founding_mention_key": founders,
            "is_founder": pc.equal(joined["mention_key"], founders),
            "mention_count": joined["cluster_size"],
            "source": joined["source"],
            "issuer_code": joined["issuer_code"],
            "first_received_at": joined["first_received_at"],
        }
    )
