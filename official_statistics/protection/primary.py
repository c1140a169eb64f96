"""Primary suppression and rounding: what each cell may show whatever the others show (D1 to D3).

What a set of cells gives away together belongs in `secondary.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

AUTHORITY_LEVELS = ("Local authority", "Police force area")
LEVELS = ("National", "Regional", *AUTHORITY_LEVELS)


@dataclass(frozen=True)
class Rules:
    """Parameters of disclosure control, from the seed `ref__disclosure_rules`."""

    few_children_most: int
    dominance_share: float
    rounding_unit_authority: int
    rounding_unit_area: int
    hidden_width_least: int
    own_counts_authority_count: int

    def unit(self, level: str) -> int:
        """The unit to which counts of a level are rounded. Raises `ValueError` for no level."""
        if level not in LEVELS:
            raise ValueError(f"no rounding for the level {level}")
        of_authority = level in AUTHORITY_LEVELS
        return self.rounding_unit_authority if of_authority else self.rounding_unit_area


def read_rules(rules: Mapping[str, float]) -> Rules:
    """Take the parameters of a seed; raises `KeyError` for a rule that it lacks."""
    return Rules(
        few_children_most=int(rules["few_children_most"]),
        dominance_share=float(rules["dominance_share"]),
        rounding_unit_authority=int(rules["rounding_unit_authority"]),
        rounding_unit_area=int(rules["rounding_unit_area"]),
        hidden_width_least=int(rules["hidden_width_least"]),
        own_counts_authority_count=int(rules["own_counts_authority_count"]),
    )


def rounded(value: int, unit: int) -> int:
    """The nearest multiple of a unit, halves up, by whole numbers."""
    return (2 * value + unit) // (2 * unit) * unit


def primary_suppression(
    cells: pa.Table, rules: Rules
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Say which cells are hidden for themselves, and to what each would be rounded.

    D1: 1 to 7 children are behind the value. D2: two children give 90 % or more of a count that
    counts something else than children (a share is given for such counts alone).
    """
    value = cells["value"].to_numpy(zero_copy_only=False)
    children = cells["child_count"].to_numpy(zero_copy_only=False)
    share = cells["top_two_share"].to_numpy(zero_copy_only=False).astype(float)
    some = value > 0
    few = some & (children <= rules.few_children_most)
    dominant = some & (np.nan_to_num(share) >= rules.dominance_share)
    units = {level: rules.unit(level) for level in LEVELS}
    levels = cells["geographic_level"].to_pylist()
    if unknown := set(levels) - set(units):
        raise ValueError(f"no rounding for the level {sorted(unknown)}")
    unit = np.array([units[level] for level in levels], dtype=np.int64)
    return few | dominant, (2 * value + unit) // (2 * unit) * unit
