"""Drift: by how much a load's records would change the weights of the model.

It is measured by one expectation step over the pairs that the load has scored, at the load's prior.
No pair is scored again. A home's own model is learned in `adaptation`.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from register.identity.score.estimation import MAX_PROBABILITY, MIN_M, compute_level_weight
from register.identity.score.links import estimate_load_prior
from register.identity.score.model import NULL_GAMMA, Model

DRIFT_SCHEMA = pa.schema(
    [
        ("model_version", pa.string()),
        ("comparison_code", pa.string()),
        ("level_code", pa.string()),
        ("level_place", pa.int32()),
        ("is_fixed", pa.bool_()),
        ("match_count", pa.float64()),
        ("m_model", pa.float64()),
        ("m_home", pa.float64()),
        ("u_model", pa.float64()),
        ("weight_model", pa.float64()),
        ("weight_home", pa.float64()),
    ]
)


def weight_drift(scored: pa.Table, model: Model, mention_count: int) -> pa.Table:
    """Return each level's m and weight in the model and by these records, in `DRIFT_SCHEMA`.

    `scored` is the result of `score_pairs` for `mention_count` mentions.

    - `match_count` is the expected number of matches on the level.
    - `m_home` is the level's share (0-1) of the matches in which both persons have the field. It is
      null without such matches.
    - Weights are in bits. Both use the model's u: no u can be learned from candidate pairs, which
      were chosen because they are alike.

    Pairs under a cap count as non-matches, as in training. Each pair's weight includes the
    frequencies of its names and dates.
    """
    shift = estimate_load_prior(scored, mention_count, model).shift
    weights = scored["match_weight"].to_numpy() + shift
    is_open = scored["capped_by"].is_null().to_numpy(zero_copy_only=False)
    matches = is_open / (1.0 + np.exp2(-np.clip(weights, -500, 500)))
    # A sum of floating-point numbers depends on their order, and pairs have no fixed order.
    in_order = np.argsort(matches)
    matches = matches[in_order]
    rows = []
    for name in model.comparison_names:
        levels, labels = model.levels_by_label(name), model.level_labels(name)
        gammas = scored[f"gamma_{name}"].to_numpy().astype(np.int64)[in_order]
        is_known = gammas != NULL_GAMMA
        counts = np.bincount(gammas[is_known], weights=matches[is_known], minlength=len(levels))
        total = float(counts.sum())
        for place, gamma in enumerate(range(len(levels) - 1, NULL_GAMMA, -1), start=1):
            level = levels[labels[gamma]]
            m, u = level["m_probability"], level["u_probability"]
            own_m = min(max(counts[gamma] / total, MIN_M), MAX_PROBABILITY) if total else None
            rows.append(
                {
                    "model_version": model.version,
                    "comparison_code": name,
                    "level_code": labels[gamma],
                    "level_place": place,
                    "is_fixed": bool(level.get("fix_m_probability")),
                    "match_count": float(counts[gamma]),
                    "m_model": m,
                    "m_home": own_m,
                    "u_model": u,
                    "weight_model": compute_level_weight(level),
                    "weight_home": None if own_m is None else float(np.log2(own_m / u)),
                }
            )
    return pa.Table.from_pylist(rows, schema=DRIFT_SCHEMA)
