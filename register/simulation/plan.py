"""What a simulated nation is to be: size, years, suppliers, error rates. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from register.simulation.error_rates import ERROR_RATES, ErrorRates
from register.simulation.reporting_rates import ReportingRates

DEMO_AUTHORITIES = ("370", "371", "372", "373", "383", "384", "815", "816", "830", "831")
DEMO_LETTERS = "BDHLSWY"


class PlanError(ValueError):
    """The plan asks for a nation that cannot be simulated; the message says what to change."""


@dataclass(frozen=True)
class SimulationPlan:
    """What to simulate.

    `share` is the share of a national year, in whole authorities (0.1 = fifteen of them at full
    size, 1 = all); without it `authority_count` or, by default, the ten authorities of the
    demonstration are simulated at `population_scale` of their real size. `first_year` 2024 is the
    collection year 2024-25. Deliveries that would be received after `as_of` are not made.
    """

    seed: int = 1
    share: float | None = None
    authority_count: int | None = None
    population_scale: float | None = None
    first_year: int = 2024
    year_count: int = 2
    extract_frequency: Literal["quarterly", "yearly"] = "quarterly"
    calibration_file: Path | None = None
    calibration_year: int | None = None
    error_rates: Literal["standard", "harder"] | ErrorRates = "standard"
    reporting_rates: ReportingRates = field(default_factory=ReportingRates)
    has_dirty_deliveries: bool = True
    as_of: date = date(2026, 11, 20)

    def __post_init__(self) -> None:
        if self.share is not None and not 0 < self.share <= 1:
            raise PlanError(
                "share must be over 0 and at most 1; more years are asked by year_count"
            )
        if self.share is not None and self.authority_count is not None:
            raise PlanError("give share or authority_count, not both")
        if self.authority_count is not None and self.authority_count < 1:
            raise PlanError("authority_count must be at least 1")
        if self.year_count < 1 or self.first_year < 2014:
            raise PlanError("year_count must be at least 1 and first_year at least 2014")
        if self.extract_frequency not in ("quarterly", "yearly"):
            raise PlanError("extract_frequency is quarterly or yearly")

    @property
    def rates(self) -> ErrorRates:
        """The error rates, by name or as given."""
        if isinstance(self.error_rates, ErrorRates):
            return self.error_rates
        return ERROR_RATES[self.error_rates]

    @property
    def is_demo(self) -> bool:
        """Whether this is the small nation of the demonstration."""
        return self.share is None and self.authority_count is None

    @property
    def scale(self) -> float:
        """Each authority's size as a share of its real size."""
        if self.population_scale is not None:
            return self.population_scale
        return 0.12 if self.is_demo else 1.0

    @property
    def years(self) -> tuple[int, ...]:
        """Collection years by the calendar year of their first of April."""
        return tuple(range(self.first_year, self.first_year + self.year_count))


@dataclass(frozen=True)
class SimulationSummary:
    """What was simulated, in counts."""

    seed: int
    authority_count: int
    force_count: int
    person_count: int
    absence_count: int
    police_report_count: int
    authority_absence_count: int
    looked_after_count: int
    delivery_count: int
    dirty_delivery_count: int
    file_count: int
    seconds: float
