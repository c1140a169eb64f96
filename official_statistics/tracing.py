"""Tracing of a public file's cell to its true count and its episodes, for internal use only.

`register.publishing` traces an episode further, to delivered lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from official_statistics.conditions import CONDITION_COLUMNS
from official_statistics.data_sets import TOTAL, DataSet, data_set_named
from official_statistics.public_figures import LONDON
from official_statistics.releases import Version

CELL = """
select * from statistics.protected_cells
where dataset = $dataset and reporting_year = $year and area_code = $area
    and filter_values = $filters and measure = $measure
"""
EPISODES = """
select distinct base.episode_id_register
from statistics.fct_publication_base as base
inner join statistics.int_publication_conditions as conditions
    on conditions.condition_id = $condition and {is_counted}
where base.reporting_year = $year and {is_in_area}
order by base.episode_id_register
"""
IS_IN_AREA = {
    "National": "$area is not null",
    "Regional": (
        f"(base.region_code = $area or ($area = '{LONDON[0]}' and base.region_code like 'E13%'))"
    ),
    "Local authority": "base.authority_code_dfe = $area",
    "Police force area": "base.police_force_code = $area",
}


class CellError(ValueError):
    """The release has no such cell; the message says which part of the given cell is unknown."""


@dataclass(frozen=True)
class TracedCell:
    """A cell of a public file: its shown value, its true value, and the episodes behind it.

    For a count of children, these are all episodes of the counted children.
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
    """Return a cell by file, year, area and items (`filter=item`, or an indicator's name).

    A filter without an item in `items` has its Total or default. `area` is the DfE code of an
    authority, or the ONS code of any other area. Raises `CellError` if there is no such cell.
    """
    try:
        data_set = data_set_named(file)
    except ValueError as error:
        raise CellError(str(error)) from None
    filters, measure = _parse_items(data_set, items)
    key = {"dataset": file, "year": year, "area": area, "filters": filters, "measure": measure}
    with duckdb.connect(str(version.cells_file), read_only=True) as connection:
        cells = connection.execute(CELL, key).to_arrow_table().to_pylist()
        if not cells:
            raise CellError(f"{version.name} has no {measure} of {file} at {year} {area} {filters}")
        (cell,) = cells
        return TracedCell(
            version=version.name,
            file=file,
            year=year,
            area=area,
            filters=filters,
            measure=measure,
            shown=cell["shown"],
            symbol=cell["symbol"],
            value=cell["value"],
            child_count=cell["child_count"],
            episodes=_find_episodes(connection, cell),
        )


def _find_episodes(
    connection: duckdb.DuckDBPyConnection, cell: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the base table's episodes that a cell counts; empty if it counts something else."""
    if cell["counted_on"] != "base" or cell["unit"] == "looked_after_children":
        return ()
    is_counted = " and ".join(
        f"(conditions.{name} is null or conditions.{name} = base.{name})"
        for name in CONDITION_COLUMNS
    )
    is_in_area = IS_IN_AREA[cell["geographic_level"]]
    rows = connection.execute(
        EPISODES.format(is_counted=is_counted, is_in_area=is_in_area),
        {
            "condition": cell["condition_id"],
            "year": cell["reporting_year"],
            "area": cell["area_code"],
        },
    ).fetchall()
    return tuple(row[0] for row in rows)


def _parse_items(data_set: DataSet, items: Sequence[str]) -> tuple[str, str]:
    """Return the row's filters as text, and the indicator, which is by default the first count."""
    chosen = {part.name: part.default or TOTAL for part in data_set.filters}
    measures = [indicator.name for indicator in data_set.counts]
    measure = measures[0] if measures else ""
    for item in items:
        name, sign, value = item.partition("=")
        if sign and name in chosen and value in data_set.get_filter(name).item_names:
            chosen[name] = value
        elif not sign and name in measures:
            measure = name
        else:
            raise CellError(f"{data_set.name} has no {item}")
    return ";".join(f"{name}={value}" for name, value in chosen.items()), measure
