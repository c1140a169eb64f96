"""Comparisons of two persons: levels of agreement on each field.

Each comparison is a list of levels in Splink's own form. A pair is on the first level whose
condition is true. The levels reflect the recording errors that are known in the feeds. `training`
learns m and u of each level. Cannot-link constraints are in `cluster`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from register.identity.clean import DEFAULT_DAYS

Level = dict[str, Any]
Comparison = dict[str, Any]

# The u of levels whose positive weight is set by hand, such as a shared identifier: too few pairs
# share an identifier for u to be learned.
IDENTIFIER_AGREES_U = 1e-6
# The minimum for term frequencies, since rare values are often misspellings (Splink's advice).
MIN_FREQUENCY = 1e-4

# SQL conditions on two persons (Splink's `_l` and `_r` columns) that several levels share. For
# swapped names, PARTS_MATCH must hold in both directions: a forename of each person matches a
# surname of the other.
PARTS_MATCH = (
    "(list_has_any({0}, {1}) or jaro_winkler_similarity({2}, {3}) >= 0.85"
    " or ({4} = {5} and len({4}) > 1))"
)
EXACTLY_SWAPPED = "forename_l = surname_r and surname_l = forename_r"
SWAPPED = (
    "forename_l != forename_r and jaro_winkler_similarity(forename_l, forename_r) < 0.85 and "
    + PARTS_MATCH.format(
        "forenames_l", "surname_parts_r", "forename_whole_l", "surname_r",
        "forename_sound_l", "surname_sound_r",
    )
    + " and "
    + PARTS_MATCH.format(
        "surname_parts_l", "forenames_r", "surname_l", "forename_whole_r",
        "surname_sound_l", "forename_sound_r",
    )
)  # fmt: skip
# `IN_OTHER_ORDER`: the two names have the same tokens in another order. `WITHIN`: all tokens of one
# name are among those of the other. `clean.name_tokens` makes the tokens.
IN_OTHER_ORDER = (
    "list_has_any(name_sets_l, name_sets_r) and forename_sound_l != forename_sound_r"
    " and jaro_winkler_similarity(forename_l, forename_r) < 0.85"
)
WITHIN = "(list_has_any(name_sets_l, name_subsets_r) or list_has_any(name_sets_r, name_subsets_l))"
# Levels of forenames that compare all names of both persons, surnames too.
WHOLE_NAMES = ("same_tokens", "within_the_names")
# Surname and address are correlated within a family. So agreement on both is one level of the
# postcode comparison, and the surname comparison then adds no weight.
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
HAS_DEFAULT = f"(birth_date_l[5:8] in {DEFAULT_DAYS} or birth_date_r[5:8] in {DEFAULT_DAYS})"
DEFAULT_AGAINST_DAY = f"{HAS_DEFAULT} and abs(birth_year_least_l - birth_year_least_r) <= 1"
# An age that is disputed is often changed by some years, and its date of birth to a default.
AGE_DISPUTED = f"{HAS_DEFAULT} and abs(birth_year_least_l - birth_year_least_r) <= 4"
OTHER_CALENDAR = (
    "list_has_any(birth_dates_l, birth_dates_converted_r)"
    " or list_has_any(birth_dates_converted_l, birth_dates_r)"
)
TWO_PARTS = (
    "cast(birth_date_l[1:4] = birth_date_r[1:4] as integer)"
    " + cast(birth_date_l[5:6] = birth_date_r[5:6] as integer)"
    " + cast(birth_date_l[7:8] = birth_date_r[7:8] as integer) >= 2"
)
YEARS_OVERLAP = (
    "birth_year_least_l <= birth_year_most_r and birth_year_least_r <= birth_year_most_l"
)


@dataclass(frozen=True)
class ComparisonPlan:
    """The choice of comparisons for a model: those of the register and any further text columns."""

    has_sex: bool = True
    has_identifiers: bool = True
    others: tuple[str, ...] = ()


def build_comparisons(plan: ComparisonPlan) -> list[Comparison]:
    """Return the comparisons of a model as Splink settings, without m and u."""
    return [
        compare_forenames(),
        compare_surnames(),
        compare_birth_dates(),
        compare_postcodes(),
        *([compare_sexes()] if plan.has_sex else []),
        *([compare_identifiers()] if plan.has_identifiers else []),
        *(compare_other_texts(name) for name in plan.others),
    ]


def compare_forenames() -> Comparison:
    """Compare forenames: equal, an alias, a short form, swapped with the surname, or misspelt."""
    return _make_comparison(
        "forename",
        _make_null_level("forename_l is null or forename_r is null"),
        _make_exact_level("forename"),
        *_make_levels(_list_forename_levels() | {"differs": "ELSE"}),
    )  # fmt: skip


def compare_surnames() -> Comparison:
    """Compare surnames: equal, an alias or former one, half of a double-barrelled one, misspelt.

    The surname adds no weight in three cases. Swapped names, and names that are compared as a
    whole, are weighed with the forename. A surname that is shared together with a postcode is
    weighed with the postcode. A surname that is only among the other names says nothing more:
    random pairs rarely share all names, so an estimated weight would count the forename again.
    """
    return _make_comparison(
        "surname",
        _make_null_level(
            f"surname_l is null or surname_r is null or ({SWAPPED}) or ({FAMILY})"
            f" or ({EXACTLY_SWAPPED} and forename_l != forename_r) or ({_whole_names_sql()})",
            "not_weighed",
        ),
        _make_exact_level("surname"),
        *_make_levels({
            "another_surname": "list_has_any(surnames_l, surnames_r)",
            "half_of_double_barrelled": "list_has_any(surname_parts_l, surname_parts_r)",
            "one_letter_off": _one_letter_off_sql("surname", "surname"),
            "same_sound": "surname_sound_l = surname_sound_r and len(surname_sound_l) > 1",
        }),
        _make_null_level(WITHIN, "not_weighed"),
        *_make_levels({"similar": _similar_sql("surname", 0.82), "differs": "ELSE"}),
    )  # fmt: skip


def compare_birth_dates() -> Comparison:
    """Compare dates of birth: equal, day and month swapped, mistyped, a default, or only ages."""
    has_ages = "(birth_date_l is null or birth_date_r is null)"
    return _make_comparison(
        "birth_date",
        _make_null_level(
            f"{has_ages} and (birth_year_least_l is null or birth_year_least_r is null)"
        ),
        *_make_levels({
            "default_day": f"birth_date_l = birth_date_r and birth_date_l[5:8] in {DEFAULT_DAYS}"
        }),
        _make_exact_level("birth_date"),
        *_make_levels({
            "another_date": "list_has_any(birth_dates_l, birth_dates_r)",
            "day_month_swapped": DAY_MONTH_SWAPPED,
            "year_near": YEAR_NEAR,
            "one_digit_off": "damerau_levenshtein(birth_date_l, birth_date_r) <= 1",
            "another_calendar": OTHER_CALENDAR,
            "default_against_day": DEFAULT_AGAINST_DAY,
            "two_parts_equal": TWO_PARTS,
            "age_disputed": AGE_DISPUTED,
            "age_agrees": f"{has_ages} and {YEARS_OVERLAP}",
            "differs": "ELSE",
        }),
    )  # fmt: skip


def compare_postcodes() -> Comparison:
    """Compare all postcodes of one person with all of the other; a crowded postcode weighs less.

    A postcode's area is its first letters. It covers about a city or a county.
    """
    return _make_comparison(
        "postcode",
        _make_null_level("not coalesce(len(districts_l) > 0 and len(districts_r) > 0, false)"),
        *_make_levels({
            "shares_postcode_and_surname": FAMILY,
            "shares_postcode": "list_has_any(postcodes_private_l, postcodes_private_r)",
            "shares_crowded": "list_has_any(postcodes_crowded_l, postcodes_crowded_r)",
            "one_character_off": "damerau_levenshtein(postcode_l, postcode_r) <= 1",
            "shares_district": "list_has_any(districts_l, districts_r)",
            "shares_area": "list_has_any(areas_l, areas_r)",
            "differs": "ELSE",
        }),
    )  # fmt: skip


def compare_sexes() -> Comparison:
    """Compare the recorded sex: equal or different."""
    return _make_comparison(
        "sex",
        _make_null_level("sex_l is null or sex_r is null"),
        *_make_levels({"same": "sex_l = sex_r", "differs": "ELSE"}),
    )


def compare_identifiers() -> Comparison:
    """Compare strong identifiers; two different identifiers of one kind count against the pair.

    Different police references do not count, since a child has many.
    """
    kinds = ("nhs", "upn", "home_office", "police")
    shared = {kind: f"list_has_any(identifiers_{kind}_l, identifiers_{kind}_r)" for kind in kinds}
    none_in_common = " and ".join(
        f"not coalesce((len(identifiers_{kind}_l) > 0 and len(identifiers_{kind}_r) > 0), false)"
        for kind in kinds[:3]
    )
    return _make_comparison(
        "identifier",
        _make_null_level(f"{none_in_common} and not coalesce({shared['police']}, false)"),
        _make_fixed_level("shared_nhs_number", shared["nhs"], 14),
        _make_fixed_level("shared_upn", shared["upn"], 13),
        _make_fixed_level("shared_home_office_reference", shared["home_office"], 13),
        _make_fixed_level("shared_police_reference", shared["police"], 10),
        _make_fixed_level("identifiers_differ", "ELSE", -7),
    )


def compare_other_texts(name: str) -> Comparison:
    """Compare a further text of a person table, such as a street: equal, similar or different."""
    column = f"other_{name}"
    return _make_comparison(
        column,
        _make_null_level(f"{column}_l is null or {column}_r is null"),
        _make_exact_level(column),
        *_make_levels({
            "one_letter_off": f"damerau_levenshtein({column}_l, {column}_r) <= 1",
            "similar": _similar_sql(column, 0.85),
            "differs": "ELSE",
        }),
    )  # fmt: skip


def list_frequency_columns(comparisons: Iterable[Comparison]) -> list[str]:
    """Return the columns that have a term-frequency adjustment."""
    return sorted(
        {
            level["tf_adjustment_column"]
            for comparison in comparisons
            for level in comparison["comparison_levels"]
            if level.get("tf_adjustment_column")
        }
    )


def _make_comparison(name: str, *levels: Level) -> Comparison:
    return {"output_column_name": name, "comparison_levels": list(levels)}


def _make_levels(conditions: dict[str, str]) -> list[Level]:
    """Return labelled levels in the order in which their conditions are tried."""
    return [
        {"sql_condition": condition, "label_for_charts": label}
        for label, condition in conditions.items()
    ]


def _make_null_level(condition: str, label: str = "not_known") -> Level:
    return {"sql_condition": condition, "label_for_charts": label, "is_null_level": True}


def _make_exact_level(column: str) -> Level:
    return {
        "sql_condition": f'"{column}_l" = "{column}_r"',
        "label_for_charts": "same",
        "tf_adjustment_column": column,
        "tf_adjustment_weight": 1.0,
        "tf_minimum_u_value": MIN_FREQUENCY,
    }


def _make_fixed_level(label: str, condition: str, bits: float) -> Level:
    """Return a level whose match weight is always `bits`, whatever the data."""
    u = IDENTIFIER_AGREES_U if bits > 0 else 0.5
    return {
        "sql_condition": condition,
        "label_for_charts": label,
        "m_probability": u * 2.0**bits,
        "u_probability": u,
        "fix_m_probability": True,
        "fix_u_probability": True,
    }


def _list_forename_levels() -> dict[str, str]:
    """Return the levels between equal and different forenames, in order; the first counts."""
    return {
        "swapped_with_surname": f"{EXACTLY_SWAPPED} and forename_l != forename_r",
        "nearly_swapped": SWAPPED,
        "another_forename": "list_has_any(forenames_l, forenames_r)",
        "same_tokens": IN_OTHER_ORDER,
        "nickname": "list_has_any(forename_roots_l, forename_roots_r)",
        "one_letter_off": _one_letter_off_sql("forename", "forename_whole"),
        "initial_or_part": "starts_with(forename_whole_l, forename_whole_r)"
        " or starts_with(forename_whole_r, forename_whole_l)",
        "same_sound": "forename_sound_l = forename_sound_r and len(forename_sound_l) > 1",
        "within_the_names": WITHIN,
        "similar": _similar_sql("forename_whole", 0.82),
    }


def _whole_names_sql() -> str:
    """Return the SQL condition that the forename comparison judges the names as a whole."""
    levels = " ".join(
        f"when {condition} then {str(name in WHOLE_NAMES).lower()}"
        for name, condition in _list_forename_levels().items()
    )
    return f"case when forename_l = forename_r then false {levels} else false end"


def _one_letter_off_sql(name: str, joined_name: str) -> str:
    """Return the SQL condition that two names are almost equal.

    Names of at least four letters may differ in one letter, or have two letters exchanged. Names
    that begin alike may differ a little more (Jaro-Winkler similarity).
    """
    return (
        f"(least(len({name}_l), len({name}_r)) >= 4"
        f" and damerau_levenshtein({name}_l, {name}_r) <= 1)"
        f" or jaro_winkler_similarity({joined_name}_l, {joined_name}_r) >= 0.94"
    )


def _similar_sql(column: str, threshold: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {threshold}"
