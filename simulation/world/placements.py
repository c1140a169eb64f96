"""The placements of looked-after children, with real postcodes, and the children's legal status."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation.calendar import YEAR_DAYS
from simulation.draws import (
    Flags,
    Integers,
    Texts,
    draw_flags,
    draw_keys,
    random_stream,
    rank_within_groups,
)
from simulation.geography import Geography
from simulation.plan import SimulationPlan

TYPES_BY_AGE: dict[int, dict[str, float]] = {
    0: {"U1": 0.16, "U2": 0.02, "U3": 0.05, "U4": 0.27, "U5": 0.04, "U6": 0.32, "P1": 0.07,
        "A5": 0.04, "K2": 0.02, "R1": 0.01},
    10: {"U1": 0.11, "U2": 0.02, "U3": 0.03, "U4": 0.24, "U5": 0.03, "U6": 0.28, "P1": 0.06,
         "K2": 0.19, "S1": 0.01, "R1": 0.01, "K1": 0.01, "T0": 0.01},
    16: {"U1": 0.05, "U4": 0.15, "U6": 0.19, "K2": 0.13, "H5": 0.31, "P2": 0.10, "P1": 0.04,
         "R5": 0.01, "K1": 0.01, "Z1": 0.01},
}  # fmt: skip
PROVIDERS = {"foster": {"PR1": 0.55, "PR4": 0.42, "PR2": 0.03},
             "site": {"PR1": 0.2, "PR4": 0.74, "PR5": 0.06}}  # fmt: skip
SITES = {"K2": (12, 3500), "H5": (18, 2500), "K1": (1, 10**9), "R1": (2, 20000), "R5": (1, 10**9),
         "S1": (2, 20000)}  # fmt: skip
OUT_OF_AREA = {"foster": 0.38, "site": 0.50, "P1": 0.12, "P2": 0.30}


def make_placements(
    plan: SimulationPlan, geography: Geography, persons: pd.DataFrame, periods: pd.DataFrame
) -> pd.DataFrame:
    """Divide each period of care into placements.

    Columns: period, person, place, start_day, end_day, type, provider, postcode, host_place,
    is_out, miles, urn.
    """
    generator = random_stream(plan.seed, "placements")
    frame = _cut_periods(generator, periods)
    dob = persons["dob_day"].to_numpy()[frame["person"]]
    age = (frame["start_day"].to_numpy() - dob) / YEAR_DAYS
    kinds = np.full(len(frame), "", dtype=object)
    for floor, weights in TYPES_BY_AGE.items():
        members = np.flatnonzero((age >= floor) & ((age < 16) | (floor == 16)))
        kinds[members] = draw_keys(generator, weights, len(members))
    frame["type"] = kinds
    is_site = np.isin(kinds.astype(str), list(SITES))
    provider = np.where(
        is_site,
        draw_keys(generator, PROVIDERS["site"], len(frame)),
        draw_keys(generator, PROVIDERS["foster"], len(frame)),
    )
    frame["provider"] = np.where(np.isin(kinds.astype(str), ["P1", "P2"]), "PR0", provider)
    _place_somewhere(generator, geography, persons, frame, is_site)
    return frame


def _cut_periods(generator: np.random.Generator, periods: pd.DataFrame) -> pd.DataFrame:
    length = (periods["end_day"] - periods["start_day"]).to_numpy()
    pieces = 1 + np.minimum(generator.poisson(0.55 * length / YEAR_DAYS), length // 25)
    owner = np.repeat(np.arange(len(periods)), np.minimum(pieces, 14))
    frame = periods.iloc[owner][["person", "place", "start_day", "end_day"]].reset_index(drop=True)
    first = rank_within_groups(owner) == 0
    at = np.where(first, 0.0, generator.random(len(owner)))
    cut = frame["start_day"].to_numpy() + (at * length[owner]).astype(int)
    order = np.lexsort((cut, owner))
    cut, owner = cut[order], owner[order]
    keep = np.r_[True, (owner[1:] != owner[:-1]) | (cut[1:] >= cut[:-1] + 7)]
    keep |= rank_within_groups(owner) == 0
    frame = frame[keep].reset_index(drop=True)
    cut, owner = cut[keep], owner[keep]
    frame["period"] = owner
    frame["start_day"] = cut
    last = np.r_[owner[1:] != owner[:-1], True]
    frame["end_day"] = np.where(last, frame["end_day"], np.r_[cut[1:], 0])
    return frame


def _place_somewhere(
    generator: np.random.Generator,
    geography: Geography,
    persons: pd.DataFrame,
    frame: pd.DataFrame,
    is_site: Flags,
) -> None:
    """Set the host area, a postcode in it and the distance from home; a site has one postcode."""
    count = len(frame)
    kinds = frame["type"].to_numpy()
    chance = np.where(is_site, OUT_OF_AREA["site"], OUT_OF_AREA["foster"])
    for kind in ("P1", "P2"):
        chance[kinds == kind] = OUT_OF_AREA[kind]
    place = frame["place"].to_numpy()
    is_out = (generator.random(count) < chance) & (len(geography.places) > 1)
    edges = np.cumsum(geography.nearness, axis=1)
    drawn = generator.random(count)
    host = place.copy()
    for origin in np.unique(place):
        members = np.flatnonzero(is_out & (place == origin))
        destinations = np.searchsorted(edges[origin], drawn[members], "right")
        host[members] = np.minimum(destinations, len(geography.places) - 1)
    postcode = geography.draw_postcodes(generator, host)
    urn = np.full(count, "", dtype=object)
    for kind, (least, each) in SITES.items():
        members = np.flatnonzero(kinds == kind)
        site = _draw_site(generator, geography, host[members], least, each)
        postcode[members], urn[members] = _site_details(geography, host[members], site, kind)
    at_home = np.flatnonzero((kinds == "P1") & (host == place))
    postcode[at_home] = persons["home_postcode"].to_numpy()[frame["person"].to_numpy()[at_home]]
    frame["host_place"], frame["postcode"], frame["urn"] = host, postcode, urn
    frame["is_out"] = host != place
    home = persons["home_postcode"].to_numpy()[frame["person"]]
    frame["miles"] = np.round(geography.measure_miles(home, postcode), 1)


def _draw_site(
    generator: np.random.Generator, geography: Geography, host: Integers, least: int, each: int
) -> Integers:
    sizes = geography.places["postcode_count"].to_numpy()[host]
    sites = np.maximum(least // 3, sizes // each).clip(1)
    return np.asarray((generator.random(len(host)) * sites).astype(int))


def _site_details(
    geography: Geography, host: Integers, site: Integers, kind: str
) -> tuple[Integers, Texts]:
    """Return the fixed postcode and URN of each numbered site in its area."""
    number = list(SITES).index(kind)
    size = geography.pool_end[host] - geography.pool_start[host]
    postcode = geography.pool_start[host] + (site * 97 + number * 31 + 11) % size
    has_urn = kind in ("K2", "K1", "H5")
    codes = 1_000_000 + host * 4000 + number * 600 + site
    urn = np.array([f"SC{code}" if has_urn else "" for code in codes.tolist()], dtype=object)
    return np.asarray(postcode), urn


def make_legal_statuses(
    plan: SimulationPlan, persons: pd.DataFrame, periods: pd.DataFrame
) -> pd.DataFrame:
    """Return legal statuses within each period of care.

    Columns: period, person, start_day, end_day, code.
    """
    generator = random_stream(plan.seed, "legal")
    count = len(periods)
    start, end = periods["start_day"].to_numpy(), periods["end_day"].to_numpy()
    person = periods["person"].to_numpy()
    age = (start - persons["dob_day"].to_numpy()[person]) / YEAR_DAYS
    uasc = persons["is_uasc"].to_numpy()[person]
    first = draw_keys(generator, {"C1": 0.45, "V2": 0.4, "C2": 0.1, "L2": 0.05}, count)
    first[uasc] = "V2"
    first[(age >= 15) & ~uasc & (first == "C1")] = "V2"
    first[periods["is_short_break"].to_numpy(dtype=bool)] = "V4"
    changes = (first == "C1") & (end - start > 330)
    later = np.where((age < 4) & draw_flags(generator, 0.25, count), "E1", "C2")
    change_day = start + generator.integers(180, 320, count)
    opening = pd.DataFrame({"period": np.arange(count), "start_day": start, "code": first})
    second = pd.DataFrame({"period": np.arange(count), "start_day": change_day, "code": later})
    frame = pd.concat([opening, second[changes]], ignore_index=True)
    frame = frame.sort_values(["period", "start_day"], kind="stable", ignore_index=True)
    owner = frame["period"].to_numpy()
    last = np.r_[owner[1:] != owner[:-1], True]
    frame["end_day"] = np.where(last, end[owner], np.r_[frame["start_day"].to_numpy()[1:], 0])
    return frame.assign(person=person[owner])
