"""The numbers that decide which absences are one; their values and reasons are seeds.

How they are used is `assignment`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

HOURS_OF_UNIT = {"hours": 1.0, "days": 24.0}


@dataclass(frozen=True)
class AssignmentMethod:
    """Hours, but for the weight: see the seed `ref__episode_parameters` for each.

    `tolerance_hours` is that of every pair; a pair may have a slack of its own (`edges`).

    Raises `ValueError` where leaving two absences alone would be no dearer than matching two that
    certainly ran at one time.
    """

    unmatched_cost: float
    certain_cost: float
    nearness_weight: float
    tolerance_hours: float

    def __post_init__(self) -> None:
        if not 0 <= self.certain_cost < self.unmatched_cost:
            raise ValueError("certain_cost must be below unmatched_cost, and not below 0")


def read_method(parameters: pa.Table, tolerances: pa.Table) -> AssignmentMethod:
    """Build the method from the seeds `ref__episode_parameters` and `ref__merge_tolerances`."""
    values = {row["parameter_code"]: float(row["value"]) for row in parameters.to_pylist()}
    across = next(row for row in tolerances.to_pylist() if row["source"] == "across")
    return AssignmentMethod(
        unmatched_cost=values["unmatched_cost"],
        certain_cost=values["certain_cost"],
        nearness_weight=values["nearness_weight"],
        tolerance_hours=across["tolerance"] * HOURS_OF_UNIT[across["unit"]],
    )
