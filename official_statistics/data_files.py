"""Writing of the public files of a data set, `<name>.csv` and `<name>.meta.csv`.

The same figures always give the same bytes: UTF-8, LF and commas, quotes only where needed, and a
fixed order of rows and columns. Figures come from `derived_figures` and `protection`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from official_statistics.data_sets import Combination, DataSet, Indicator
from official_statistics.derived_figures import LinkageRates, Place, derive_figure
from official_statistics.public_figures import Area, Figure, ShownCounts, select_areas
from register.spreadsheet import safe_row

COUNTRY = ("E92000001", "England")
TIME_IDENTIFIER = "Reporting year"
TIME_AND_COUNTRY = (
    "time_period",
    "time_identifier",
    "geographic_level",
    "country_code",
    "country_name",
)
REGION = ("region_code", "region_name")
AUTHORITY = ("old_la_code", "new_la_code", "la_name")
FORCE = ("pfa_code", "pfa_name")
META_COLUMNS = (
    "col_name",
    "col_type",
    "label",
    "indicator_grouping",
    "indicator_unit",
    "indicator_dp",
    "filter_hint",
    "filter_grouping_column",
    "filter_default",
)
Table = list[list[str]]


@dataclass(frozen=True)
class Release:
    """The inputs of a release's files: areas, shown counts and results of the clerical sample.

    `sample` has the precision and recall of the linkage (0-1) for each row of `linkage_quality`.
    `populations` has the number of children who live in an area, by year, level and code. A ratio
    with a denominator below `low_denominator` is not shown. Counts are rounded to the unit of their
    level in `rounding_units`, and none below `smallest_shown` is shown, except 0.
    """

    areas: tuple[Area, ...]
    counts: ShownCounts
    low_denominator: int
    sample: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    rates: LinkageRates | None = None
    populations: Mapping[tuple[int, str, str], int] = field(default_factory=dict)
    rounding_units: Mapping[str, int] = field(default_factory=dict)
    smallest_shown: int = 1


def list_data_columns(data_set: DataSet) -> tuple[str, ...]:
    """Return the columns of a data file in order."""
    return (*_geography_columns(data_set), *(column.name for column in data_set.columns))


def _geography_columns(data_set: DataSet) -> tuple[str, ...]:
    """Return the columns of time and geography that the levels of a data set need."""
    levels = set(data_set.levels)
    columns = [*TIME_AND_COUNTRY]
    if {"Regional", "Local authority"} & levels:
        columns += REGION
    if "Local authority" in levels:
        columns += AUTHORITY
    if "Police force area" in levels:
        columns += FORCE
    return tuple(columns)


def build_data_table(data_set: DataSet, release: Release) -> Table:
    """Return a data file: column names, then a row for each area, year and combination of items."""
    rows: Table = [list(list_data_columns(data_set))]
    combinations = tuple(data_set.combinations())
    for area in select_areas(data_set, release.areas):
        geography = _describe_area(data_set, area)
        find_count = release.counts.select_place(area)
        population = release.populations.get((area.reporting_year, area.level, area.code))
        place = Place(
            find_count,
            release.low_denominator,
            release.rates,
            population,
            release.rounding_units.get(area.level, 1),
            release.smallest_shown,
        )
        for combination in combinations:
            figures = [
                _build_figure(data_set, indicator, combination, place, release).text
                for indicator in data_set.indicators
            ]
            rows.append([*geography, *combination.values.values(), *figures])
    return rows


def build_meta_table(data_set: DataSet) -> Table:
    """Return the metadata file, with a row for each filter and indicator."""
    rows: Table = [list(META_COLUMNS)]
    for part in data_set.filters:
        grouping = data_set.find_grouping(part.name) or ""
        default = part.default or ""
        rows.append([part.name, "Filter", part.label, "", "", "", part.hint, grouping, default])
    for indicator in data_set.indicators:
        unit_and_decimals = [indicator.unit, str(indicator.dp)]
        rows.append(
            [indicator.name, "Indicator", indicator.label, "", *unit_and_decimals, *[""] * 3]
        )
    return rows


def encode_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows as the bytes of a CSV file that is safe to open in a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerows(safe_row(row) for row in rows)
    return text.getvalue().encode("utf-8")


def write_files(data_sets: Iterable[DataSet], release: Release, folder: Path) -> None:
    """Write the data file and the metadata file of each data set into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for data_set in data_sets:
        data, meta = build_data_table(data_set, release), build_meta_table(data_set)
        (folder / f"{data_set.name}.csv").write_bytes(encode_csv(data))
        (folder / f"{data_set.name}.meta.csv").write_bytes(encode_csv(meta))


def read_table(path: Path) -> Table:
    """Return the rows of a public file as texts, column names first; empty without the file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def _describe_area(data_set: DataSet, area: Area) -> list[str]:
    """Return the values of the time and geography columns in an area's row.

    Columns that do not apply to the area's geographic level are empty.
    """
    time_and_country = (str(area.reporting_year), TIME_IDENTIFIER, area.level, *COUNTRY)
    values = dict(zip(TIME_AND_COUNTRY, time_and_country, strict=True))
    if area.level == "Regional":
        values |= dict(zip(REGION, (area.code, area.name), strict=True))
    elif area.level == "Local authority":
        values |= dict(zip(REGION, (area.parent_code, area.parent_name), strict=True))
        values |= dict(zip(AUTHORITY, (area.code, area.code_ons, area.name), strict=True))
    elif area.level == "Police force area":
        values |= dict(zip(FORCE, (area.code, area.name), strict=True))
    return [values.get(column, "") for column in _geography_columns(data_set)]


def _build_figure(
    data_set: DataSet,
    indicator: Indicator,
    combination: Combination,
    place: Place,
    release: Release,
) -> Figure:
    if indicator.is_count:
        return place.find_count(data_set.name, combination.values, indicator.name)
    rate = indicator.derivation.get("sample")
    if rate is None:
        return derive_figure(data_set, indicator, combination.values, place)
    # Hide a figure of the clerical sample if the number of pairs that it is based on is hidden.
    pairs = place.find_count("linkage_quality", combination.values, "sample_pair_count")
    if pairs.symbol is not None:
        return pairs
    if pairs.count < release.low_denominator:
        return Figure(symbol="u", dp=indicator.dp)
    value = release.sample.get(combination.filter_values, {}).get(rate)
    if value is None:
        return Figure(symbol="x", dp=indicator.dp)
    return Figure(100 * value, dp=indicator.dp)
