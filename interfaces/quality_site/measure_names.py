"""The names and definitions of the counts, from the one seed that every door shows them by."""

from __future__ import annotations

import csv
from functools import cache

from register.settings import PROJECT_ROOT

SEED = PROJECT_ROOT / "seeds" / "ref__measures.csv"


@cache
def read_measures() -> dict[str, dict[str, str]]:
    """Return the row of each measure by its code, in the order in which they are shown."""
    with SEED.open(encoding="utf-8", newline="") as lines:
        return {row["measure_code"]: row for row in csv.DictReader(lines)}


def measure_name(code: str) -> str:
    """Return the name under which every door shows a measure."""
    return read_measures()[code]["measure_name"]
