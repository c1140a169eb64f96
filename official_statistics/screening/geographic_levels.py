"""Rule 10: geographic levels, the columns that their rows fill, and codes with their names."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from functools import cache

from official_statistics.screening.pair import (
    GEOGRAPHY_COLUMNS,
    LEVEL_COLUMNS,
    TIME_COLUMNS,
    Finding,
    Pair,
)
from register.settings import PROJECT_ROOT

AUTHORITIES = PROJECT_ROOT / "seeds" / "ref__authorities.csv"
NAMED = (
    ("country_code", "country_name"),
    ("region_code", "region_name"),
    ("new_la_code", "la_name"),
    ("old_la_code", "la_name"),
    ("pfa_code", "pfa_name"),
)
# Levels whose columns a row of the first may fill too, because it lies within it.
WITHIN = {"Local authority": ("Regional",), "Police force area": ("Regional",)}
LONDON = ("E12000007", "London")
ENGLAND = ("E92000001", "England")
TOTALS = ("total", "all")
NOT_AVAILABLE = "Not available"


def screen_places(pair: Pair) -> Iterator[Finding]:
    """Yield what is wrong with the places of a pair of files."""
    if "geographic_level" not in pair.columns:
        return
    levels = {row["geographic_level"] for row in pair.rows}
    for level in sorted(levels - set(LEVEL_COLUMNS)):
        yield pair.failure(10, f"the geographic_level '{level}' is unknown")
    known = levels & set(LEVEL_COLUMNS)
    for level in sorted(known):
        missing = [name for name in LEVEL_COLUMNS[level] if name not in pair.columns]
        if missing:
            yield pair.failure(10, f"rows of {level} need {', '.join(missing)}")
    yield from _together(pair, known)
    yield from _texts(pair)
    yield from _filled(pair, known)
    yield from _names(pair)
    yield from _looked_up(pair)


def _together(pair: Pair, levels: set[str]) -> Iterator[Finding]:
    """Columns of a place are there together, also where no row is of their level."""
    for level in sorted(set(LEVEL_COLUMNS) - levels):
        missing = [name for name in LEVEL_COLUMNS[level] if name not in pair.columns]
        if missing and len(missing) < len(LEVEL_COLUMNS[level]):
            yield pair.failure(10, f"columns of {level} lack {', '.join(missing)}")


def _texts(pair: Pair) -> Iterator[Finding]:
    for name in pair.columns:
        if name not in GEOGRAPHY_COLUMNS + TIME_COLUMNS:
            continue
        values = {row[name] for row in pair.rows}
        if any(value.lower() in TOTALS for value in values):
            yield pair.failure(10, f"{name} is Total or All")
        if any(value != value.strip() for value in values):
            yield pair.failure(9, f"a value of {name} begins or ends with a space")


def _filled(pair: Pair, levels: set[str]) -> Iterator[Finding]:
    found: set[tuple[str, str, bool]] = set()
    for row in pair.rows:
        level = row["geographic_level"]
        if level not in levels:
            continue
        own = LEVEL_COLUMNS[level]
        may = {name for one in WITHIN.get(level, ()) for name in LEVEL_COLUMNS[one]}
        for columns in LEVEL_COLUMNS.values():
            for name in (one for one in columns if one in row):
                if name in own and not row[name]:
                    found.add((level, name, False))
                elif name not in own and name not in may and row[name]:
                    found.add((level, name, True))
    for level, name, is_filled in sorted(found):
        state = "filled" if is_filled else "blank"
        yield pair.failure(10, f"{name} is {state} on rows of {level}")
    if any(
        row["geographic_level"] == "Local authority" and not row.get("region_code", "")
        for row in pair.rows
    ):
        yield pair.warning(10, "the region is blank on rows of Local authority")


def _names(pair: Pair) -> Iterator[Finding]:
    for code, name in NAMED:
        if code not in pair.columns or name not in pair.columns:
            continue
        pairs = {(row[code], row[name]) for row in pair.rows if row[code] or row[name]}
        # An authority keeps its name when its ONS code changes with its boundary.
        kinds = [(code, 0)] if code == "new_la_code" else [(code, 0), (name, 1)]
        for column, side in kinds:
            yield from _not_one_to_one(pair, column, [found[side] for found in sorted(pairs)])
        if any((found[0] == "x") != (found[1] == NOT_AVAILABLE) for found in pairs):
            yield pair.failure(10, f"the {code} x goes with the name Not available alone")


def _not_one_to_one(pair: Pair, column: str, values: list[str]) -> Iterator[Finding]:
    for value, count in Counter(values).items():
        if count > 1:
            yield pair.failure(10, f"the {column} '{value}' goes with {count} others")


def _looked_up(pair: Pair) -> Iterator[Finding]:
    authorities, regions = _look_up()
    for row in _distinct(pair, "old_la_code", "new_la_code", "la_name"):
        if row[0] and row not in authorities:
            yield pair.failure(10, f"authority {row[0]} {row[1]} is not in the look-up by its name")
    for code, name in _distinct(pair, "region_code", "region_name"):
        if code and regions.get(code) != name:
            yield pair.failure(10, f"region {code} is not in the look-up by its name")
    if any(row != ENGLAND for row in _distinct(pair, "country_code", "country_name")):
        yield pair.failure(10, "a country is not England by its code and name")


def _distinct(pair: Pair, *columns: str) -> list[tuple[str, ...]]:
    if not set(columns) <= set(pair.columns):
        return []
    return sorted({tuple(row[name] for name in columns) for row in pair.rows})


@cache
def _look_up() -> tuple[set[tuple[str, ...]], dict[str, str]]:
    with AUTHORITIES.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    authorities: set[tuple[str, ...]] = {
        (row["authority_code_dfe"], row["authority_code_ons"], row["authority_name"])
        for row in rows
    }
    regions = {row["region_code_ons"]: row["region_name"] for row in rows}
    return authorities, {**regions, LONDON[0]: LONDON[1]}
