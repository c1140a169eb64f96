"""The tables in which a maker of invented children writes records and truth, to judge linkage.

They hold no name, rate or rule, so that makers that share nothing else can share them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

DAY, TEXTS = pa.date32(), pa.list_(pa.string())
# The columns of `int_mentions`, with values as recorded (not yet cleaned).
COLLECTED_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("source", pa.string()),
        ("issuer_code", pa.string()),
        ("first_received_at", pa.timestamp("us")),
        ("first_period_start", DAY),
        ("primary_name", pa.string()),
        ("names", TEXTS),
        ("sex_code", pa.string()),
        ("birth_dates", pa.list_(DAY)),
        ("birth_date_earliest", DAY),
        ("birth_date_latest", DAY),
        ("postcodes", TEXTS),
        ("identifiers", TEXTS),
        ("care_first_start_date", DAY),
        ("adoption_date", DAY),
    ]
)
CARE_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("place", pa.string()),
        ("care_start_date", DAY),
        ("care_end_date", DAY),
        ("placement_type_code", pa.string()),
    ]
)
TRUTH_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("child_key", pa.string()),
        ("family_key", pa.string()),
        ("origin_code", pa.string()),
        ("group_code", pa.string()),
        ("is_unaccompanied", pa.bool_()),
        ("is_looked_after", pa.bool_()),
        ("is_placed_with_parents", pa.bool_()),
        ("twin_child_key", pa.string()),
        ("adoption_pair_child_key", pa.string()),
        ("is_planted_stranger", pa.bool_()),
        ("planted_class", pa.string()),
    ]
)


class LabelledTables(NamedTuple):
    """Collected mentions, periods of care, and the true child of each mention."""

    collected: pa.Table
    care: pa.Table
    truth: pa.Table


def build_tables(
    mentions: list[dict[str, object]], care: list[dict[str, object]], truth: list[dict[str, object]]
) -> LabelledTables:
    """Return rows as tables in order of mention keys."""
    return LabelledTables(
        *(
            pa.Table.from_pylist(rows, schema).sort_by("mention_key")
            for rows, schema in (
                (mentions, COLLECTED_SCHEMA), (care, CARE_SCHEMA), (truth, TRUTH_SCHEMA),
            )
        )
    )  # fmt: skip


def write_tables(tables: LabelledTables, folder: Path) -> None:
    """Write collected.parquet, care.parquet and truth.parquet into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables._asdict().items():
        pq.write_table(table, folder / f"{name}.parquet")
