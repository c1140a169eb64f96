"""The national release by characteristic, computed from the returns by DfE's rules.

One file of missing and one of away: age, duration, sex and ethnicity, in the department's words.
Placements are left out. The release by authority is `statistics`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from register.settings import PROJECT_ROOT
from register.simulation.calendar import year_start
from register.simulation.views.layouts import csv_bytes, read_layout
from register.simulation.views.return_tables import DATES, Return
from register.simulation.views.statistics import (
    published_count,
    rows_that_count,
    statistics_files,
)
from register.simulation.world.nation import Nation

SEEDS = PROJECT_ROOT / "seeds"
CATEGORIES = {"M": "missing", "A": "away"}
SEXES = {"F": "female", "2": "female", "M": "male", "1": "male"}
AGES = [-np.inf, 1, 5, 10, 16, np.inf]
AGE_BANDS = ["under_1", "1_to_4", "5_to_9", "10_to_15", "16_and_over"]
# The other category's word is in the names of values that are not of this one.
OTHER = {"missing": "away", "away": "missing"}
EVERY = "every"


def release_files(nation: Nation, returns: list[Return]) -> dict[str, bytes]:
    """A release: the file by authority, and the two national ones by characteristic."""
    return {**statistics_files(nation, returns), **national_files(returns)}


def national_files(returns: list[Return]) -> dict[str, bytes]:
    """The two files, with the years of the given returns."""
    incidents = pd.concat([_incidents(made) for made in returns], ignore_index=True)
    layout = read_layout("explore_education_statistics")
    return {
        f"national_{category}.csv": csv_bytes(
            pd.DataFrame(_figures(incidents[incidents["category"] == kind], category)), layout
        )
        for kind, category in CATEGORIES.items()
    }


def _incidents(made: Return) -> pd.DataFrame:
    """One row per incident that starts in the year, with what the release tells of it."""
    first, last = year_start(made.year), year_start(made.year + 1) - 1
    held = rows_that_count(made)
    held = held[(held["_start"] >= first) & (held["_start"] <= last)]
    start = held["_start"].to_numpy(dtype=np.int64)
    days = np.minimum(held["_end"].to_numpy(dtype=np.int64), last) - start
    header = made.header.set_index("CHILD")
    frame = pd.DataFrame({"category": held["MISSING"].to_numpy()})
    frame["year"] = made.year + 1
    frame["child"] = [f"{made.place} {child}" for child in held["CHILD"]]
    frame["age_band"] = pd.cut(_ages(held), AGES, right=False, labels=AGE_BANDS).astype(object)
    bands = _seed("ref__duration_bands.csv", measure="dfe")
    edges = [*(float(row["lower"]) for row in bands), np.inf]
    codes = [row["band_code"] for row in bands]
    frame["duration_band"] = pd.cut(days, edges, right=False, labels=codes).astype(object)
    frame["sex"] = held["CHILD"].map(header["SEX"].map(SEXES)).to_numpy()
    frame["ethnicity"] = held["CHILD"].map(header["ETHNIC"]).to_numpy()
    groups = {row["ethnicity_code"]: row["ethnicity_group_code"] for row in _ethnicities()}
    frame["ethnicity_group"] = frame["ethnicity"].map(groups)
    return frame


def _ages(held: pd.DataFrame) -> pd.Series:
    """Age in years at the start."""
    born = pd.to_datetime(held["DOB"], format=DATES)
    started = pd.to_datetime(held["MIS_START"], format=DATES)
    before = started.dt.strftime("%m%d") < born.dt.strftime("%m%d")
    return started.dt.year - born.dt.year - before.astype(int)


def _figures(incidents: pd.DataFrame, category: str) -> Iterator[dict[str, Any]]:
    headings = _seed("map__published_headings.csv", category_code=category)
    for year, held in incidents.groupby("year", sort=True):
        for heading in headings:
            is_child = heading["counted_code"] == "children"
            rows = held.drop_duplicates("child") if is_child else held
            code_of = {"heading_code": heading["heading_code"]}
            for value in _seed("map__published_characteristics.csv", **code_of):
                characteristic, code = value["characteristic_code"], value["value_code"]
                if characteristic not in rows or OTHER[category] in value["value_name"]:
                    continue
                count = len(rows) if code == EVERY else int((rows[characteristic] == code).sum())
                yield _row(str(year), heading["heading_name"], value["value_name"], count)


def _row(year: str, heading: str, value: str, count: int) -> dict[str, Any]:
    return {
        "time_period": year,
        "time_identifier": "Reporting year",
        "geographic_level": "National",
        "country_code": "E92000001",
        "country_name": "England",
        "missing_status": heading,
        "characteristic": value,
        "number": published_count(count, "National"),
    }


def _ethnicities() -> list[dict[str, str]]:
    return _seed("ref__ethnicities.csv")


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _seed(name: str, **wanted: str) -> list[dict[str, str]]:
    """The rows of a seed that have the wanted values."""
    return [
        row for row in _rows(name) if all(row[column] == text for column, text in wanted.items())
    ]
