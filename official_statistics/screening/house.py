"""Rule 15: our own rules, which compare a data file with the description of its data set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from official_statistics.data_files import build_meta_table, encode_csv, list_data_columns
from official_statistics.data_sets import DataSet
from official_statistics.public_figures import AREA_CODE_COLUMNS, LEVELS, SYMBOLS
from official_statistics.release_rules import Rules, get_rounding_unit
from official_statistics.screening.pair import Finding, Pair

RULE = 15
MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 1_048_576
NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
SMALLEST_COUNT = 10


def screen_house(pair: Pair, data_set: DataSet, rules: Rules) -> list[Finding]:
    """Return the breaches of our own rules in a pair of files."""
    if tuple(pair.columns) != list_data_columns(data_set):
        return [
            pair.report_failure(RULE, "the columns are not those of the data set, in its order")
        ]
    faults = (
        *_check_bytes(pair, data_set),
        *_check_order(pair, data_set),
        *_check_symbols(pair, data_set),
        *_check_counts(pair, data_set, rules),
        *_check_ratios(pair, data_set),
        *_check_limits(pair, data_set),
    )
    return [pair.report_failure(RULE, fault) for fault in faults]


def _check_bytes(pair: Pair, data_set: DataSet) -> Iterator[str]:
    if [list(row) for row in pair.meta] != build_meta_table(data_set):
        yield "the meta file is not that of the data set"
    if len(pair.data) > MAX_ROWS:
        yield f"the file has more than {MAX_ROWS} rows"
    if pair.path is None:
        return
    meta_path = pair.path.with_name(f"{pair.name}.meta.csv")
    for path, rows in ((pair.path, pair.data), (meta_path, pair.meta)):
        content = path.read_bytes()
        if content != encode_csv(rows):
            yield f"the bytes of {path.name} are not as every file is written"
        if len(content) > MAX_BYTES:
            yield f"{path.name} is over 10 MB"


def _check_order(pair: Pair, data_set: DataSet) -> Iterator[str]:
    """Yield areas and years that are out of order or lack a combination of items."""
    combinations = [tuple(row.values.values()) for row in data_set.combinations()]
    filters = [part.name for part in data_set.filters]
    items_by_place: dict[tuple[int, int, str], list[tuple[str, ...]]] = {}
    places = []
    for row in pair.rows:
        level = row["geographic_level"]
        place = (-int(row["time_period"]), LEVELS.index(level), row[AREA_CODE_COLUMNS[level]])
        items_by_place.setdefault(place, []).append(tuple(row[name] for name in filters))
        places.append(place)
    if places != sorted(places):
        yield "the rows are not in the order of year, level and area code"
    for (year, level_number, code), items in items_by_place.items():
        if items != combinations:
            area = f"{LEVELS[level_number]} {code} in {-year}"
            yield f"{area} has not every combination in its order"


def _check_symbols(pair: Pair, data_set: DataSet) -> Iterator[str]:
    for indicator in data_set.indicators:
        for row in pair.rows:
            text, place = row[indicator.name], _describe_place(row)
            if text in SYMBOLS:
                if text == "low" and indicator.unit != "%":
                    yield f"{indicator.name} is low at {place}"
            elif not NUMBER.match(text):
                yield f"{indicator.name} is no number at {place}"
            elif len(text.partition(".")[2]) != indicator.dp:
                yield f"{indicator.name} has not {indicator.dp} decimals at {place}"


def _check_counts(pair: Pair, data_set: DataSet, rules: Rules) -> Iterator[str]:
    for indicator in data_set.counts:
        if indicator.of == "periods":
            continue
        for row in pair.rows:
            if not row[indicator.name].isdigit():
                continue
            count = int(row[indicator.name])
            if (
                count % get_rounding_unit(rules, row["geographic_level"])
                or 0 < count < SMALLEST_COUNT
            ):
                yield f"{indicator.name} is not rounded as it must be at {_describe_place(row)}"


def _check_ratios(pair: Pair, data_set: DataSet) -> Iterator[str]:
    """Yield ratios that are shown although a count behind them is hidden."""
    names = {indicator.name for indicator in data_set.indicators}
    for indicator in data_set.indicators:
        sources = [*indicator.derivation.values(), *indicator.derivation.get("per", ())]
        for source in sources:
            if not isinstance(source, str) or source not in names:
                continue
            for row in pair.rows:
                if row[source] == "c" and NUMBER.match(row[indicator.name]):
                    place = _describe_place(row)
                    yield f"{indicator.name} is shown and {source} hidden at {place}"


def _check_limits(pair: Pair, data_set: DataSet) -> Iterator[str]:
    names = {indicator.name for indicator in data_set.indicators}
    for name in sorted(names):
        columns = (f"{name}_lower", name, f"{name}_upper")
        if not set(columns) <= names:
            continue
        for row in pair.rows:
            texts = [row[column] for column in columns]
            numbers = [float(text) for text in texts if NUMBER.match(text)]
            if len(numbers) == len(columns) and numbers != sorted(numbers):
                yield f"{name} is outside its limits at {_describe_place(row)}"


def _describe_place(row: Mapping[str, str]) -> str:
    level = row["geographic_level"]
    return f"{row['time_period']} {level} {row[AREA_CODE_COLUMNS[level]]}"
