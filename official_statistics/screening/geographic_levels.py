"""Rule 10 of the screener: geographic levels, their columns, and codes with their names."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from functools import cache

from official_statistics.public_figures import LONDON
from official_statistics.screening.pair import (
    GEOGRAPHY_COLUMNS,
    LEVEL_COLUMNS,
    TIME_COLUMNS,
    Finding,
    Pair,
)
from register.settings import PROJECT_ROOT

AUTHORITIES_FILE = PROJECT_ROOT / "seeds" / "ref__authorities.csv"
CODES_AND_NAMES = (
    ("country_code", "country_name"),
    ("region_code", "region_name"),
    ("new_la_code", "la_name"),
    ("old_la_code", "la_name"),
    ("pfa_code", "pfa_name"),
)
# For each level, the wider level whose columns its rows may fill too.
CONTAINING_LEVEL = {"Local authority": "Regional", "Police force area": "Regional"}
ENGLAND = ("E92000001", "England")
TOTALS = ("total", "all")
NOT_AVAILABLE = "Not available"


def screen_places(pair: Pair) -> Iterator[Finding]:
    """Yield the breaches of rule 10 in a pair of files."""
    if "geographic_level" not in pair.columns:
        return
    levels = {row["geographic_level"] for row in pair.rows}
    for level in sorted(levels - set(LEVEL_COLUMNS)):
        yield pair.report_failure(10, f"the geographic_level '{level}' is unknown")
    known = levels & set(LEVEL_COLUMNS)
    for level in sorted(LEVEL_COLUMNS):
        missing = [name for name in LEVEL_COLUMNS[level] if name not in pair.columns]
        if missing and level in known:
            yield pair.report_failure(10, f"rows of {level} need {', '.join(missing)}")
        elif missing and len(missing) < len(LEVEL_COLUMNS[level]):
            yield pair.report_failure(10, f"columns of {level} lack {', '.join(missing)}")
    yield from _check_texts(pair)
    yield from _check_filled_columns(pair, known)
    yield from _check_names(pair)
    yield from _check_look_up(pair)


def _check_texts(pair: Pair) -> Iterator[Finding]:
    for name in pair.columns:
        if name not in GEOGRAPHY_COLUMNS + TIME_COLUMNS:
            continue
        values = {row[name] for row in pair.rows}
        if any(value.lower() in TOTALS for value in values):
            yield pair.report_failure(10, f"{name} is Total or All")
        if any(value != value.strip() for value in values):
            yield pair.report_failure(9, f"a value of {name} begins or ends with a space")


def _check_filled_columns(pair: Pair, levels: set[str]) -> Iterator[Finding]:
    wrong: set[tuple[str, str, bool]] = set()
    for row in pair.rows:
        level = row["geographic_level"]
        if level not in levels:
            continue
        own = LEVEL_COLUMNS[level]
        optional = LEVEL_COLUMNS.get(CONTAINING_LEVEL.get(level, ""), ())
        for name in (name for columns in LEVEL_COLUMNS.values() for name in columns):
            if name in own and not row.get(name, "x"):
                wrong.add((level, name, False))
            elif name not in (*own, *optional) and row.get(name):
                wrong.add((level, name, True))
    for level, name, is_filled in sorted(wrong):
        state = "filled" if is_filled else "blank"
        yield pair.report_failure(10, f"{name} is {state} on rows of {level}")
    if any(
        row["geographic_level"] == "Local authority" and not row.get("region_code", "")
        for row in pair.rows
    ):
        yield pair.report_warning(10, "the region is blank on rows of Local authority")


def _check_names(pair: Pair) -> Iterator[Finding]:
    for code, name in CODES_AND_NAMES:
        if code not in pair.columns or name not in pair.columns:
            continue
        pairs = {(row[code], row[name]) for row in pair.rows if row[code] or row[name]}
        # An authority may have two codes for one name, because its ONS code changes with its
        # boundary.
        sides = [(code, 0)] if code == "new_la_code" else [(code, 0), (name, 1)]
        for column, side in sides:
            for value, count in Counter(texts[side] for texts in sorted(pairs)).items():
                if count > 1:
                    text = f"the {column} '{value}' goes with {count} others"
                    yield pair.report_failure(10, text)
        if any((texts[0] == "x") != (texts[1] == NOT_AVAILABLE) for texts in pairs):
            yield pair.report_failure(10, f"the {code} x goes with the name Not available alone")


def _check_look_up(pair: Pair) -> Iterator[Finding]:
    authorities, regions = _read_look_up()
    for row in _list_distinct(pair, "old_la_code", "new_la_code", "la_name"):
        if row[0] and row not in authorities:
            yield pair.report_failure(
                10, f"authority {row[0]} {row[1]} is not in the look-up by its name"
            )
    for code, name in _list_distinct(pair, "region_code", "region_name"):
        if code and regions.get(code) != name:
            yield pair.report_failure(10, f"region {code} is not in the look-up by its name")
    if any(row != ENGLAND for row in _list_distinct(pair, "country_code", "country_name")):
        yield pair.report_failure(10, "a country is not England by its code and name")


def _list_distinct(pair: Pair, *columns: str) -> list[tuple[str, ...]]:
    if not set(columns) <= set(pair.columns):
        return []
    return sorted({tuple(row[name] for name in columns) for row in pair.rows})


@cache
def _read_look_up() -> tuple[set[tuple[str, ...]], dict[str, str]]:
    with AUTHORITIES_FILE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    authorities: set[tuple[str, ...]] = {
        (row["authority_code_dfe"], row["authority_code_ons"], row["authority_name"])
        for row in rows
    }
    regions = {row["region_code_ons"]: row["region_name"] for row in rows}
    return authorities, {**regions, LONDON[0]: LONDON[1]}
