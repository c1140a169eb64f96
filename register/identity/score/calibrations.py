"""Calibrations of the register's model: with what probability each kind of pair is shown.

Fitted on development nations of both makers by
`python -m benchmarks.linkage.learn_calibrations`, which prints them. No cap, threshold or link
follows from them. They are part of the pinned model, so that an edit of one needs a new version of
`model.json`.
"""

from __future__ import annotations

from register.identity.score.caps import SHARED_IDENTIFIER
from register.identity.score.model import Calibration

# By name of a cap, of collective evidence or of a link method: slope and offset (bits).
OF_CAPS: dict[str, tuple[float, float]] = {
    "age_excludes_birth_date": (0.51, 1.6),
    "another_name_in_one_family": (0.24, -0.9),
    "authorities_with_other_surname": (0.44, -4.5),
    "authorities_without_common_address": (0.33, -3.8),
    "common_name_and_birth_date": (0.13, 1.6),
    "default_date_in_passing": (0.59, -0.3),
    "far_date_in_passing": (0.32, -1.0),
    "like_forenames_by_age": (0.40, -1.7),
    "like_forenames_other_dates": (0.28, -3.6),
    "names_by_custom_alone": (0.17, 2.3),
    "names_in_other_order_by_age": (0.54, -3.9),
    "near_year_in_passing": (0.44, 2.3),
    "nearly_swapped_in_passing": (0.25, 3.3),
    "no_date_in_passing": (0.21, -1.7),
    "no_forename": (0.50, -1.6),
    "no_forename_elsewhere": (0.66, -0.3),
    "other_date_at_home": (0.42, -0.3),
    "other_date_elsewhere": (0.56, -1.3),
    "other_sex_names_in_other_order": (0.21, -1.6),
    "other_sex_other_date": (0.30, 1.0),
    "other_surname_elsewhere": (0.52, -2.4),
    "other_surname_other_date": (0.47, -0.7),
    "part_of_a_forename_default_date": (0.47, -2.2),
    "part_of_the_names_elsewhere": (0.40, -1.0),
    "part_of_the_names_in_one_family": (0.30, 0.3),
    "similar_forenames_one_date": (0.24, -1.6),
    "two_common_forenames": (0.22, -2.5),
    "unlike_forenames": (0.28, -2.1),
}
REGISTER_CALIBRATIONS: tuple[Calibration, ...] = (
    *(
        Calibration(
            name=name,
            reason="Pairs under this cap are of one family, home or name: fields agree as one.",
            slope=slope,
            offset=offset,
        )
        for name, (slope, offset) in OF_CAPS.items()
    ),
    Calibration(
        name="one_looked_after_child",
        reason="A link by this method has no forename; what one looked-after child explains.",
        slope=0.53,
        offset=1.3,
    ),
    Calibration(
        name="identifier_in_common",
        reason="A number may be mistyped, or a brother's or a sister's.",
        when=SHARED_IDENTIFIER,
        slope=0.43,
        offset=0.9,
    ),
    Calibration(
        name="address_in_common",
        reason="A family shares surname and address, and twins the date of birth.",
        when={"postcode": ["shares_postcode", "shares_postcode_and_surname"]},
        slope=0.34,
        offset=2.1,
    ),
    Calibration(
        name="address_in_passing",
        reason="A district or a children's home in common says little of a family.",
        when={"postcode": ["shares_area", "shares_district", "shares_crowded"]},
        slope=0.27,
        offset=3.5,
    ),
    Calibration(
        name="address_not_known",
        reason="Names and a date of birth, where nothing says whether the address differs.",
        when={"postcode": ["not_known"]},
        slope=0.13,
        offset=3.8,
    ),
    Calibration(
        name="no_address_in_common",
        reason="A name and a date of birth in another place: however rare the name, one in nine is"
        " a stranger's.",
        when={"postcode": ["differs", "one_character_off"]},
        slope=0.13,
        offset=1.4,
    ),
)
