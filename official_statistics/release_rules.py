"""The parameters of disclosure control, from the seed `ref__disclosure_rules.csv`.

What the rules do with them belongs to `protection` and to `derived`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from register.settings import PROJECT_ROOT

RULES_FILE = PROJECT_ROOT / "seeds" / "ref__disclosure_rules.csv"

Rules = Mapping[str, float]


def read_rules(path: Path = RULES_FILE) -> Rules:
    """Return every parameter by its name. Raises `ValueError` for a value that is no number."""
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["rule"]: float(row["value"]) for row in csv.DictReader(stream)}


def read_reasons(path: Path = RULES_FILE) -> dict[str, str]:
    """Return the reason for every parameter by its name."""
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["rule"]: row["reason"] for row in csv.DictReader(stream)}
