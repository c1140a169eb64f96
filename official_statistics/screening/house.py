"""Rule 15: our own rules for a pair of files, by the description of its data set (section 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from official_statistics.data_files import as_csv, data_columns, meta_table
from official_statistics.data_sets import DataSet, Indicator
from official_statistics.public_figures import SYMBOLS
from official_statistics.screening.pair import Finding, Pair
from official_statistics.shown import LEVELS

RULE = 15
MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 1_048_576
NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
# Of each level, the unit to which its counts are rounded.
SMALL_LEVELS = ("Local authority", "Police force area")
UNROUNDED = ("periods",)
LEAST_COUNT = 10
CODES = {
    "National": "country_code",
    "Regional": "region_code",
    "Local authority": "old_la_code",
    "Police force area": "pfa_code",
}


def screen_house(pair: Pair, data_set: DataSet, units: Mapping[str, int]) -> list[Finding]:
    """Return what a pair breaks of our own rules.

    `units` are the rounding units by level of place: `authority` and `area`.
    """
    if tuple(pair.columns) != data_columns(data_set):
        return [pair.failure(RULE, "the columns are not those of the data set, in its order")]
    return [
        *_bytes(pair, data_set),
        *_order(pair, data_set),
        *_symbols(pair, data_set),
        *_counts(pair, data_set, units),
        *_ratios(pair, data_set),
        *_limits(pair, data_set),
    ]


def _bytes(pair: Pair, data_set: DataSet) -> Iterator[Finding]:
    if [list(row) for row in pair.meta] != meta_table(data_set):
        yield pair.failure(RULE, "the meta file is not that of the data set")
    if len(pair.data) > MOST_ROWS:
        yield pair.failure(RULE, f"the file has more than {MOST_ROWS} rows")
    if pair.path is None:
        return
    for path, rows in (
        (pair.path, pair.data),
        (pair.path.with_name(f"{pair.name}.meta.csv"), pair.meta),
    ):
        found = path.read_bytes()
        if found != as_csv(rows):
            yield pair.failure(RULE, f"the bytes of {path.name} are not as every file is written")
        if len(found) > MOST_BYTES:
            yield pair.failure(RULE, f"{path.name} is over 10 MB")


def _order(pair: Pair, data_set: DataSet) -> Iterator[Finding]:
    """Places in their order, each with every combination of items in theirs."""
    wanted = [tuple(one.values.values()) for one in data_set.combinations()]
    filters = [one.name for one in data_set.filters]
    places: dict[tuple[int, int, str], list[tuple[str, ...]]] = {}
    keys = []
    for row in pair.rows:
        level = row["geographic_level"]
        place = (-int(row["time_period"]), LEVELS.index(level), row[CODES[level]])
        places.setdefault(place, []).append(tuple(row[name] for name in filters))
        keys.append(place)
    if keys != sorted(keys):
        yield pair.failure(RULE, "the rows are not in the order of year, level and area code")
    incomplete = [place for place, rows in places.items() if rows != wanted]
    for year, level_number, code in incomplete:
        yield pair.failure(
            RULE, f"{LEVELS[level_number]} {code} in {-year} has not every combination in its order"
        )


def _symbols(pair: Pair, data_set: DataSet) -> Iterator[Finding]:
    for indicator in data_set.indicators:
        for row in pair.rows:
            text = row[indicator.name]
            if text in SYMBOLS:
                if text == "low" and indicator.unit != "%":
                    yield pair.failure(RULE, f"{indicator.name} is low at {_place(row)}")
                continue
            if not NUMBER.match(text):
                yield pair.failure(RULE, f"{indicator.name} is no number at {_place(row)}")
            elif len(text.partition(".")[2]) != indicator.dp:
                yield pair.failure(
                    RULE, f"{indicator.name} has not {indicator.dp} decimals at {_place(row)}"
                )


def _counts(pair: Pair, data_set: DataSet, units: Mapping[str, int]) -> Iterator[Finding]:
    for indicator in data_set.counts:
        if indicator.of in UNROUNDED:
            continue
        for row in pair.rows:
            if not row[indicator.name].isdigit():
                continue
            count = int(row[indicator.name])
            unit = units["authority" if row["geographic_level"] in SMALL_LEVELS else "area"]
            if count % unit or 0 < count < LEAST_COUNT:
                yield pair.failure(
                    RULE, f"{indicator.name} is not rounded as it must be at {_place(row)}"
                )


def _ratios(pair: Pair, data_set: DataSet) -> Iterator[Finding]:
    """No ratio is shown where a count of the same row that it is made of is hidden."""
    for indicator in data_set.indicators:
        for source in _sources(data_set, indicator):
            for row in pair.rows:
                if row[source] == "c" and NUMBER.match(row[indicator.name]):
                    yield pair.failure(
                        RULE, f"{indicator.name} is shown and {source} hidden at {_place(row)}"
                    )


def _sources(data_set: DataSet, indicator: Indicator) -> list[str]:
    names = {one.name for one in data_set.indicators}
    found = [str(value) for value in indicator.made.values() if isinstance(value, str)]
    return [name for name in found if name in names]


def _limits(pair: Pair, data_set: DataSet) -> Iterator[Finding]:
    names = {one.name for one in data_set.indicators}
    for name in sorted(names):
        ends = (f"{name}_lower", f"{name}_upper")
        if not set(ends) <= names:
            continue
        for row in pair.rows:
            values = [row[one] for one in (ends[0], name, ends[1])]
            if not all(NUMBER.match(value) for value in values):
                continue
            lower, value, upper = (float(text) for text in values)
            if not lower <= value <= upper:
                yield pair.failure(RULE, f"{name} is outside its limits at {_place(row)}")


def _place(row: Mapping[str, str]) -> str:
    level = row["geographic_level"]
    return f"{row['time_period']} {level} {row[CODES[level]]}"
