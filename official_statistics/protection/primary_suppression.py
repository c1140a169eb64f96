"""Primary suppression and rounding: what each cell may show, judged by itself (rules D1 to D3).

`secondary_suppression.py` deals with what several cells reveal together.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from official_statistics.release_rules import Rules, get_rounding_unit, round_count


def suppress_primary_cells(
    cells: pa.Table, rules: Rules
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which cells are hidden by their own count, and every value rounded for its level.

    D1 hides a value with 1 to 7 children behind it. D2 hides a value if two children account for 90
    % or more of it. D2 applies only to counts of other things than children; these counts have a
    `top_two_share`.
    """
    value = cells["value"].to_numpy(zero_copy_only=False)
    children = cells["child_count"].to_numpy(zero_copy_only=False)
    share = cells["top_two_share"].to_numpy(zero_copy_only=False).astype(float)
    has_few_children = children <= rules["few_children_most"]
    is_dominated = np.nan_to_num(share) >= rules["dominance_share"]
    levels = cells["geographic_level"].to_pylist()
    unit_by_level = {level: get_rounding_unit(rules, level) for level in set(levels)}
    units = np.array([unit_by_level[level] for level in levels], dtype=np.int64)
    return (value > 0) & (has_few_children | is_dominated), round_count(value, units)
