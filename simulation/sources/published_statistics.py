"""The published statistics, computed from the returns by DfE's rules.

A release has one file by authority, in the long form of Explore Education Statistics. It also has
two national files by characteristic (age, duration, sex and ethnicity; placements are left out).
The disclosure rules are DfE's: 1 to 5 suppressed, regions and England rounded. The register's own
publication has different rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from simulation.authority_sizes import AWAY
from simulation.calendar import year_start
from simulation.geography import read_seed
from simulation.sources.returns import DATES, Return
from simulation.sources.written_layouts import csv_bytes, read_layout
from simulation.world.nation import Nation

COLUMNS = ["time_period", "time_identifier", "geographic_level", "country_code", "country_name",
           "region_code", "region_name", "old_la_code", "la_name", "new_la_code"]  # fmt: skip
INCIDENTS = {
    "M": ("Number of missing incidents during the year",
          "Children who had a missing incident during the year",
          "Children who went missing more than once during the year",
          "Children missing at 31 March",
          "Average number of missing incidents per looked after child who went missing",
          "Percentage of children who had a missing incident during the year"),
    "A": (f"Number of {AWAY} incidents during the year",
          f"Children who were {AWAY} during the year",
          f"Children who were {AWAY} more than once during the year",
          f"Children {AWAY} at 31 March",
          f"Average number of {AWAY} incidents per looked after child",
          f"Percentage of children who were {AWAY} during the year"),
}  # fmt: skip
LOOKED_AFTER = "Children looked after during the year"
CATEGORIES = {"M": "missing", "A": "away"}
SEXES = {"F": "female", "2": "female", "M": "male", "1": "male"}
AGES = [-np.inf, 1, 5, 10, 16, np.inf]
AGE_BANDS = ["under_1", "1_to_4", "5_to_9", "10_to_15", "16_and_over"]
# For each category, the word for the other. A published value whose name contains this word belongs
# to the other category, so it is skipped.
OTHER = {"missing": "away", "away": "missing"}
EVERY = "every"


def release_files(nation: Nation, returns: list[Return]) -> dict[str, bytes]:
    """Return the files of a release, with the years of the given returns."""
    return {**statistics_files(nation, returns), **national_files(returns)}


def statistics_files(nation: Nation, returns: list[Return]) -> dict[str, bytes]:
    """Return the file by authority, with the years of the given returns.

    The name of the category column depends on whether the latest year is odd or even.
    """
    figures = [_figures(nation, item) for item in returns]
    base = pd.DataFrame(figures)
    rows: list[dict[str, Any]] = []
    for level, keys in (
        ("National", ["year"]),
        ("Regional", ["year", "region_code", "region_name"]),
        ("Local authority", ["year", "region_code", "region_name", "code", "name", "ons"]),
    ):
        counts = [column for column in base.columns if column.startswith("n_")]
        for key, group in base.groupby(keys, sort=True):
            place = dict(zip(keys, key if isinstance(key, tuple) else (key,), strict=True))
            rows += _build_rows(level, place, group[counts].sum())
    frame = pd.DataFrame(rows)
    latest = max(item.year for item in returns) + 1
    frame = frame.rename(columns={"measure": "CLA_group" if latest % 2 == 0 else "cla_group"})
    layout = read_layout("explore_education_statistics")
    return {"figures.csv": csv_bytes(frame, layout)}


def rows_that_count(statutory_return: Return) -> pd.DataFrame:
    """Return the rows of a return's missing module that the published statistics count.

    These are the rows of looked-after children, without short breaks and without rows added to
    break a rule.
    """
    missing = statutory_return.missing
    return missing[
        (missing["_absence"] >= 0) & missing["CHILD"].isin(_population(statutory_return))
    ]


def _population(statutory_return: Return) -> set[str]:
    return set(
        statutory_return.episodes.loc[~statutory_return.episodes["LS"].isin(["V3", "V4"]), "CHILD"]
    )


def _figures(nation: Nation, statutory_return: Return) -> dict[str, Any]:
    place = nation.geography.places.iloc[statutory_return.place]
    first, last = year_start(statutory_return.year), year_start(statutory_return.year + 1) - 1
    figures: dict[str, Any] = {
        "year": statutory_return.year + 1, "region_code": place["region_code"],
        "region_name": place["region_name"],
        "code": place["authority_code"], "name": place["name"], "ons": place["ons_code"],
        "n_looked_after": len(_population(statutory_return)),
    }  # fmt: skip
    rows = rows_that_count(statutory_return)
    for kind in INCIDENTS:
        kind_rows = rows[rows["MISSING"] == kind]
        started = kind_rows["_start"].to_numpy(dtype=np.int64)
        in_year = kind_rows[(started >= first) & (started <= last)]
        per_child = in_year.groupby("CHILD").size()
        figures[f"n_incidents_{kind}"] = len(in_year)
        figures[f"n_children_{kind}"] = len(per_child)
        figures[f"n_repeat_{kind}"] = int((per_child > 1).sum())
        still = kind_rows["_end"].to_numpy(dtype=np.int64) > last
        figures[f"n_open_{kind}"] = kind_rows.loc[still, "CHILD"].nunique()
    return figures


def published_count(value: float, level: str) -> str:
    """Return a count as the department publishes it.

    An authority's count of 1 to 5 is suppressed. Every other count is rounded to the nearest 10, or
    is `low` if it would be rounded to 0.
    """
    if level == "Local authority":
        return "c" if 1 <= value <= 5 else str(int(value))
    rounded = int(np.floor(value / 10 + 0.5) * 10)
    return "low" if value > 0 and rounded == 0 else str(rounded)


def _format_ratio(top: float, bottom: float, level: str, decimals: int) -> str:
    if level == "Local authority" and (1 <= top <= 5 or 1 <= bottom <= 5):
        return "c"
    if bottom == 0:
        return "0"
    value = top / bottom * (100 if decimals == 0 else 1)
    return f"{value:.{decimals}f}"


def _build_rows(level: str, place: dict[str, Any], totals: pd.Series) -> list[dict[str, Any]]:
    base = dict.fromkeys(COLUMNS, "")
    base.update(
        time_period=str(place["year"]), time_identifier="Reporting year", geographic_level=level,
        country_code="E92000001", country_name="England",
        region_code=place.get("region_code", ""), region_name=place.get("region_name", ""),
        old_la_code=place.get("code", ""), la_name=place.get("name", ""),
        new_la_code=place.get("ons", ""),
    )  # fmt: skip
    looked_after = totals["n_looked_after"]
    rows = [{**base, "measure": LOOKED_AFTER, "number": published_count(looked_after, level)}]
    for kind, titles in INCIDENTS.items():
        incidents, children = totals[f"n_incidents_{kind}"], totals[f"n_children_{kind}"]
        values = (
            published_count(incidents, level),
            published_count(children, level),
            published_count(totals[f"n_repeat_{kind}"], level),
            published_count(totals[f"n_open_{kind}"], level),
            _format_ratio(incidents, children, level, 1),
            _format_ratio(children, looked_after, level, 0),
        )
        rows += [
            {**base, "measure": title, "number": value}
            for title, value in zip(titles, values, strict=True)
        ]
    return rows


def national_files(returns: list[Return]) -> dict[str, bytes]:
    """Return the two national files (missing and away), with the years of the given returns."""
    incidents = pd.concat(
        [_incidents(statutory_return) for statutory_return in returns], ignore_index=True
    )
    layout = read_layout("explore_education_statistics")
    return {
        f"national_{category}.csv": csv_bytes(
            pd.DataFrame(_national_figures(incidents[incidents["category"] == kind], category)),
            layout,
        )
        for kind, category in CATEGORIES.items()
    }


def _incidents(statutory_return: Return) -> pd.DataFrame:
    """Return one row for each incident that starts in the year, with its characteristics."""
    first, last = year_start(statutory_return.year), year_start(statutory_return.year + 1) - 1
    incidents = rows_that_count(statutory_return)
    incidents = incidents[(incidents["_start"] >= first) & (incidents["_start"] <= last)]
    start = incidents["_start"].to_numpy(dtype=np.int64)
    days = np.minimum(incidents["_end"].to_numpy(dtype=np.int64), last) - start
    header = statutory_return.header.set_index("CHILD")
    frame = pd.DataFrame({"category": incidents["MISSING"].to_numpy()})
    frame["year"] = statutory_return.year + 1
    frame["child"] = [f"{statutory_return.place} {child}" for child in incidents["CHILD"]]
    frame["age_band"] = pd.cut(
        _compute_ages(incidents), AGES, right=False, labels=AGE_BANDS
    ).astype(object)
    bands = _select_seed_rows("ref__duration_bands.csv", measure="dfe")
    edges = [*(float(row["lower"]) for row in bands), np.inf]
    codes = [row["band_code"] for row in bands]
    frame["duration_band"] = pd.cut(days, edges, right=False, labels=codes).astype(object)
    frame["sex"] = incidents["CHILD"].map(header["SEX"].map(SEXES)).to_numpy()
    frame["ethnicity"] = incidents["CHILD"].map(header["ETHNIC"]).to_numpy()
    groups = {
        row["ethnicity_code"]: row["ethnicity_group_code"]
        for row in read_seed("ref__ethnicities.csv")
    }
    frame["ethnicity_group"] = frame["ethnicity"].map(groups)
    return frame


def _compute_ages(incidents: pd.DataFrame) -> pd.Series:
    """Return the age in years at the start of each incident."""
    born = pd.to_datetime(incidents["DOB"], format=DATES)
    started = pd.to_datetime(incidents["MIS_START"], format=DATES)
    before = started.dt.strftime("%m%d") < born.dt.strftime("%m%d")
    return started.dt.year - born.dt.year - before.astype(int)


def _national_figures(incidents: pd.DataFrame, category: str) -> Iterator[dict[str, Any]]:
    headings = _select_seed_rows("map__published_headings.csv", category_code=category)
    for year, year_incidents in incidents.groupby("year", sort=True):
        for heading in headings:
            is_child = heading["counted_code"] == "children"
            rows = year_incidents.drop_duplicates("child") if is_child else year_incidents
            code_of = {"heading_code": heading["heading_code"]}
            for value in _select_seed_rows("map__published_characteristics.csv", **code_of):
                characteristic, code = value["characteristic_code"], value["value_code"]
                if characteristic not in rows or OTHER[category] in value["value_name"]:
                    continue
                count = len(rows) if code == EVERY else int((rows[characteristic] == code).sum())
                yield _national_row(str(year), heading["heading_name"], value["value_name"], count)


def _national_row(year: str, heading: str, value: str, count: int) -> dict[str, Any]:
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


def _select_seed_rows(name: str, **conditions: str) -> list[dict[str, str]]:
    """Return the rows of a seed that meet the conditions."""
    return [
        row
        for row in read_seed(name)
        if all(row[column] == text for column, text in conditions.items())
    ]
