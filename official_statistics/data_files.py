"""The public files of a data set, to the byte: `<name>.csv` and `<name>.meta.csv`.

UTF-8, LF, comma, quotes only where needed; rows and columns in one order. Which figures there are
belongs to `derived` and `protection`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from official_statistics.data_sets import Combination, DataSet, Filter, Indicator
from official_statistics.derived import LinkageRates, Place, derived_figure
from official_statistics.public_figures import Figure
from official_statistics.shown import Area, ShownCounts, places_of
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
    """What the files of a release are made of: places, shown counts and the clerical sample.

    `sample` has precision and recall of the linkage by row of `linkage_quality` (0-1).
    """

    areas: tuple[Area, ...]
    counts: ShownCounts
    low_denominator: int
    sample: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    rates: LinkageRates | None = None


def geography_columns(data_set: DataSet) -> tuple[str, ...]:
    """Return the columns of time and place that the levels of a data set need."""
    levels = set(data_set.levels)
    columns = [*TIME_AND_COUNTRY]
    if {"Regional", "Local authority"} & levels:
        columns += REGION
    if "Local authority" in levels:
        columns += AUTHORITY
    if "Police force area" in levels:
        columns += FORCE
    return tuple(columns)


def data_columns(data_set: DataSet) -> tuple[str, ...]:
    """Return the columns of a data file in their order."""
    return (
        *geography_columns(data_set),
        *(one.name for one in data_set.filters),
        *(one.name for one in data_set.indicators),
    )


def data_table(data_set: DataSet, release: Release) -> Table:
    """Return the data file: its columns, then every place, year and combination of items."""
    rows: Table = [list(data_columns(data_set))]
    combinations = tuple(data_set.combinations())
    for area in places_of(data_set, release.areas):
        geography = _geography(data_set, area)
        for combination, figures in _figures(data_set, area, combinations, release):
            rows.append([*geography, *combination.values.values(), *figures])
    return rows


def meta_table(data_set: DataSet) -> Table:
    """Return the meta file: one row a filter and an indicator."""
    rows: Table = [list(META_COLUMNS)]
    grouping = {one.groups: one.name for one in data_set.filters if one.groups}
    for one in data_set.filters:
        rows.append(_filter_row(one, grouping.get(one.name, "")))
    for indicator in data_set.indicators:
        dp = str(indicator.dp)
        rows.append(
            [indicator.name, "Indicator", indicator.label, "", indicator.unit, dp, "", "", ""]
        )
    return rows


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as the bytes of a file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerows(safe_row(row) for row in rows)
    return text.getvalue().encode("utf-8")


def write_files(data_sets: Iterable[DataSet], release: Release, folder: Path) -> list[Path]:
    """Write every pair of files into `folder`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for data_set in data_sets:
        tables = {
            f"{data_set.name}.csv": data_table(data_set, release),
            f"{data_set.name}.meta.csv": meta_table(data_set),
        }
        for name, rows in tables.items():
            path = folder / name
            path.write_bytes(as_csv(rows))
            written.append(path)
    return written


def read_table(path: Path) -> Table:
    """Return the rows of a public file as texts, its columns first."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def _filter_row(one: Filter, grouping: str) -> list[str]:
    return [one.name, "Filter", one.label, "", "", "", one.hint, grouping, one.default or ""]


def _geography(data_set: DataSet, area: Area) -> list[str]:
    """The columns of time and place of one row; whatever its level does not have is empty."""
    known = dict(zip(TIME_AND_COUNTRY, _time_and_country(area), strict=True))
    if area.level == "Regional":
        known |= dict(zip(REGION, (area.code, area.name), strict=True))
    elif area.level == "Local authority":
        known |= dict(zip(REGION, (area.parent_code, area.parent_name), strict=True))
        known |= dict(zip(AUTHORITY, (area.code, area.code_ons, area.name), strict=True))
    elif area.level == "Police force area":
        known |= dict(zip(FORCE, (area.code, area.name), strict=True))
    return [known.get(column, "") for column in geography_columns(data_set)]


def _time_and_country(area: Area) -> tuple[str, ...]:
    return (str(area.reporting_year), TIME_IDENTIFIER, area.level, *COUNTRY)


def _figures(
    data_set: DataSet, area: Area, combinations: Sequence[Combination], release: Release
) -> Iterator[tuple[Combination, list[str]]]:
    place = Place(release.counts.lookup(area), release.low_denominator, release.rates)
    for combination in combinations:
        yield (
            combination,
            [
                _figure(data_set, indicator, combination, place, release).text
                for indicator in data_set.indicators
            ],
        )


def _figure(
    data_set: DataSet,
    indicator: Indicator,
    combination: Combination,
    place: Place,
    release: Release,
) -> Figure:
    if indicator.is_count:
        return place.shown(data_set.name, combination.values, indicator.name)
    if name := indicator.made.get("sample"):
        return _sample_figure(combination, name, indicator.dp, place, release)
    return derived_figure(data_set, indicator, combination.values, place)


def _sample_figure(
    combination: Combination, name: str, dp: int, place: Place, release: Release
) -> Figure:
    """A figure of the clerical sample: hidden with the number of pairs that it rests on."""
    pairs = place.shown("linkage_quality", combination.values, "sample_pair_count")
    if pairs.symbol is not None:
        return pairs
    if pairs.count < release.low_denominator:
        return Figure(symbol="u", dp=dp)
    value = release.sample.get(combination.filter_values, {}).get(name)
    return Figure(symbol="x", dp=dp) if value is None else Figure(100 * value, None, dp)
