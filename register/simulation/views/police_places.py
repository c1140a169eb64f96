"""Where the child went missing from and was found, who told and who found, and the authority."""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.draws import OPEN, Integers, Texts, hits, pick
from register.simulation.geography import welsh_names
from register.simulation.views.person_errors import spaced
from register.simulation.world.nation import Nation

LOCATIONS = {
    "K2": "childrens_home",
    "K1": "childrens_home",
    "H5": "semi_independent",
    "P2": "semi_independent",
    "P1": "home",
    "S1": "school",
    "R2": "hospital",
}
ELSEWHERE = {"other": 5, "school": 2, "hospital": 2, "hotel": 1}
REPORTERS = {
    "parent": 70,
    "relative": 12,
    "school": 6,
    "police": 4,
    "public": 3,
    "other": 3,
    "unknown": 2,
}
FINDERS = {
    "returned_self": 55,
    "police": 22,
    "carer": 8,
    "parent": 6,
    "social_worker": 3,
    "public": 2,
    "other": 2,
    "unknown": 2,
}


def describe_places(generator: np.random.Generator, nation: Nation, reports: pd.DataFrame) -> None:
    """Add places and people to reports."""
    count = len(reports)
    absences = nation.absences.iloc[reports["absence"].to_numpy()]
    placement = absences["placement"].to_numpy()
    in_care = placement >= 0
    outside = absences["is_placed_from_outside"].to_numpy(dtype=bool)
    location = np.where(outside, "childrens_home", _locations(nation, placement)).astype(object)
    elsewhere = hits(generator, 0.08, count)
    reports["location"] = np.where(elsewhere, pick(generator, ELSEWHERE, count), location)
    home = nation.persons["home_postcode"].to_numpy()[reports["person"]]
    where = np.where(in_care, nation.placements["postcode"].to_numpy()[placement], home)
    postcodes = nation.geography.postcode
    reports["from_postcode"] = spaced(postcodes[where])
    near = nation.geography.draw_postcodes(generator, absences["host_place"].to_numpy())
    known = hits(generator, 0.5, count) & (reports["found"].to_numpy() != OPEN)
    reports["found_postcode"] = np.where(known, spaced(postcodes[near]), "")
    carer = np.where(location == "foster", "foster_carer", "care_staff")
    by_carer = (in_care | outside) & hits(generator, 0.85, count)
    reports["reported_by"] = np.where(by_carer, carer, pick(generator, REPORTERS, count))
    finder = pick(generator, FINDERS, count)
    reports["found_by"] = np.where(reports["found"] == OPEN, "", finder)
    codes = nation.geography.places["authority_code"].to_numpy(dtype=object)
    names = nation.geography.places["name"].to_numpy(dtype=object)
    place = absences["place"].to_numpy()
    written = np.where(hits(generator, 0.5, count), codes[place], names[place])
    abroad = np.array(welsh_names(), dtype=object)
    written = np.where(outside, abroad[reports["person"].to_numpy() % len(abroad)], written)
    told = (reports["is_looked_after"] == "yes").to_numpy() & hits(generator, 0.75, count)
    reports["care_authority"] = np.where(told & (in_care | outside), written, "")


def _locations(nation: Nation, placement: Integers) -> Texts:
    types = nation.placements["type"].to_numpy(dtype=object)[placement]
    found = np.array([LOCATIONS.get(kind, "foster") for kind in types.tolist()], dtype=object)
    return np.where(placement >= 0, found, "home").astype(object)
