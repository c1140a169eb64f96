"""An invented year of the whole nation's episodes, and the cells of all files that count them.

The sizes of authorities and the numbers of episodes per child are skewed as in the department's
tables. Most children go missing once, a few go dozens of times, and some authorities have only ten
children. The simulation is not used, since it makes deliveries and this module makes counts.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.publication.cells import (
    DATASETS,
    DAYS,
    HOURS,
    NO_INCIDENT,
    NO_RISK,
    RISK,
    dataset_query,
    items_of,
)
from register.settings import PROJECT_ROOT

LONDON = {"E13000001": "E12000007", "E13000002": "E12000007"}
ENGLAND = "E92000001"
YEAR = 2026
# The share of its episodes that an authority withdraws when it corrects a year.
WITHDRAWN = 0.03
# The shares of a filter's items, in the items' order. Items beyond the list do not occur.
SHARES = {
    "Age": [0.03, 0.46, 0.508, 0.002],
    "Sex": [0.46, 0.535, 0.005],
    "Ethnicity": [0.66, 0.1, 0.05, 0.09, 0.04, 0.06],
    "Placement": [0.28, 0.36, 0.25, 0.02, 0.06, 0.03],
    "Boundary": [0.55, 0.42, 0.03],
    # Shares of risk levels, only for episodes that the police recorded as missing. The last share
    # is for a level that is not recorded.
    RISK: [0.26, 0.58, 0.15, 0.01],
    DAYS: [0.72, 0.15, 0.06, 0.015, 0.012, 0.008, 0.007, 0.006, 0.022],
}
# For episodes of one source: the share whose category code no code map contains.
NOT_KNOWN = 0.01
OF_A_CHILD = ("Age", "Sex", "Ethnicity")
OF_CARE = ("Placement", "Boundary")


def national_year(  # noqa: PLR0913, PLR0917 - what a year is made of
    seed: int,
    children: int = 71_000,
    authorities: Sequence[str] = (),
    data_sets: Sequence[str] = tuple(DATASETS),
    corrected: Sequence[str] = (),
    year: int = YEAR,
) -> pa.Table:
    """Make the cells of one year, in the form that `official_statistics.protection.protect` takes.

    If authorities or data sets are given, only these are made. Authorities in `corrected` have
    withdrawn some of their episodes, as a later release would count them.
    """
    random = np.random.default_rng(seed)
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    chosen = [
        each for each in _authorities() if each["authority"] in authorities or not authorities
    ]
    connection.register("authorities", pa.Table.from_pylist(chosen))
    base = _draw_episodes(random, chosen, children, year)
    is_kept = random.random(base.num_rows) >= WITHDRAWN
    is_kept |= ~np.isin(base["authority"].to_numpy(zero_copy_only=False), list(corrected))
    connection.register("base", base.filter(pa.array(is_kept)))
    connection.execute(_PLACES)
    parts = [
        connection.execute(dataset_query(name)).to_arrow_table().cast(SCHEMA) for name in data_sets
    ]
    table = pa.concat_tables(parts)
    return pa.concat_tables([table, _children_looked_after(table)])


def _children_looked_after(cells: pa.Table) -> pa.Table:
    """Return counts of all looked-after children: about four for each child who was missing.

    An area's count is the same for every category.
    """
    columns = cells.to_pylist()
    chosen = [
        {**each, "measure": "cla_child_count"}
        for each in columns
        if each["dataset"] == "missing_children_by_area"
        and each["measure"] == "child_count"
        and "care_status=Looked after" in each["filter_values"]
    ]
    totals = {
        each["area_code"]: 4 * each["value"] + 20
        for each in chosen
        if "absence_category=Total" in each["filter_values"]
    }
    of_area = [
        {**each, "value": totals[each["area_code"]], "child_count": totals[each["area_code"]]}
        for each in chosen
    ]
    return pa.Table.from_pylist(of_area, schema=SCHEMA)


def nation_authorities() -> list[str]:
    """Return the codes of all authorities, in the order of the look-up table."""
    return [each["authority"] for each in _authorities()]


def _authorities() -> list[dict[str, Any]]:
    with (PROJECT_ROOT / "seeds" / "ref__authorities.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if not row["valid_to"]]
    return [
        {
            "authority": row["authority_code_dfe"],
            "region": row["region_code_ons"],
            "force": row["police_force_code"],
        }
        for row in rows
    ]


def _draw_episodes(
    random: np.random.Generator, authorities: list[dict[str, Any]], children: int, year: int
) -> pa.Table:
    """Return the episodes, one row for each.

    Every child has one sex, ethnicity and age, and usually one care status.
    """
    weight = random.lognormal(0.0, 1.1, len(authorities))
    weight[:2] *= 0.05
    home = random.choice(len(authorities), children, p=weight / weight.sum())
    count = 1 + random.negative_binomial(0.28, 0.28 / (0.28 + 2.22), children)
    child = np.repeat(np.arange(children), count)
    size = len(child)
    looked_after = random.random(children) < random.beta(6, 6, len(authorities))[home]
    cared = np.where(random.random(size) < 0.97, looked_after[child], ~looked_after[child])
    moved = random.random(size) < 0.02
    place = np.where(moved, random.integers(0, len(authorities), size), home[child])
    away = random.random(size) < (random.beta(0.2, 3, len(authorities))[place] * cared)
    alone = random.beta(0.3, 8, len(authorities))[place]
    source = np.where(random.random(size) < alone, 2, random.choice(2, size, p=[0.36, 0.64]))
    source[away & (source == 1)] = 2
    columns: dict[str, Any] = {
        "year": np.full(size, year),
        "child": child,
        "authority": np.array([each["authority"] for each in authorities])[place],
        "care_status": np.where(cared, "Looked after", "Not looked after"),
        "source_status": np.array(["Both sources", "Police only", "Authority only"])[source],
        "is_expected_both": random.random(size) < 0.7,
        "is_weak": random.random(size) < 0.1,
        DAYS: random.choice(items_of(DAYS), size, p=SHARES[DAYS]),
    }
    is_missing = random.random(size) < 0.93
    columns[HOURS] = _draw_hours(random.spawn(1)[0], columns[DAYS])
    columns |= _categories(random.spawn(1)[0], source, away, is_missing)
    reasons = items_of("disagreement_reason")
    columns["reason"] = random.choice(reasons, size, p=_falling(len(reasons)))
    for name in OF_A_CHILD:
        columns[name] = random.choice(items_of(name), children, p=SHARES[name])[child]
    for name in OF_CARE:
        *items, none = items_of(name)
        columns[name] = np.where(cared, random.choice(items, size, p=SHARES[name]), none)
    recorded, same = source != 2, random.random(size) < 0.88
    forces = np.array(sorted({each["force"] for each in authorities}))
    own = np.array([each["force"] for each in authorities])[place]
    other = random.choice(forces, size)
    columns["force"] = np.where(recorded, np.where(same, own, other), "")
    columns["same_area"] = columns["force"] == own
    for name, share in {"offered": 0.8, "accepted": 0.7, "held": 0.6, "held_within": 0.75}.items():
        shares = [share, (1 - share) * 0.7, (1 - share) * 0.3]
        columns[name] = random.choice(["Yes", "No", "Not known"], size, p=shares)
    return pa.table(columns)


def _draw_hours(random: np.random.Generator, days: np.ndarray) -> np.ndarray:
    """Return each episode's band of hours: up to 24 hours if its days are `Under 1 day`."""
    *bands, unknown = items_of(HOURS)
    up_to = random.choice(bands[:5], len(days), p=[0.45, 0.2, 0.1, 0.05, 0.2])
    over = random.choice(bands[5:], len(days), p=[0.4, 0.4, 0.2])
    known = np.where(days == "Under 1 day", up_to, over)
    return np.where(days == "Not known", unknown, known)


