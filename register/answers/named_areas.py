"""Finding the areas of an answer by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import duckdb

from register.answers.common_questions import AnswerError, match_name

# From the widest to the smallest. If areas of two levels share a name, the wider one is meant.
LEVELS = ("nation", "region", "sub_region", "police_force", "authority")


class Area(NamedTuple):
    """A current area of `bi.areas`. An authority also has its region and police force."""

    level: str
    code: str
    name: str
    region_name: str | None
    police_force_code: str | None


def find_areas(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[Area]:
    """Return the areas with these names. Raises `AnswerError` for a name that is unknown."""
    by_name: dict[str, Area] = {}
    for area in _read_areas(connection):
        by_name.setdefault(area.name, area)
    return [by_name[match_name("area", name, by_name)] for name in dict.fromkeys(names)]


def list_parts(
    connection: duckdb.DuckDBPyConnection, areas: Sequence[Area], level: str
) -> list[Area]:
    """Return the areas of a level in these areas, by name. Raises `AnswerError` if there are none.

    A police force is part of a region if it is the force of an authority there.
    """
    known = _read_areas(connection)
    parts: dict[str, Area] = {}
    for area in areas:
        forces = {each.police_force_code for each in known if each.region_name == area.name} - {
            None
        }
        for part in known:
            is_part = {
                "nation": True,
                "region": part.region_name == area.name or part.code in forces,
                "police_force": part.police_force_code == area.code,
            }.get(area.level, False)
            if part.level == level and is_part:
                parts[part.code] = part
    if not parts:
        word = level.replace("_", " ")
        raise AnswerError(f"{' and '.join(area.name for area in areas)}: not divided by {word}")
    return sorted(parts.values(), key=lambda part: part.name)


def _read_areas(connection: duckdb.DuckDBPyConnection) -> list[Area]:
    """Return the current areas, wider levels first."""
    rows = connection.execute(
        "select area_level_code, area_code, area_name, region_name, police_force_code"
        " from bi.areas where is_current and area_code != 'unknown' order by area_code"
    ).fetchall()
    return sorted((Area(*row) for row in rows), key=lambda area: LEVELS.index(area.level))
