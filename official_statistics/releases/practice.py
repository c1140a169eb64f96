"""The limits of the release practice (`ref__publication_tolerances.csv`), and the time it is."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from register.settings import PROJECT_ROOT

TOLERANCES = PROJECT_ROOT / "seeds" / "ref__publication_tolerances.csv"


@dataclass(frozen=True)
class Practice:
    """When a step is taken, and the limits that hold for it."""

    now: datetime
    tolerances: Mapping[str, float] = field(default_factory=dict)

    @property
    def at(self) -> str:
        """The time of the step (UTC)."""
        return self.now.astimezone(UTC).isoformat(timespec="microseconds")

    def limit(self, name: str) -> float:
        """Return a limit by its name."""
        return self.tolerances[name]


def read_practice(now: datetime | None = None, path: Path = TOLERANCES) -> Practice:
    """Return the practice of now, or of another time with a zone."""
    with path.open(encoding="utf-8", newline="") as stream:
        tolerances = {row["tolerance"]: float(row["value"]) for row in csv.DictReader(stream)}
    return Practice(now or datetime.now(UTC), tolerances)
