"""From a cell of a public file to its true count and the episodes behind it: inside, never public.

From an episode to delivered lines is `register.publishing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from official_statistics.conditions import CONDITION_COLUMNS
from official_statistics.data_sets import TOTAL, DataSet, data_set_named
from official_statistics.releases import Version

LONDON = "E12000007"
CELL = """
select * from statistics.protected_cells
where dataset = $dataset and reporting_year = $year and area_code = $area
    and filter_values = $filters and measure = $measure
"""
EPISODES = """
select distinct base.episode_id_register
from statistics.fct_publication_base as base
inner join statistics.int_publication_conditions as conditions
    on conditions.condition_id = $condition and {satisfied}
where base.reporting_year = $year and {placed}
order by base.episode_id_register
"""
PLACED = {
    "National": "$area is not null",
    "Regional": (
        f"(base.region_code = $area or ($area = '{LONDON}' and base.region_code like 'E13%'))"
    ),
    "Local authority": "base.authority_code_dfe = $area",
    "Police force area": "base.police_force_code = $area",
}


class CellError(ValueError):
    """No such cell is in the release; the message says what is."""


@dataclass(frozen=True)
class TracedCell:
    """A cell of a public file: what is shown, what is true, and the episodes that are counted.

    For a count of children the episodes are those that the children had.
    """

    version: str
    file: str
    year: int
    area: str
    filters: str
    measure: str
    shown: int | None
    symbol: str | None
    value: int
    child_count: int
    episodes: tuple[str, ...]


def trace_cell(
    version: Version, file: str, year: int, area: str, items: Sequence[str]
) -> TracedCell:
    """Return a cell by file, year, place and items (`filter=item`, or the indicator's name).

    A filter that is not given has its Total or default. `area` is the DfE code of an authority, or
    the ONS code of any other place. Raises `CellError` where there is no such cell.
    """
    data_set = _data_set(file)
    filters, measure = _row(data_set, items)
    keys: dict[str, Any] = {
        "dataset": file,
        "year": year,
        "area": area,
        "filters": filters,
        "measure": measure,
    }
    with duckdb.connect(str(version.internal / "cells.duckdb"), read_only=True) as connection:
        found = connection.execute(CELL, keys).to_arrow_table().to_pylist()
        if not found:
            raise CellError(f"{version.name} has no {measure} of {file} at {year} {area} {filters}")
        cell = found[0]
        episodes = _episodes(connection, cell)
    return TracedCell(
        version.name,
        file,
        year,
        area,
        filters,
        measure,
        cell["shown"],
        cell["symbol"],
        cell["value"],
        cell["child_count"],
        tuple(episodes),
    )


def _episodes(connection: duckdb.DuckDBPyConnection, cell: Mapping[str, Any]) -> list[str]:
    """The episodes of the base that a cell counts; none for what is no count of the base."""
    if cell["counted_on"] != "base" or cell["unit"] == "looked_after_children":
        return []
    satisfied = " and ".join(
        f"(conditions.{name} is null or conditions.{name} = base.{name})"
        for name in CONDITION_COLUMNS
    )
    query = EPISODES.format(satisfied=satisfied, placed=PLACED[cell["geographic_level"]])
    rows = connection.execute(
        query,
        {
            "condition": cell["condition_id"],
            "year": cell["reporting_year"],
            "area": cell["area_code"],
        },
    ).fetchall()
    return [row[0] for row in rows]


def _data_set(file: str) -> DataSet:
    try:
        return data_set_named(file)
    except ValueError as error:
        raise CellError(str(error)) from None


def _row(data_set: DataSet, items: Sequence[str]) -> tuple[str, str]:
    """The text of the row's filters, and the indicator: the first count where none is named."""
    chosen = {one.name: one.default or TOTAL for one in data_set.filters}
    measures = [one.name for one in data_set.counts]
    measure = measures[0] if measures else ""
    for item in items:
        name, sign, value = item.partition("=")
        if sign and name in chosen and value in data_set.filter(name).item_names:
            chosen[name] = value
        elif not sign and name in measures:
            measure = name
        else:
            raise CellError(f"{data_set.name} has no {item}")
    return ";".join(f"{name}={value}" for name, value in chosen.items()), measure
