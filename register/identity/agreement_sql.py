"""Conditions of two persons, as SQL over Splink's `_l` and `_r` columns, that several levels need.

What a condition is worth is learned in `training`; the ladder of levels is in `comparisons`.
"""

from __future__ import annotations

# One part of a swapped name against the other's other part; both parts have to be met.
_MET = (
    "(list_has_any({0}, {1}) or jaro_winkler_similarity({2}, {3}) >= 0.85"
    " or ({4} = {5} and len({4}) > 1))"
)
EXACTLY_SWAPPED = "forename_l = surname_r and surname_l = forename_r"
SWAPPED = (
    "forename_l != forename_r and jaro_winkler_similarity(forename_l, forename_r) < 0.85 and "
    + _MET.format(
        "forenames_l", "surname_parts_r", "forename_whole_l", "surname_r",
        "forename_sound_l", "surname_sound_r",
    )
    + " and "
    + _MET.format(
        "surname_parts_l", "forenames_r", "surname_l", "forename_whole_r",
        "surname_sound_l", "forename_sound_r",
    )
)  # fmt: skip
# A family shares surname and address, so that one says little once the other is known: the two
# are weighed together, with the postcode, and the surname says nothing more.
FAMILY = (
    "(list_has_any(surnames_l, surnames_r) or list_has_any(surname_parts_l, surname_parts_r)"
    " or jaro_winkler_similarity(surname_l, surname_r) >= 0.9)"
    " and list_has_any(postcodes_private_l, postcodes_private_r)"
)
DAY_MONTH_SWAPPED = (
    "birth_date_l[1:4] = birth_date_r[1:4] and birth_date_l[5:6] = birth_date_r[7:8]"
    " and birth_date_l[7:8] = birth_date_r[5:6]"
)
YEAR_NEAR = (
    "birth_date_l[5:8] = birth_date_r[5:8] and abs(birth_year_least_l - birth_year_least_r) = 1"
)
DEFAULT_DAYS = "('0101', '0701')"
DEFAULT_AGAINST_DAY = (
    f"(birth_date_l[5:8] in {DEFAULT_DAYS} or birth_date_r[5:8] in {DEFAULT_DAYS})"
    " and abs(birth_year_least_l - birth_year_least_r) <= 1"
)
TWO_PARTS = (
    "cast(birth_date_l[1:4] = birth_date_r[1:4] as integer)"
    " + cast(birth_date_l[5:6] = birth_date_r[5:6] as integer)"
    " + cast(birth_date_l[7:8] = birth_date_r[7:8] as integer) >= 2"
)
YEARS_MEET = "birth_year_least_l <= birth_year_most_r and birth_year_least_r <= birth_year_most_l"
