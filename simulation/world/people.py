"""Persons: true names, households, siblings and twins, and the dates of birth in their papers.

Names come from pools by ethnicity and sex, drawn with the frequencies of real populations.
Misspellings and other forms of a name are in `sources.written_mentions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from register.yaml_file import read_yaml
from simulation.calendar import YEAR_DAYS
from simulation.draws import Flags, Integers, Texts, draw_flags, draw_keys, rank_within_groups
from simulation.geography import Geography
from simulation.plan import SimulationPlan

# For each ethnicity, the pools from which names are drawn, with the share of each pool.
POOLS_OF_ETHNICITY: dict[str, tuple[tuple[str, float], ...]] = {
    "WBRI": (("british", 1.0),),
    "WIRI": (("en_IE", 1.0),),
    "WIRT": (("en_IE", 0.7), ("british", 0.3)),
    "WROM": (("ro_RO", 1.0),),
    "WOTH": (("albanian", 0.35), ("ro_RO", 0.25), ("pt_PT", 0.2), ("tr_TR", 0.2)),
    "MWBC": (("british", 1.0),),
    "MWBA": (("british", 0.8), ("yo_NG", 0.2)),
    "MWAS": (("british", 0.6), ("en_IN", 0.4)),
    "MOTH": (("british", 0.7), ("arabic", 0.3)),
    "AIND": (("en_IN", 1.0),),
    "APKN": (("arabic", 0.7), ("persian", 0.3)),
    "ABAN": (("arabic", 1.0),),
    "AOTH": (("persian", 0.6), ("vi_VN", 0.4)),
    "BCRB": (("british", 1.0),),
    "BAFR": (("horn_of_africa", 0.5), ("arabic", 0.2), ("yo_NG", 0.15), ("tw_GH", 0.15)),
    "BOTH": (("british", 0.6), ("en_KE", 0.4)),
    "CHNE": (("vi_VN", 1.0),),
    "OOTH": (("arabic", 0.5), ("persian", 0.5)),
    "REFU": (("british", 1.0),),
    "NOBT": (("british", 0.6), ("arabic", 0.4)),
}


@dataclass(frozen=True)
class NamePool:
    """Names of one group, most frequent first."""

    male: Texts
    female: Texts
    surnames: Texts


def _list_unique_texts(names: Any) -> Texts:
    return np.array(list(dict.fromkeys(str(name) for name in names)), dtype=object)


def read_name_data() -> dict[str, Any]:
    """Return the project's own name pools and spellings."""
    path = Path(__file__).parent / "name_pools.yaml"
    name_data: dict[str, Any] = read_yaml(path)
    return name_data


@cache
def load_pool(name: str) -> NamePool:
    """Return a pool of names: one of the project's, or a locale of the name library."""
    data = read_name_data()
    if name in data:
        pool = data[name]
        return NamePool(
            _list_unique_texts(pool["male"]),
            _list_unique_texts(pool["female"]),
            _list_unique_texts(pool["surnames"]),
        )
    locale = "en_GB" if name == "british" else name
    provider = import_module(f"faker.providers.person.{locale}").Provider
    male, female = (
        _list_unique_texts(provider.first_names_male),
        _list_unique_texts(provider.first_names_female),
    )
    if name == "british":
        young = data["british_youth"]
        male = _list_unique_texts([*young["male"], *male])
        female = _list_unique_texts([*young["female"], *female])
    return NamePool(male, female, _list_unique_texts(provider.last_names))


def _draw_from(generator: np.random.Generator, names: Texts, count: int, decline: float) -> Texts:
    weights = 1 / (np.arange(len(names)) + 4.0) ** decline
    drawn = np.searchsorted(np.cumsum(weights / weights.sum()), generator.random(count), "right")
    return np.asarray(names[np.minimum(drawn, len(names) - 1)], dtype=object)


