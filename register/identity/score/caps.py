"""Caps of the register's model: maximum band per evidence pattern; above it, clerical review.

Fellegi and Sunter's sum assumes independent fields. Families, and refugees with a default date of
birth, violate that: in these patterns the sum overstates the evidence. The texts are part of the
pinned model, so that an edit of one needs a new version of `model.json`.
"""

from __future__ import annotations

from register.identity.score.model import Cap

SHARED_IDENTIFIER = {
    "identifier": [
        "shared_nhs_number",
        "shared_upn",
        "shared_home_office_reference",
        "shared_police_reference",
    ]
}
NOT_PLACED = ["differs", "not_known", "one_character_off"]
NOT_HOUSED = [*NOT_PLACED, "shares_district", "shares_crowded"]
DATE_NOT_SURE = [
    "default_day",
    "default_against_day",
    "day_month_swapped",
    "year_near",
    "one_digit_off",
    "two_parts_equal",
    "age_agrees",
    "differs",
    "not_known",
]
SIBLINGS_DATE = [
    "same",
    "another_date",
    "year_near",
    "one_digit_off",
    "two_parts_equal",
    "age_agrees",
    "differs",
    "not_known",
]
NOT_THE_SAME = [
    "another_forename",
    "nickname",
    "one_letter_off",
    "initial_or_part",
    "same_sound",
    "similar",
]

REGISTER_CAPS = (
    Cap(
        name="unlike_forenames",
        reason="Twins and siblings share surname, address and even date of birth.",
        when={"forename": ["differs"]},
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="no_forename",
        reason="Without a forename a record may be any child of the family, a twin above all; a"
        " birthday shared with one resident of a home, or damaged alike, is more than that.",
        when={
            "forename": ["not_known"],
            "birth_date": SIBLINGS_DATE,
            "postcode": ["shares_postcode_and_surname", "shares_postcode", "shares_district"],
        },
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="no_forename_elsewhere",
        reason="A surname and a date of birth alone are not a child.",
        when={"forename": ["not_known"], "postcode": NOT_PLACED},
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="like_forenames_other_dates",
        reason="Brothers, sisters and cousins are given like names.",
        when={"forename": NOT_THE_SAME, "birth_date": ["differs", "two_parts_equal"]},
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="like_forenames_by_age",
        reason="Brothers and sisters of about one age bear names that sound alike.",
        when={
            "forename": ["one_letter_off", "initial_or_part", "same_sound", "similar"],
            "birth_date": ["age_agrees", "year_near", "not_known"],
        },
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="default_date_in_passing",
        reason="Refugees of one name and one default date of birth are placed in one district.",
        when={"birth_date": ["default_day"], "postcode": ["shares_district"]},
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="other_date_elsewhere",
        reason="A name that many share meets itself by chance: without an address in common the"
        " date of birth has to be the same and a real one.",
        when={
            "birth_date": DATE_NOT_SURE,
            "postcode": NOT_PLACED,
        },
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="far_date_in_passing",
        reason="The same name with quite another date of birth: a district or a children's home in"
        " common is not enough.",
        when={
            "birth_date": ["default_against_day", "two_parts_equal", "differs"],
            "postcode": NOT_HOUSED,
        },
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="near_year_in_passing",
        reason="The same name and day of another year: a district in common is not enough, a"
        " children's home is.",
        when={"birth_date": ["year_near"], "postcode": [*NOT_PLACED, "shares_district"]},
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="nearly_swapped_in_passing",
        reason="Names that are forenames and surnames alike fit each other either way round.",
        when={
            "forename": ["nearly_swapped"],
            "birth_date": DATE_NOT_SURE,
            "postcode": NOT_HOUSED,
        },
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="other_surname_elsewhere",
        reason="Two children of one forename and date of birth: a changed surname needs an address"
        " in common.",
        when={"surname": ["differs"], "postcode": [*NOT_PLACED, "shares_district"]},
        unless=SHARED_IDENTIFIER,
    ),
    Cap(
        name="other_surname_other_date",
        reason="With another surname the forename and the address are all there is.",
        when={"surname": ["differs"], "birth_date": DATE_NOT_SURE},
        unless=SHARED_IDENTIFIER,
    ),
)
