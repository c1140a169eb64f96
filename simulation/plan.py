"""The plan of a simulated nation: size, years, error rates and reporting rates.

This module draws nothing. `sources` applies the errors to records.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Literal

from simulation.profiles import PROFILES, Profile


@dataclass(frozen=True)
class ErrorRates:
    """The probability of each kind of error (error mode).

    - Per mention (one person record in one source): names, dates of birth, postcodes, duplicates.
    - Per record: looked-after flag, unknown ethnicity, missing sex.
    - Per delivery: late, missing or resubmitted.
    - Per authority and per force: a break in recording.

    `authority_factor` multiplies the mention errors in authorities' systems, which are better kept
    than the police's person records.
    """

    # Errors in dates of birth.
    day_month_swapped: float = 0.008
    year_off_by_one: float = 0.006
    default_birthday_uasc: float = 0.35
    age_only: float = 0.02
    age_disputed: float = 0.15
    # Errors in names.
    nickname: float = 0.05
    transliteration: float = 0.25
    names_swapped: float = 0.006
    double_barrelled_half: float = 0.30
    punctuation: float = 0.20
    typo: float = 0.03
    alias: float = 0.02
    placeholder: float = 0.004
    changed_name: float = 0.01
    # Errors in other attributes.
    missing_sex: float = 0.01
    unknown_ethnicity: float = 0.31
    old_postcode: float = 0.10
    truncated_postcode: float = 0.02
    letter_digit_confused: float = 0.01
    # Errors in person records.
    duplicate_nominal: float = 0.04
    no_person_ref: float = 0.03
    transfer: float = 0.02
    adoption_return: float = 0.004
    wrong_looked_after_flag: float = 0.06
    unknown_looked_after_flag: float = 0.05
    # Errors in records and deliveries.
    open_record: float = 0.015
    late_entry: float = 0.03
    amended_after_year_end: float = 0.02
    late_delivery: float = 0.05
    missing_delivery: float = 0.015
    resubmission: float = 0.05
    recording_break: float = 0.10
    force_recording_break: float = 0.08
    authority_factor: float = 0.35

    def __post_init__(self) -> None:
        wrong = [item.name for item in fields(self) if not 0 <= getattr(self, item.name) <= 1]
        if wrong:
            raise ValueError(f"error rates must lie between 0 and 1: {', '.join(wrong)}")

    def without(self, *names: str) -> ErrorRates:
        """Return the same rates with the named error modes switched off."""
        return replace(self, **dict.fromkeys(names, 0.0))

    def keep_modes(self, *names: str) -> ErrorRates:
        """Return the same rates with all but the named error modes switched off."""
        kept_names = {*names, "authority_factor"}
        return self.without(*(item.name for item in fields(self) if item.name not in kept_names))


ERROR_RATES = {
    "standard": ErrorRates(),
    "harder": ErrorRates(
        day_month_swapped=0.016,
        year_off_by_one=0.012,
        default_birthday_uasc=0.5,
        age_only=0.03,
        age_disputed=0.2,
        nickname=0.09,
        transliteration=0.4,
        names_swapped=0.012,
        double_barrelled_half=0.45,
        punctuation=0.35,
        typo=0.06,
        alias=0.03,
        placeholder=0.006,
        changed_name=0.02,
        missing_sex=0.02,
        old_postcode=0.18,
        truncated_postcode=0.04,
        letter_digit_confused=0.02,
        duplicate_nominal=0.07,
        no_person_ref=0.06,
        transfer=0.03,
        wrong_looked_after_flag=0.1,
        unknown_looked_after_flag=0.09,
        open_record=0.025,
        late_entry=0.05,
        amended_after_year_end=0.03,
        late_delivery=0.08,
        missing_delivery=0.025,
        resubmission=0.07,
        recording_break=0.15,
        force_recording_break=0.12,
        authority_factor=0.5,
    ),
}


@dataclass(frozen=True)
class ReportingRates:
    """The probabilities of how absences are reported, and shares of authorities.

    An `*_extra` rate refers to looked-after children: the absences that the authority does not
    record, divided by those that it records. Absences drawn as not passed on are dropped if they
    start in the authority's own area. Only authorities with a threshold leave out short absences.
    `unreported_share` is the share of all absences that reach neither source.
    """

    unreported_share: float = 0.66
    # D4: the authority does not report the absence to the police.
    missing_not_reported: float = 0.10
    away_not_reported: float = 0.65
    # The police alone record the absence.
    not_passed_on_extra: float = 0.18  # D5: the police report does not reach the authority
    away_never_recorded_extra: float = 0.10  # D3: the authority never records *away*
    # D10: share of authorities that leave out short absences
    authorities_with_threshold: float = 0.25
    # D10: number of short absences that such authorities leave out, per absence that they record
    short_not_recorded_extra: float = 0.30
    short_break_absences: float = 0.8  # D16: absences in a short break, for each child and year
    # D16: children placed from outside England, as a share of looked-after children
    placed_from_outside: float = 0.006
    # number of children whose absences the authority never hears of, per child that it recorded
    unknown_to_authority: float = 0.12
    # Both sources record the absence, but differently.
    category_differs: float = 0.06  # D2: the two sources' categories differ
    # D6: two forces record the absence. 8 times this rate applies to absences that start in the
    # area of a force that is not the authority's own.
    two_forces: float = 0.02
    # D9: share of absences over three days that the police split into several reports
    split_reports: float = 0.30
    authorities_lumping: float = 0.2  # D9: share of authorities that write several absences as one
    # D9: of such authorities' absences that soon follow another, the share written as one with it
    lumped_absences: float = 0.6
    transport_police: float = 0.005
    # Practice of authorities.
    authorities_without_away: float = 62 / 152
    interview_offered: float = 0.72
    interview_accepted: float = 0.62
    interview_in_time: float = 0.60


DEMO_AUTHORITIES = ("370", "371", "372", "373", "383", "384", "815", "816", "830", "831")
DEMO_LETTERS = "BDHLSWY"


class PlanError(ValueError):
    """An error: the planned nation cannot be simulated. The message says what to change."""


@dataclass(frozen=True)
class SimulationPlan:
    """The description of a nation to simulate.

    - `share`: the part of the whole nation to simulate, rounded to whole authorities (0.1: fifteen
      authorities at full size; 1: all). Without it, `authority_count` authorities are simulated at
      `population_scale` of their real size; the default is the demonstration's ten.
    - `first_year`: 2024 is the collection year 2024-25.
    - `as_of`: deliveries that would be received later are not made.
    - `calibration_file`: a publication of the department whose figures the nation reproduces. It is
      the statistics by authority, of which one year is used (`calibration_year`, or the latest), or
      the Local Authority Interactive Tool, of which each year is used.
    - `authority_rates`: `constant`, or drawn as England's authorities differ and change over years.
    - `profile`: the processes by which records differ from the truth. Profile `harder` adds the
      year in progress after the `year_count` complete years.
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
    authority_rates: Literal["constant", "england"] = "constant"
    profile: Literal["standard", "harder"] | Profile = "standard"
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
        if self.calibration_file is not None and self.processes.name != "standard":
            raise PlanError("a calibrated nation counts as was published: its profile is standard")
        if self.authority_rates not in ("constant", "england"):
            raise PlanError("authority_rates is constant or england")
        if self.calibration_file is not None and self.authority_rates != "constant":
            raise PlanError("a calibration file gives the rates: do not ask for others")

    @property
    def rates(self) -> ErrorRates:
        """The error rates; a name in the plan is replaced by the rates of that name."""
        if isinstance(self.error_rates, ErrorRates):
            return self.error_rates
        return ERROR_RATES[self.error_rates]

    @property
    def processes(self) -> Profile:
        """The profile; a name in the plan is replaced by the profile of that name."""
        return self.profile if isinstance(self.profile, Profile) else PROFILES[self.profile]

    @property
    def is_demo(self) -> bool:
        """Whether this is the small nation of the demonstration."""
        return self.share is None and self.authority_count is None

    @property
    def scale(self) -> float:
        """The simulated size of each authority as a share of its real size."""
        if self.population_scale is not None:
            return self.population_scale
        return 0.12 if self.is_demo else 1.0

    @property
    def years(self) -> tuple[int, ...]:
        """The collection years, each given by the calendar year in which it starts."""
        count = self.year_count + self.processes.has_year_in_progress
        return tuple(range(self.first_year, self.first_year + count))


@dataclass(frozen=True)
class SimulationSummary:
    """A summary of a simulation: its profile and seed, and counts.

    `unpublished_rate_count` is the number of authorities' years without a published rate, if the
    nation has the rates of each year of a file. Such a rate is interpolated.
    """

    profile: str
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
    unpublished_rate_count: int | None = None