def draw_names(
    generator: np.random.Generator, ethnicity: Texts, is_female: Flags
) -> tuple[Texts, Texts]:
    """Return forenames and surnames that fit each person's ethnicity and sex."""
    forename = np.full(len(ethnicity), "", dtype=object)
    surname = np.full(len(ethnicity), "", dtype=object)
    for code, choices in POOLS_OF_ETHNICITY.items():
        members = np.flatnonzero(ethnicity == code)
        edges = np.cumsum([share for _, share in choices])
        chosen = np.searchsorted(edges, generator.random(len(members)) * edges[-1], "right")
        for number, (name, _) in enumerate(choices):
            pool = load_pool(name)
            group_members = members[chosen == number]
            for flag, names in ((True, pool.female), (False, pool.male)):
                part = group_members[is_female[group_members] == flag]
                forename[part] = _draw_from(generator, names, len(part), 0.6)
            surname[group_members] = _draw_from(generator, pool.surnames, len(group_members), 0.55)
    _add_second_names(generator, forename, surname, ethnicity, is_female)
    return forename, surname


def _add_second_names(
    generator: np.random.Generator,
    forename: Texts,
    surname: Texts,
    ethnicity: Texts,
    is_female: Flags,
) -> None:
    """Give some people a middle name or a double-barrelled surname."""
    pool = load_pool("british")
    british = np.isin(ethnicity.astype(str), ["WBRI", "WIRI", "MWBC", "MWBA", "BCRB"])
    middle = np.flatnonzero(british & (generator.random(len(forename)) < 0.25))
    for flag, names in ((True, pool.female), (False, pool.male)):
        part = middle[is_female[middle] == flag]
        forename[part] = forename[part] + " " + _draw_from(generator, names, len(part), 0.5)
    double = np.flatnonzero(british & (generator.random(len(forename)) < 0.07))
    other = _draw_from(generator, pool.surnames, len(double), 0.4)
    surname[double] = surname[double] + "-" + other


ETHNICITIES = {
    "WBRI": 0.66, "WIRI": 0.005, "WIRT": 0.006, "WROM": 0.008, "WOTH": 0.04, "MWBC": 0.035,
    "MWBA": 0.012, "MWAS": 0.015, "MOTH": 0.035, "AIND": 0.008, "APKN": 0.018, "ABAN": 0.012,
    "AOTH": 0.02, "BCRB": 0.025, "BAFR": 0.04, "BOTH": 0.02, "CHNE": 0.002, "OOTH": 0.02,
    "REFU": 0.004, "NOBT": 0.005,
}  # fmt: skip
UASC_ETHNICITIES = {"OOTH": 0.38, "AOTH": 0.22, "BAFR": 0.27, "WOTH": 0.08, "BOTH": 0.05}
STOCK_AGES = {0: 5, 2: 14, 7: 18, 12: 26, 14: 16, 16: 21}
ENTRY_AGES = {0: 18, 2: 17, 7: 16, 12: 15, 14: 12, 16: 22}
HOME_AGES = {10: 3, 12: 12, 13: 16, 14: 21, 15: 22, 16: 15, 17: 11}
AGE_WIDTHS = {0: 1, 2: 4, 7: 5, 12: 3, 14: 2, 16: 1.9, 10: 2, 13: 1, 15: 1, 17: 0.9}
AGE_FLOORS = {0: 0, 2: 1, 7: 5, 12: 10, 14: 14, 16: 16, 10: 10, 13: 13, 15: 15, 17: 17}


def draw_ages(generator: np.random.Generator, weights: Mapping[int, float], count: int) -> Integers:
    """Return ages in days, drawn from the shares of age bands."""
    texts = draw_keys(generator, {str(key): value for key, value in weights.items()}, count)
    bands = texts.astype(int)
    floors = np.array([AGE_FLOORS[band] for band in bands.tolist()] or [0], dtype=float)[:count]
    widths = np.array([AGE_WIDTHS[band] for band in bands.tolist()] or [0], dtype=float)[:count]
    return np.asarray((floors + widths * generator.random(count)) * YEAR_DAYS, dtype=np.int64)


def draw_home_ages(generator: np.random.Generator, count: int) -> Integers:
    """Return ages in days (10 to 17 years) of children who go missing from home."""
    ages = draw_ages(generator, HOME_AGES, count)
    return np.asarray(np.clip(ages, 10 * 365, int(17.9 * YEAR_DAYS)))