def _categories(
    random: np.random.Generator, source: np.ndarray, away: np.ndarray, is_missing: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the counted category, the police's category and the level of the police incident.

    The authority's category is counted if the authority recorded the episode; otherwise the
    police's category is counted.
    """
    size = len(source)
    is_known = random.random(size) >= NOT_KNOWN
    levels = [each for each in items_of(RISK) if each not in {NO_RISK, NO_INCIDENT}]
    level = random.choice(levels, size, p=SHARES[RISK])
    by_police, alone = source != 2, source == 1
    missing, no_risk = items_of("category_police")
    police = np.where(is_missing, missing, no_risk).astype(object)
    police[~by_police | ~is_known] = None
    category = np.where(away, "Away from placement without authorisation", "Missing")
    category = np.where(alone & ~is_missing, "No apparent risk", category)
    return {
        "absence_category": np.where((source != 0) & ~is_known, "Not known", category),
        "category_police": police,
        RISK: np.where(by_police & is_known, np.where(is_missing, level, NO_RISK), NO_INCIDENT),
    }


def _falling(size: int) -> np.ndarray:
    shares = 0.75 ** np.arange(size)
    return shares / shares.sum()


SCHEMA = pa.schema(
    [
        ("dataset", pa.string()),
        ("reporting_year", pa.int64()),
        ("geographic_level", pa.string()),
        ("area_code", pa.string()),
        ("parent_code", pa.string()),
        ("police_force_code", pa.string()),
        ("filter_values", pa.string()),
        ("measure", pa.string()),
        ("value", pa.int64()),
        ("child_count", pa.int64()),
        ("top_two_share", pa.float64()),
    ]
)
# Pairs each area with the authorities whose episodes count for it.
_PLACES = f"""
create table places as
select 'Local authority' as geographic_level, authorities.authority as area_code,
    authorities.region as parent_code, authorities.force as police_force_code,
    authorities.authority
from authorities
union all
select 'Regional', authorities.region,
    case when authorities.region like 'E13%' then 'E12000007' else '{ENGLAND}' end, null,
    authorities.authority
from authorities
union all
select 'Regional', 'E12000007', '{ENGLAND}', null, authorities.authority
from authorities
where authorities.region like 'E13%'
union all
select 'National', '{ENGLAND}', null, null, authorities.authority
from authorities
"""
