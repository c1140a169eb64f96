"""The parameters of disclosure control from the seed `ref__disclosure_rules.csv`, and rounding.

`protection` and `derived_figures` apply the rules.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from register.settings import PROJECT_ROOT

RULES_FILE = PROJECT_ROOT / "seeds" / "ref__disclosure_rules.csv"
AUTHORITY_LEVELS = ("Local authority", "Police force area")
LEVELS = ("National", "Regional", *AUTHORITY_LEVELS)

Rules = Mapping[str, float]
Count = TypeVar("Count", int, NDArray[np.int64])


def read_rules() -> Rules:
    """Return all parameters by name. Raises `ValueError` if a value is not a number."""
    with RULES_FILE.open(encoding="utf-8", newline="") as stream:
        return {row["rule"]: float(row["value"]) for row in csv.DictReader(stream)}


def get_rounding_unit(rules: Rules, level: str) -> int:
    """Return the unit to which counts of a geographic level are rounded.

    Raises `ValueError` for an unknown level.
    """
    if level not in LEVELS:
        raise ValueError(f"counts of the level '{level}' have no rounding unit")
    size = "authority" if level in AUTHORITY_LEVELS else "area"
    return int(rules[f"rounding_unit_{size}"])


def round_count(value: Count, unit: Count) -> Count:
    """Round a whole number to the nearest multiple of a unit. Halves are rounded up."""
    return (2 * value + unit) // (2 * unit) * unit
