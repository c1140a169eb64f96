"""Explanation: what each comparison of a scored pair weighed, one row per comparison.

The weights add up to the pair's match weight, the prior included: why two records are, or are not,
one child is answered from these rows. What became of the pair is decided in the warehouse.
"""

from __future__ import annotations

from math import log2

import duckdb
import pyarrow as pa

from register.identity.model import Model

PRIOR = "prior"

WEIGHT_SCHEMA = pa.schema(
    [
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("comparison_place", pa.int32()),
        ("comparison_code", pa.string()),
        ("level_code", pa.string()),
        ("weight", pa.float64()),
    ]
)


def prior_weight(model: Model) -> float:
    """Return the weight (bits) with which every pair begins: how rare matches are."""
    prior = model.probability_two_random_records_match
    return log2(prior / (1 - prior))


def list_weights(scored: pa.Table, model: Model) -> pa.Table:
    """Return the weights of scored pairs in `WEIGHT_SCHEMA`, by pair and place.

    `scored` is as `scoring.score_pairs` makes it. The prior comes first, then the comparisons in
    the order of the model, each with the label of the level that the pair is on.
    """
    parts = [
        f"select left_mention_key, right_mention_key, 0 as comparison_place,"
        f" '{PRIOR}' as comparison_code, '{PRIOR}' as level_code, {prior_weight(model)!r} as weight"
        " from scored"
    ]
    for place, name in enumerate(model.comparison_names, start=1):
        labels = " ".join(
            f"when {gamma} then '{label}'" for gamma, label in model.level_labels(name).items()
        )
        parts.append(
            f"select left_mention_key, right_mention_key, {place}, '{name}',"
            f" case gamma_{name} {labels} end, weight_{name} from scored"
        )
    ordered = (
        " union all ".join(parts)
        + " order by left_mention_key, right_mention_key, comparison_place"
    )
    with duckdb.connect(":memory:") as connection:
        connection.register("scored", scored)
        return connection.execute(ordered).to_arrow_table().cast(WEIGHT_SCHEMA)
