"""The parameters of a validation nation: ranges, and the values that one seed draws in them.

Shares and rates are between 0 and 1. A nation has its own values, and each of its authorities and
police forces has its own habits. `clerks` and `details` apply the habits to records.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from random import Random

Range = tuple[float, float]

# Lowest and highest share of children of each naming origin. Each seed draws a share within each
# range; the shares are then scaled to sum to 1.
ORIGIN_SHARES: dict[str, Range] = {
    "english": (0.56, 0.68), "irish": (0.012, 0.03), "welsh_scottish": (0.02, 0.04),
    "polish": (0.012, 0.03), "romanian": (0.012, 0.03), "lithuanian": (0.003, 0.01),
    "roma": (0.004, 0.012), "pakistani": (0.05, 0.09), "indian": (0.012, 0.03),
    "west_african": (0.025, 0.05), "caribbean": (0.02, 0.04), "somali": (0.01, 0.025),
    "eritrean": (0.003, 0.008), "sudanese": (0.002, 0.006), "arab": (0.008, 0.02),
    "kurdish": (0.004, 0.01), "iranian": (0.003, 0.008), "afghan": (0.005, 0.012),
    "vietnamese": (0.002, 0.006), "chinese": (0.002, 0.006), "albanian": (0.005, 0.012),
    "iberian": (0.008, 0.02),
}  # fmt: skip
UNACCOMPANIED_SHARES: dict[str, Range] = {
    "afghan": (0.18, 0.34), "eritrean": (0.1, 0.22), "sudanese": (0.1, 0.22),
    "kurdish": (0.1, 0.2), "iranian": (0.06, 0.14), "vietnamese": (0.04, 0.12),
    "albanian": (0.03, 0.12), "arab": (0.03, 0.1), "somali": (0.02, 0.06),
}  # fmt: skip
# Results are reported by group; this maps each naming origin to its group.
GROUPS = {
    "english": "english", "irish": "irish_scottish_welsh", "welsh_scottish": "irish_scottish_welsh",
    "polish": "eastern_european", "romanian": "eastern_european",
    "lithuanian": "eastern_european", "roma": "eastern_european",
    "pakistani": "pakistani_bangladeshi", "indian": "indian", "west_african": "west_african",
    "caribbean": "caribbean", "somali": "arab_horn_afghan", "eritrean": "arab_horn_afghan",
    "sudanese": "arab_horn_afghan", "arab": "arab_horn_afghan", "kurdish": "arab_horn_afghan",
    "iranian": "arab_horn_afghan", "afghan": "arab_horn_afghan",
    "vietnamese": "vietnamese_chinese", "chinese": "vietnamese_chinese", "albanian": "albanian",
    "iberian": "iberian_latin",
}  # fmt: skip


@dataclass(frozen=True)
class NationRanges:
    """The range of each figure of a nation; each seed draws a value uniformly within it."""

    looked_after: Range = (0.4, 0.52)
    unaccompanied: Range = (0.025, 0.045)
    twin_maternities: Range = (0.015, 0.018)
    only_child: Range = (0.5, 0.62)
    half_sibling: Range = (0.12, 0.25)
    mixed_origin: Range = (0.04, 0.09)
    shared_household: Range = (0.02, 0.05)
    cousins_in_street: Range = (0.01, 0.03)
    like_twin_names: Range = (0.25, 0.5)
    adopted: Range = (0.01, 0.02)
    placed_with_parents: Range = (0.055, 0.075)
    out_of_area: Range = (0.3, 0.45)
    former_care: Range = (0.15, 0.3)
    two_authorities: Range = (0.04, 0.1)
    moved_home: Range = (0.2, 0.4)
    looked_after_known_to_police: Range = (0.62, 0.8)
    second_nominal: Range = (0.28, 0.42)
    other_force: Range = (0.3, 0.5)
    default_birthday: Range = (0.4, 0.65)
    disputed_age: Range = (0.25, 0.45)
    changed_surname: Range = (0.02, 0.05)
    careless: Range = (0.8, 1.4)
    # For each kind of deceptive case, the share of all children for whom one is planted.
    planted_strangers: Range = (0.003, 0.005)
    planted_district_namesakes: Range = (0.0008, 0.0016)
    planted_sibling_aliases: Range = (0.001, 0.002)
    planted_home_namesakes: Range = (0.0008, 0.0016)
    planted_parent_twins: Range = (0.001, 0.002)


@dataclass(frozen=True)
class HabitRanges:
    """Lowest and highest rate of each habit; most values drawn for an issuer are low.

    The rates after `police_reference` are for names from other scripts, or with another order of
    parts.
    """

    middle_kept: Range = (0.1, 0.95)
    middle_first: Range = (0.0, 0.03)
    initials: Range = (0.0, 0.03)
    nickname: Range = (0.01, 0.12)
    alias_listed: Range = (0.05, 0.35)
    alias_of_other: Range = (0.0, 0.02)
    former_surname: Range = (0.1, 0.6)
    half_surname: Range = (0.05, 0.4)
    surname_first: Range = (0.002, 0.03)
    letter_error: Range = (0.01, 0.06)
    heard_spelling: Range = (0.01, 0.07)
    respelt: Range = (0.08, 0.4)
    no_forename: Range = (0.0, 0.012)
    no_surname: Range = (0.0, 0.006)
    other_name: Range = (0.002, 0.015)
    sibling_forename: Range = (0.0, 0.006)
    sibling_date: Range = (0.0, 0.006)
    day_month_swapped: Range = (0.0, 0.02)
    digit_wrong: Range = (0.004, 0.025)
    year_wrong: Range = (0.003, 0.02)
    default_day: Range = (0.0, 0.01)
    age_only: Range = (0.0, 0.08)
    no_date: Range = (0.0, 0.04)
    second_date: Range = (0.0, 0.03)
    no_sex: Range = (0.0, 0.08)
    wrong_sex: Range = (0.0, 0.01)
    no_postcode: Range = (0.02, 0.15)
    postcode_found: Range = (0.01, 0.08)
    outward_only: Range = (0.0, 0.08)
    old_postcode: Range = (0.03, 0.2)
    postcode_error: Range = (0.005, 0.04)
    number_mistyped: Range = (0.002, 0.02)
    number_of_sibling: Range = (0.0, 0.006)
    nhs_number: Range = (0.5, 0.95)
    upn: Range = (0.4, 0.95)
    home_office: Range = (0.4, 0.9)
    police_reference: Range = (0.0, 0.15)
    transliterated_anew: Range = (0.35, 0.9)
    patronymic_dropped: Range = (0.2, 0.7)
    father_as_surname: Range = (0.2, 0.6)
    given_name_only: Range = (0.02, 0.15)
    order_unsure: Range = (0.05, 0.3)


NATION_RANGES = NationRanges()
HABIT_RANGES = HabitRanges()
# An authority writes a case record with more care than the police note a telephone call. So the
# authorities' rates of slips are the police's rates times this factor.
AUTHORITY_CARE = 0.45
SLIPS = (
    "initials", "nickname", "alias_of_other", "surname_first", "letter_error", "heard_spelling",
    "no_forename", "no_surname", "other_name", "sibling_forename", "sibling_date",
    "day_month_swapped", "digit_wrong", "year_wrong", "default_day", "age_only", "no_date",
    "no_sex", "wrong_sex", "no_postcode", "postcode_found", "outward_only", "postcode_error",
    "given_name_only", "order_unsure",
)  # fmt: skip
NAME_LENGTHS = (None, None, None, None, 12, 15, 20)
MARKS = ("keep", "keep", "space", "drop")
PARTICLES = ("keep", "keep", "joined", "dropped")


@dataclass(frozen=True)
class Habits:
    """The habits of one authority or force: rates, and the handling of long names and marks."""

    issuer_code: str
    rates: dict[str, float]
    name_length: int | None
    marks: str
    particles: str


@dataclass(frozen=True)
class Parameters:
    """The values that one seed drew for its nation. `as_of` is the date of the records.

    `rates` has a value for each range of the nation. The shares in `origins` sum to 1, and so do
    the shares in `unaccompanied`.
    """

    seed: int
    as_of: date
    authority_count: int
    force_count: int
    rates: dict[str, float]
    origins: dict[str, float]
    unaccompanied: dict[str, float]


def draw_parameters(seed: int, children: int) -> Parameters:
    """Return the parameters that `seed` draws for a nation with this many children."""
    random = Random(f"{seed}:parameters")
    rates = {
        field.name: random.uniform(*getattr(NATION_RANGES, field.name))
        for field in fields(NationRanges)
    }
    return Parameters(
        seed=seed,
        as_of=date(2026, 3, 31),
        authority_count=max(4, min(152, children // 60)),
        force_count=max(2, min(43, children // 220)),
        rates=rates,
        origins=_draw_shares(random, ORIGIN_SHARES),
        unaccompanied=_draw_shares(random, UNACCOMPANIED_SHARES),
    )


def draw_habits(random: Random, issuer_code: str, source: str, careless: float) -> Habits:
    """Draw the habits of one authority or force; most rates are low."""
    rates = {}
    for field in fields(HabitRanges):
        least, most = getattr(HABIT_RANGES, field.name)
        rate = least + (most - least) * random.betavariate(1.3, 1.8)
        if field.name in SLIPS:
            rate *= careless * (AUTHORITY_CARE if source == "authority" else 1.0)
        rates[field.name] = min(rate, 1.0)
    return Habits(
        issuer_code,
        rates,
        random.choice(NAME_LENGTHS),
        random.choice(MARKS),
        random.choice(PARTICLES),
    )


def _draw_shares(random: Random, ranges: dict[str, Range]) -> dict[str, float]:
    drawn = {name: random.uniform(*bounds) for name, bounds in ranges.items()}
    total = sum(drawn.values())
    return {name: share / total for name, share in drawn.items()}
