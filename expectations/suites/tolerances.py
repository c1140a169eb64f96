"""Reader of the agreed tolerances: how much is acceptable, why, and who decided.

All tolerances are in the seed `ref__agreement_tolerances`; none is written in code.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from register.settings import PROJECT_ROOT

SEED = PROJECT_ROOT / "seeds" / "ref__agreement_tolerances.csv"
# What the limits of a tolerance may be: shares from 0 to 1, counts, or coefficients of agreement
# beyond chance, which are at most 1.
MEASURES = ("share", "count", "coefficient")
SEVERITIES = ("critical", "warning", "info")
LEAST_SHARE_SHOWN = 0.001


class ToleranceError(ValueError):
    """A line of the seed of tolerances is wrong. The message says which line."""


@dataclass(frozen=True)
class Tolerance:
    """The interval agreed for one expectation; shares are 0-1, and None means no limit."""

    tolerance_code: str
    measure: str
    scope: str
    minimum: float | None
    maximum: float | None
    severity: str
    reason: str
    owner: str
    agreed_on: str

    @property
    def text(self) -> str:
        """The interval in words: "at least 95%", "none allowed", "all"."""
        return format_tolerance(self.measure, self.minimum, self.maximum)


def format_figure(measure: str, value: float | None) -> str:
    """Format a figure: a share, a coefficient (2 decimals) or a count (thousands separators).

    A share is a percentage with at most 1 decimal. A share just above 0 is "under 0.1%", and one
    just below 1 is "over 99.9%". Without a value, the text is "not measured".
    """
    if value is None:
        return "not measured"
    if measure == "share":
        if 0 < value < LEAST_SHARE_SHOWN:
            return "under 0.1%"
        if 1 - LEAST_SHARE_SHOWN < value < 1:
            return "over 99.9%"
        return f"{value:.1%}".replace(".0%", "%")
    return f"{value:.2f}" if measure == "coefficient" else f"{value:,.0f}"


def format_tolerance(measure: str, minimum: float | None, maximum: float | None) -> str:
    """Describe in words the interval from `minimum` to `maximum`."""
    low, high = (format_figure(measure, limit) for limit in (minimum, maximum))
    if minimum is None and maximum is None:
        return "no limit: shown for its history"
    if minimum is None:
        return "none allowed" if maximum == 0 else f"at most {high}"
    if maximum is None:
        return "all" if measure == "share" and minimum == 1 else f"at least {low}"
    return f"exactly {low}" if minimum == maximum else f"{low} to {high}"


def read_tolerances(seed: Path = SEED) -> dict[str, Tolerance]:
    """Return the tolerances by code, which is the name of the expectation.

    Raises `ToleranceError` for a wrong line.
    """
    tolerances: dict[str, Tolerance] = {}
    with seed.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            tolerance = _parse_tolerance(row, f"{seed.name} line {number}")
            if tolerance.tolerance_code in tolerances:
                raise ToleranceError(f"{seed.name} line {number}: the code is there twice")
            tolerances[tolerance.tolerance_code] = tolerance
    return tolerances


def _parse_tolerance(row: dict[str, str], place: str) -> Tolerance:
    if row["severity"] not in SEVERITIES:
        raise ToleranceError(f"{place}: severity must be one of {', '.join(SEVERITIES)}")
    if row["measure"] not in MEASURES:
        raise ToleranceError(f"{place}: measure must be one of {', '.join(MEASURES)}")
    try:
        minimum, maximum = (
            float(row[name]) if row[name] else None for name in ("minimum", "maximum")
        )
    except ValueError as error:
        raise ToleranceError(f"{place}: minimum and maximum must be figures or blank") from error
    if not row["reason"] or not row["owner"] or not row["agreed_on"]:
        raise ToleranceError(f"{place}: a tolerance needs its reason, owner and date")
    texts = {name: text for name, text in row.items() if name not in {"minimum", "maximum"}}
    return Tolerance(minimum=minimum, maximum=maximum, **texts)
