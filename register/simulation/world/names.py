"""True names: pools by ethnicity and sex, drawn with the frequencies of real populations.

Misspellings and other forms of a name are `views.name_errors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from register.simulation.draws import Flags, Texts

# Which pools an ethnicity draws from: pool name and share.
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
    """Names of one group, most frequent first, with their cumulative frequency."""

    male: Texts
    female: Texts
    surnames: Texts


def _texts(names: Any) -> Texts:
    return np.array(list(dict.fromkeys(str(name) for name in names)), dtype=object)


def read_name_data() -> dict[str, Any]:
    """The project's own pools and spellings."""
    path = Path(__file__).parent / "name_pools.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@cache
def load_pool(name: str) -> NamePool:
    """A pool by its name: one of ours, or a locale of the name library."""
    data = read_name_data()
    if name in data:
        pool = data[name]
        return NamePool(_texts(pool["male"]), _texts(pool["female"]), _texts(pool["surnames"]))
    locale = "en_GB" if name == "british" else name
    provider = import_module(f"faker.providers.person.{locale}").Provider
    male, female = _texts(provider.first_names_male), _texts(provider.first_names_female)
    if name == "british":
        young = data["british_youth"]
        male = _texts([*young["male"], *male])
        female = _texts([*young["female"], *female])
    return NamePool(male, female, _texts(provider.last_names))


def _draw_from(generator: np.random.Generator, names: Texts, count: int, decline: float) -> Texts:
    weights = 1 / (np.arange(len(names)) + 4.0) ** decline
    drawn = np.searchsorted(np.cumsum(weights / weights.sum()), generator.random(count), "right")
    return np.asarray(names[np.minimum(drawn, len(names) - 1)], dtype=object)


def draw_names(
    generator: np.random.Generator, ethnicity: Texts, is_female: Flags
) -> tuple[Texts, Texts]:
    """Forenames and surnames that fit each person's ethnicity and sex."""
    forename = np.full(len(ethnicity), "", dtype=object)
    surname = np.full(len(ethnicity), "", dtype=object)
    for code, choices in POOLS_OF_ETHNICITY.items():
        members = np.flatnonzero(ethnicity == code)
        edges = np.cumsum([share for _, share in choices])
        chosen = np.searchsorted(edges, generator.random(len(members)) * edges[-1], "right")
        for number, (name, _) in enumerate(choices):
            pool = load_pool(name)
            here = members[chosen == number]
            for flag, names in ((True, pool.female), (False, pool.male)):
                part = here[is_female[here] == flag]
                forename[part] = _draw_from(generator, names, len(part), 0.6)
            surname[here] = _draw_from(generator, pool.surnames, len(here), 0.55)
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
