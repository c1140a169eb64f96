"""The limits of release practice, the time of a step, and the error for a refused step.

Limits come from `ref__publication_tolerances.csv`. `lifecycle` applies them to each step.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from register.settings import PROJECT_ROOT

TOLERANCES = PROJECT_ROOT / "seeds" / "ref__publication_tolerances.csv"


class ReleaseError(RuntimeError):
    """A step is refused. The message names the rule and says what to do."""


@dataclass(frozen=True)
class Practice:
    """The time of a step, and the limits that apply to it."""

    now: datetime
    tolerances: Mapping[str, float] = field(default_factory=dict)

    @property
    def utc_time(self) -> str:
        """The time of the step (UTC)."""
        return self.now.astimezone(UTC).isoformat(timespec="microseconds")

    def get_limit(self, name: str) -> float:
        """Return the limit with this name."""
        return self.tolerances[name]


def read_practice(now: datetime | None = None) -> Practice:
    """Return the limits, and the time of a step: by default now, otherwise a time with a zone."""
    with TOLERANCES.open(encoding="utf-8", newline="") as stream:
        tolerances = {row["tolerance"]: float(row["value"]) for row in csv.DictReader(stream)}
    return Practice(now or datetime.now(UTC), tolerances)
