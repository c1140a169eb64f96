"""Who tells whom: the probability that an absence reaches the police and the authority.

Each rate names the reason code of the disagreement that it causes. Errors in what is written down
are `error_rates`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReportingRates:
    """Probabilities per absence, and shares of authorities.

    `*_extra` rates are absences of looked-after children which the authority does not record, as a
    share of those that it does (what is not passed on must also start out of area; short ones are
    left out by the authorities with a threshold alone).
    `unreported_share` is the share of all absences that reach neither source.
    """

    unreported_share: float = 0.66
    # D4: not reported to the police.
    missing_not_reported: float = 0.10
    away_not_reported: float = 0.65
    # Police only.
    not_passed_on_extra: float = 0.18  # D5
    away_never_recorded_extra: float = 0.10  # D3
    authorities_with_threshold: float = 0.25  # D10: they record nothing that is soon over
    short_not_recorded_extra: float = 0.30  # D10
    short_break_absences: float = 0.8  # D16, a year per child
    placed_from_outside: float = 0.006  # D16, children, as a share of those looked after
    unknown_to_authority: float = 0.12  # more children, as a share of those recorded
    # Both, but different.
    category_differs: float = 0.06  # D2
    two_forces: float = 0.02  # D6
    split_reports: float = 0.30  # D9, of absences over three days
    authorities_lumping: float = 0.2  # D9: they write successive absences as one
    lumped_absences: float = 0.6  # D9, of absences soon after one that such an authority has
    transport_police: float = 0.005
    # Authorities.
    authorities_without_away: float = 62 / 152
    interview_offered: float = 0.72
    interview_accepted: float = 0.62
    interview_in_time: float = 0.60
