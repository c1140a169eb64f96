"""Care: the placements of looked-after children, as guards and collective evidence read them."""

from __future__ import annotations

import pyarrow as pa

CARE_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("place", pa.string()),
        ("care_start_date", pa.date32()),
        ("care_end_date", pa.date32()),
        ("placement_type_code", pa.string()),
    ]
)
# The placement is the child's own home: a sibling at home is reported from it too.
WITH_PARENTS = "P1"
