"""Every error mode of the sources with its own rate. Rates are probabilities per record or person.

How an error looks is the business of the views; who reported what is `reporting_rates`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class ErrorRates:
    """Probability of each error mode.

    Per mention (one person as one source's person record): names, dates of birth, postcodes,
    duplicates. Per record: looked-after flag, unknown ethnicity, missing sex. Per delivery: late,
    missing, resubmitted. Per authority, and per force: a break in its recording.
    `authority_factor` scales the mention errors in authorities' systems, which are better kept
    than police nominals.
    """

    # Date of birth.
    day_month_swapped: float = 0.008
    year_off_by_one: float = 0.006
    default_birthday_uasc: float = 0.35
    age_only: float = 0.02
    age_disputed: float = 0.15
    # Names.
    nickname: float = 0.05
    transliteration: float = 0.25
    names_swapped: float = 0.006
    double_barrelled_half: float = 0.30
    punctuation: float = 0.20
    typo: float = 0.03
    alias: float = 0.02
    placeholder: float = 0.004
    changed_name: float = 0.01
    # Other attributes.
    missing_sex: float = 0.01
    unknown_ethnicity: float = 0.31
    old_postcode: float = 0.10
    truncated_postcode: float = 0.02
    letter_digit_confused: float = 0.01
    # Who is who.
    duplicate_nominal: float = 0.04
    no_person_ref: float = 0.03
    transfer: float = 0.02
    adoption_return: float = 0.004
    wrong_looked_after_flag: float = 0.06
    unknown_looked_after_flag: float = 0.05
    # Records and deliveries.
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
        """The same rates with the named modes switched off."""
        return replace(self, **dict.fromkeys(names, 0.0))

    def only(self, *names: str) -> ErrorRates:
        """The named modes alone, everything else switched off."""
        kept = {*names, "authority_factor"}
        return self.without(*(item.name for item in fields(self) if item.name not in kept))


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
