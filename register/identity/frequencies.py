"""How common values are among persons: agreeing on a rare name says more than on a common one.

Measured when a model is trained, and kept in it.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field


class Frequencies(BaseModel):
    """How common a column's values are (0-1); `otherwise` for one that is not listed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    otherwise: float = Field(gt=0, le=1)
    values: dict[str, float]


def measure_frequencies(
    persons: pa.Table, columns: list[str], least_holders: int
) -> dict[str, Frequencies]:
    """Measure how common the values of `columns` are among `persons`.

    Values that fewer than `least_holders` have are not listed (nobody is to be found in a model);
    together they stand as `otherwise`: the mean frequency of one of them.
    """
    measured = {}
    for column in columns:
        known = persons[column].drop_null()
        counted = known.value_counts()
        values = counted.field("values").to_pylist()
        counts = counted.field("counts").to_numpy(zero_copy_only=False)
        total = max(len(known), 1)
        is_listed = counts >= least_holders
        unlisted = counts[~is_listed]
        mean = float(unlisted.mean()) if len(unlisted) else 1.0
        measured[column] = Frequencies(
            otherwise=min(mean / total, 1.0),
            values={
                value: round(float(count) / total, 8)
                for value, count, listed in sorted(
                    zip(values, counts, is_listed, strict=True), key=lambda row: str(row[0])
                )
                if listed
            },
        )
    return measured


def frequency_table(persons: pa.Table, column: str, frequencies: Frequencies) -> pa.Table:
    """Return the frequency of each distinct value of `persons` in `column`, as Splink asks."""
    values = sorted(value for value in set(persons[column].to_pylist()) if value is not None)
    shares = np.array(
        [frequencies.values.get(value, frequencies.otherwise) for value in values], dtype=float
    )
    return pa.table({column: pa.array(values, pa.string()), f"tf_{column}": pa.array(shares)})
