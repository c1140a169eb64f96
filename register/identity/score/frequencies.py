"""Term frequencies: how common a value is among persons, so that a rare name weighs more.

Frequencies are measured when a model is trained, and are stored in the model.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field


class Frequencies(BaseModel):
    """Frequencies (0-1) of a column's values; `otherwise` is for values that are not listed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    otherwise: float = Field(gt=0, le=1)
    values: dict[str, float]


def measure_frequencies(
    persons: pa.Table, columns: list[str], least_holders: int
) -> dict[str, Frequencies]:
    """Measure the frequency (0-1) of each value of `columns` among `persons`.

    Values of fewer than `least_holders` persons are not listed, so that a model discloses no
    person. `otherwise` is the mean frequency of these values.
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
    """Return the frequency of each distinct value of `column`, in the form that Splink reads."""
    values = sorted(value for value in set(persons[column].to_pylist()) if value is not None)
    shares = np.array(
        [frequencies.values.get(value, frequencies.otherwise) for value in values], dtype=float
    )
    return pa.table({column: pa.array(values, pa.string()), f"tf_{column}": pa.array(shares)})
