"""Profiles of a simulated nation: the processes by which records differ from the truth.

`standard` is the nation on which the rules were developed. In it, every omission has a listed
cause, thresholds and steps are sharp, and case systems have one habit. `harder` violates these
assumptions. The fields of `Profile` are rates of processes; each process has a module in
`processes`. Misspellings of persons are in `plan.ErrorRates` and do not depend on the profile.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

RANGES = ("omissions", "extract_lag_days", "steps_each")
HABITS = ("shift_change", "saved_form", "morning_batch", "weekly_panel")


@dataclass(frozen=True)
class Profile:
    """Rates of the processes; a rate of 0, or an empty range, switches a process off.

    - `omissions`: lowest and highest share of the absences that a source is told of but omits
      without a cause (D0). Each force and authority draws its own share. Any list of causes is
      incomplete: inspections find missing records that neither length nor place explains (HMICFRS,
      *Missing children: who cares?*, 2016).
    - `threshold_homes`: share of homes that often do not record short absences (D10). The chance of
      omission falls smoothly with the length; at a threshold it is halved. `threshold_hours` is the
      median threshold. Thresholds differ by home and by worker, because they are personal practice
      and no authority's policy.
    - `step_suppliers`: share of suppliers whose recording changes `steps_each` times (D17), to a
      level of omission of at most `step_level`. `gradual_steps` is the share of the changes that
      take two to seven months. Published series drift more often than they break.
    - `administrative_habits`: the meanings of administrative times, given in turn to the
      authorities that record them. If it is empty, they mean the next full office hour.
      `administrative_events` is the share of authorities with an event-time system that in fact
      record when the form was completed. A system is configured locally, so its name does not say
      what its times mean.
    - `has_year_in_progress`: whether a further year follows, which contains only what was received
      by `as_of`. `extract_lag_days`: how much later an extract arrives than in the standard nation,
      so that the police are months ahead at the end of the series. Every real current year looks
      like this.
    - `left_open`: share of records whose end is never entered. `closed_without_return`: share of
      these records that the police close nevertheless, without a time of return.
    - `blank_postcodes`, `unresolvable_postcodes`: share of postcodes that are empty, or that belong
      to no place. Examples of the latter are the NHS pseudo-postcodes ZZ99 3VZ (no fixed abode) and
      ZZ99 3WZ (unknown), a remark, and a mistyped district.
    - `midnights`: share of times for which 00:00 of the day is entered because the time is not
      known. Each time is drawn independently.
    - `system_dates`: share of suppliers that write dates as their system stores them. The form is
      SQL Server's (`CONVERT` style 121, `2025-08-30 12:11:00.000`) or ISO 8601 with a zone.
    - `force_duplicates`: share of absences that a second force also records, wherever the child
      lives (D6). The UK Missing Persons Unit's data report warns that one person may be reported
      twice, under two numbers.
    - `format_changes`: share of suppliers that change the form of their files within the series
      without notice. Dates and the order of columns change, and a column is added. An authority
      also changes its case system.
    """

    name: str
    omissions: tuple[float, float] = (0.0, 0.0)
    threshold_homes: float = 0.0
    threshold_hours: float = 3.0
    step_suppliers: float = 0.0
    steps_each: tuple[int, int] = (2, 4)
    step_level: float = 0.4
    gradual_steps: float = 0.5
    administrative_habits: tuple[str, ...] = ()
    administrative_events: float = 0.0
    has_year_in_progress: bool = False
    extract_lag_days: tuple[int, int] = (0, 0)
    left_open: float = 0.0
    closed_without_return: float = 0.5
    blank_postcodes: float = 0.0
    unresolvable_postcodes: float = 0.0
    midnights: float = 0.0
    system_dates: float = 0.0
    force_duplicates: float = 0.0
    format_changes: float = 0.0

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if item.type == "float" and item.name != "threshold_hours" and not 0 <= value <= 1:
                raise ValueError(f"{item.name} is a share, from 0 to 1")
            if item.name in RANGES and not 0 <= value[0] <= value[1]:
                raise ValueError(f"{item.name} is a lowest and a highest value")
        if not set(self.administrative_habits) <= set(HABITS):
            raise ValueError(f"administrative habits are {', '.join(HABITS)}")


PROFILES = {
    "standard": Profile("standard"),
    "harder": Profile(
        "harder",
        omissions=(0.03, 0.10),
        threshold_homes=0.5,
        step_suppliers=0.6,
        administrative_habits=HABITS,
        administrative_events=0.5,
        has_year_in_progress=True,
        extract_lag_days=(35, 70),
        left_open=0.05,
        blank_postcodes=0.06,
        unresolvable_postcodes=0.04,
        midnights=0.05,
        system_dates=0.5,
        force_duplicates=0.03,
        format_changes=0.4,
    ),
}