def make_persons(
    generator: np.random.Generator,
    plan: SimulationPlan,
    geography: Geography,
    everyone: pd.DataFrame,
) -> pd.DataFrame:
    """Return one person for each row of `everyone` (place, dob_day, is_uasc).

    Rows of the same place must follow each other.
    """
    count = len(everyone)
    place = everyone["place"].to_numpy(dtype=np.int64)
    dob_day = everyone["dob_day"].to_numpy(dtype=np.int64)
    is_uasc = everyone["is_uasc"].to_numpy(dtype=bool)
    ethnicity = draw_keys(generator, ETHNICITIES, count)
    ethnicity[is_uasc] = draw_keys(generator, UASC_ETHNICITIES, int(is_uasc.sum()))
    is_female = generator.random(count) < np.where(is_uasc, 0.04, 0.46)
    frame = pd.DataFrame({"place": place, "dob_day": dob_day, "is_uasc": is_uasc})
    frame["is_female"] = is_female
    frame["ethnicity"] = ethnicity
    frame["home_postcode"] = geography.draw_postcodes(generator, place)
    frame["previous_postcode"] = geography.draw_postcodes(generator, place)
    forename, surname = draw_names(generator, ethnicity, is_female)
    frame["forename"], frame["surname"] = forename, surname
    _make_families(generator, frame)
    _make_papers(generator, plan, frame)
    return frame


def _make_families(generator: np.random.Generator, frame: pd.DataFrame) -> None:
    """Put some persons into the household of the person before them, as a sibling or twin."""
    count = len(frame)
    place = frame["place"].to_numpy()
    alone = frame["is_uasc"].to_numpy()
    follows = draw_flags(generator, 0.22, count)
    if count:
        follows &= np.r_[False, place[1:] == place[:-1]] & ~alone & ~np.r_[False, alone[:-1]]
    household = np.cumsum(~follows) - 1
    leader = np.flatnonzero(~follows)[household] if count else household
    rank = rank_within_groups(household)
    is_twin = follows & (rank == 1) & draw_flags(generator, 0.08, count)
    for column in ("surname", "home_postcode", "previous_postcode", "ethnicity"):
        values = frame[column].to_numpy()
        frame[column] = np.where(follows, values[leader], values)
    dob = frame["dob_day"].to_numpy()
    apart = np.where(dob == dob[leader], dob + 300, dob)
    frame["dob_day"] = np.where(is_twin, dob[leader], np.where(follows, apart, dob))
    frame["forename"] = _differ_from_leader(frame["forename"].to_numpy(), leader, follows)
    frame["household"] = household
    has_twin = np.zeros(count, dtype=bool)
    has_twin[leader[is_twin]] = True
    frame["is_twin"] = is_twin | has_twin


def _differ_from_leader(forename: Texts, leader: Integers, follows: Flags) -> Texts:
    """Return forenames, replacing a first name that equals that of the household's first person."""
    first = np.array([name.split(" ", 1)[0] for name in forename.tolist()], dtype=object)
    same = follows & (first == first[leader])
    forenames = forename.copy()
    for index in np.flatnonzero(same):
        forenames[index] = "Robin" if first[index] != "Robin" else "Ashley"
    return forenames


def _make_papers(generator: np.random.Generator, plan: SimulationPlan, frame: pd.DataFrame) -> None:
    """Set each person's date of birth in the papers, a second one if disputed, and a new surname.

    `disputed_dob_day` is -1, and `changed_surname` is empty, for persons without one.
    """
    rates = plan.rates
    count = len(frame)
    dob = frame["dob_day"].to_numpy()
    uasc = frame["is_uasc"].to_numpy()
    default = uasc & draw_flags(generator, rates.default_birthday_uasc, count)
    first = dob.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(int)
    frame["paper_dob_day"] = np.where(default, first, dob)
    frame["has_default_birthday"] = default
    disputed = uasc & draw_flags(generator, rates.age_disputed, count)
    older = (generator.integers(1, 4, count) * YEAR_DAYS).astype(int)
    frame["disputed_dob_day"] = np.where(disputed, frame["paper_dob_day"] - older, -1)
    changed = draw_flags(generator, rates.changed_name, count)
    others = frame["surname"].to_numpy()
    shuffled = others[generator.permutation(count)] if count else others
    frame["changed_surname"] = np.where(changed & (shuffled != others), shuffled, "")
