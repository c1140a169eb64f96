"""Caps of the register's model: maximum band per evidence pattern; above it, clerical review.

Fellegi and Sunter's sum assumes independent fields. Families, and refugees with a default date of
birth, violate that: in these patterns the sum overstates the evidence. By how much was measured on
development nations of both makers (`docs/explanation/linkage.md`). The texts are part of the pinned
model, so that an edit of one needs a new version of `model.json`.
"""

from __future__ import annotations

from functools import partial

from register.identity.score.model import Cap

SHARED_IDENTIFIER = {
    "identifier": [
        "shared_nhs_number",
        "shared_upn",
        "shared_home_office_reference",
        "shared_police_reference",
    ]
}
# Elsewhere: no address in common; a district in common is little more.
ELSEWHERE = ["differs", "not_known", "one_character_off", "shares_area"]
NOT_PLACED = [*ELSEWHERE, "shares_district"]
NOT_HOUSED = [*NOT_PLACED, "shares_crowded"]
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
LIKE = ["one_letter_off", "initial_or_part", "same_sound", "within_the_names", "similar"]
# Other names are collected from every record of a person, and a clerk may list a sibling's.
NOT_THE_SAME = ["another_forename", "nickname", *LIKE]

# No cap holds against an identifier in common.
_cap = partial(Cap, unless=SHARED_IDENTIFIER)

REGISTER_CAPS = (
    _cap(
        name="unlike_forenames",
        reason="Twins and siblings share surname, address and even date of birth.",
        when={"forename": ["differs"]},
        overstated_by=3.5,
    ),
    _cap(
        name="no_forename",
        reason="Without a forename a record may be any child of the family, a twin above all; a"
        " birthday shared with one resident of a home, or damaged alike, is more than that.",
        when={
            "forename": ["not_known"],
            "birth_date": SIBLINGS_DATE,
            "postcode": ["shares_postcode_and_surname", "shares_postcode", "shares_district"],
        },
        overstated_by=1.0,
    ),
    _cap(
        name="no_forename_elsewhere",
        reason="A surname and a date of birth alone are not a child.",
        when={"forename": ["not_known"], "postcode": ELSEWHERE},
    ),
    _cap(
        name="like_forenames_other_dates",
        reason="Brothers, sisters and cousins are given like names.",
        when={"forename": NOT_THE_SAME, "birth_date": ["differs", "two_parts_equal"]},
        overstated_by=3.0,
    ),
    _cap(
        name="like_forenames_by_age",
        reason="Brothers and sisters of about one age bear names that sound alike, and a list of"
        " other names may have a sibling's.",
        when={"forename": NOT_THE_SAME, "birth_date": ["age_agrees", "year_near", "not_known"]},
        overstated_by=2.5,
    ),
    _cap(
        name="similar_forenames_one_date",
        reason="Brothers who bear their father's name look alike, and of names that only look alike"
        " on one date three in ten are of twins.",
        when={"forename": ["similar"], "birth_date": ["same", "another_date"]},
        overstated_by=6.0,
    ),
    _cap(
        name="names_in_other_order_by_age",
        reason="A brother's or a sister's name, listed as another one, may be in any order too.",
        when={
            "forename": ["same_tokens"],
            "birth_date": ["age_agrees", "differs", "two_parts_equal", "not_known"],
        },
        overstated_by=5.0,
    ),
    _cap(
        name="part_of_the_names_in_one_family",
        reason="One's second name may be the other's first: of a family's records of one date, one"
        " in fifty is a twin's.",
        when={"forename": ["within_the_names"], "surname": ["not_weighed"]},
    ),
    _cap(
        name="part_of_the_names_elsewhere",
        reason="The same of two records of one surname without an address of their own in common.",
        when={
            "forename": ["same_tokens", "within_the_names"],
            "surname": ["same", "another_surname"],
            "postcode": ["differs", "shares_area", "shares_district", "shares_crowded"],
        },
    ),
    _cap(
        name="default_date_in_passing",
        reason="Refugees of one name and one default date of birth are placed in one district.",
        when={"birth_date": ["default_day"], "postcode": ["shares_district"]},
    ),
    _cap(
        name="no_date_in_passing",
        reason="A name that many share, with no date of birth, meets itself in one district or in"
        " one children's home.",
        when={"birth_date": ["not_known"], "postcode": NOT_HOUSED},
        overstated_by=1.5,
    ),
    _cap(
        name="other_date_elsewhere",
        reason="A name that many share meets itself by chance: without an address in common the"
        " date of birth has to be the same and a real one.",
        when={"birth_date": DATE_NOT_SURE, "postcode": ELSEWHERE},
        overstated_by=2.5,
    ),
    _cap(
        name="far_date_in_passing",
        reason="The same name with quite another date of birth: a district or a children's home in"
        " common is not enough.",
        when={
            "birth_date": ["default_against_day", "two_parts_equal", "differs"],
            "postcode": NOT_HOUSED,
        },
    ),
    _cap(
        name="other_date_at_home",
        reason="Quite another date of birth at the address of a family: a clerk may have taken"
        " the name from a brother's or a sister's record.",
        when={"birth_date": ["differs"]},
    ),
    _cap(
        name="near_year_in_passing",
        reason="The same name and day of another year: a district in common is not enough, a"
        " children's home is.",
        when={"birth_date": ["year_near"], "postcode": NOT_PLACED},
    ),
    _cap(
        name="nearly_swapped_in_passing",
        reason="Names that are forenames and surnames alike fit each other either way round.",
        when={
            "forename": ["nearly_swapped"],
            "birth_date": DATE_NOT_SURE,
            "postcode": NOT_PLACED,
        },
    ),
    _cap(
        name="other_surname_elsewhere",
        reason="Two children of one forename and date of birth: a changed surname needs an address"
        " in common.",
        when={"surname": ["differs"], "postcode": NOT_PLACED},
        overstated_by=4.0,
    ),
    _cap(
        name="other_surname_other_date",
        reason="With another surname the forename and the address are all there is.",
        when={"surname": ["differs"], "birth_date": DATE_NOT_SURE},
    ),
    _cap(
        name="other_sex_other_date",
        reason="A girl and a boy without one date of birth. One in ten of such pairs is a brother"
        " and a sister.",
        when={"sex": ["differs"], "birth_date": DATE_NOT_SURE},
    ),
    _cap(
        name="other_sex_names_in_other_order",
        reason="A girl and a boy who are twins and have the same names in another order: of such"
        " pairs one in three.",
        when={"sex": ["differs"], "forename": ["same_tokens"]},
    ),
    _cap(
        name="part_of_a_forename_default_date",
        reason="Refugees of one family name in one children's home. One in five of such pairs is"
        " two children.",
        when={
            "forename": ["initial_or_part", "not_known"],
            "birth_date": ["default_day"],
            "postcode": ["shares_crowded"],
        },
    ),
)
