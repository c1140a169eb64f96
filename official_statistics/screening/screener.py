"""The rules of the platform's screener, by their numbers in the specification (section 6).

Rule 10, on places, is in `geographic_levels`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from official_statistics.screening.geographic_levels import screen_places
from official_statistics.screening.pair import (
    GEOGRAPHY_COLUMNS,
    MANDATORY,
    TIME_COLUMNS,
    Finding,
    Pair,
)

META_COLUMNS = (
    "col_name",
    "col_type",
    "label",
    "indicator_grouping",
    "indicator_unit",
    "indicator_dp",
    "filter_hint",
    "filter_grouping_column",
)
OPTIONAL_META_COLUMNS = ("filter_default", "parent_filter")
UNITS = ("", "%", "pp", "£", "£m", "numberstring")
FILTER_ITEM_WORDS = (
    *("male", "female", "asian", "chinese", "indian", "pakistani", "bangladeshi", "black"),
    *("african", "caribbean", "white", "roma", "irish", "english", "british", "scottish"),
    *("welsh", "arab"),
)
# A filter is taken for a geographic column if its name begins with one of these prefixes and ends
# with a key word. It is also taken for one if the name is itself a key word or a name of places.
PLACE_PREFIXES = (
    *("country", "reg", "la", "local", "pfa", "pcon", "ward", "lep", "mca", "oa", "rsc"),
    *("opportunity", "english_devolved", "sch", "prov", "inst", "estab", "trust", "sponsor", "mat"),
)
KEY_WORDS = ("name", "code", "id", "number", "urn", "ukprn", "upin")
PLACE_NAMES = (
    *("region", "la", "lad", "pcon", "ward", "lep", "mca", "oa", "rsc", "mat", "sch", "school"),
    *("schools", "prov", "provider", "providers", "inst", "institution", "estab", "laestab"),
)
LIKE_GEOGRAPHY = re.compile(
    f"({'|'.join(PLACE_PREFIXES)}).*({'|'.join(KEY_WORDS)})|{'|'.join(KEY_WORDS + PLACE_NAMES)}",
    re.IGNORECASE,
)
NULL_VALUES = {"NULL", "Null", "null", "NA", "na"}
NO_INDICATOR_VALUES = {"", "~", ":"}
POOR_VALUES = {"N/A", "n/a", "..", "-", "."}
COLUMN_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
MAX_ITEMS = 25_000
ETHNICITY_FILTERS = (
    "ethnicity_major",
    "ethnicity_minor",
    "ethnicity_detailed",
    "minority_ethnic",
)
ETHNICITIES = {
    "White",
    "Mixed / Multiple ethnic groups",
    "Asian / Asian British",
    "Black / African / Caribbean / Black British",
    "Other ethnic group",
    "Unknown",
    "Total",
}
SEXES = {"Female", "Male", "Unknown", "Total"}
RESERVED_WORDS = (
    *("ethnic", "sen_", "primary_need", "secondary_need", "establishment_type", "school_type"),
    *("provider_type", "phase"),
)
STANDARD_NAMES = (
    *ETHNICITY_FILTERS,
    *("sen_status", "sen_primary_need", "sen_secondary_need", "sen_provision"),
    *("establishment_type", "establishment_type_group", "provider_type", "education_phase"),
)


def screen_pair(pair: Pair) -> list[Finding]:
    """Return all failures and warnings about a pair of files, in the order of the rules."""
    if not pair.data or not pair.meta:
        return [pair.report_failure(1, "the data file or its meta file is missing")]
    ragged = [
        name for name, rows in (("data", pair.data), ("meta", pair.meta)) if _has_ragged_rows(rows)
    ]
    if ragged:
        return [
            pair.report_failure(2, f"rows of the {name} file differ in length") for name in ragged
        ]
    rules: tuple[Callable[[Pair], Iterator[Finding]], ...] = (
        _check_file_name,
        _check_meta_columns,
        _check_described_columns,
        _check_column_names,
        _check_meta_texts,
        _check_meta_names,
        _check_meta_rows,
        _check_groups,
        _check_time,
        _check_filters,
        screen_places,
        _check_duplicates,
        _check_values,
        _check_standard_filters,
        _check_lengths,
    )
    return [finding for rule in rules for finding in rule(pair)]


def _has_ragged_rows(rows: Sequence[Sequence[str]]) -> bool:
    return len({len(row) for row in rows}) > 1


def _check_file_name(pair: Pair) -> Iterator[Finding]:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", pair.name):
        yield pair.report_failure(1, "the file's name has something but letters, digits, _ and -")
    if len(pair.name) > 150:
        yield pair.report_failure(1, "the file's name is longer than 150 characters")


def _check_meta_columns(pair: Pair) -> Iterator[Finding]:
    columns = list(pair.meta[0])
    missing = [name for name in META_COLUMNS if name not in columns]
    added = [name for name in columns if name not in META_COLUMNS + OPTIONAL_META_COLUMNS]
    if missing:
        yield pair.report_failure(2, f"the meta file lacks {', '.join(missing)}")
    if added:
        yield pair.report_failure(2, f"the meta file has {', '.join(added)}")
    if lacking := [name for name in MANDATORY if name not in pair.columns]:
        yield pair.report_failure(2, f"the data file lacks {', '.join(lacking)}")
    if len(pair.meta_rows) > len(pair.columns) - len(MANDATORY):
        yield pair.report_failure(
            2, "the meta file has more rows than the data file has such columns"
        )


def _check_described_columns(pair: Pair) -> Iterator[Finding]:
    described = {row.get("col_name", "") for row in pair.meta_rows}
    for name in sorted(described - set(pair.columns)):
        yield pair.report_failure(3, f"{name} is in the meta file alone")
    for name in pair.columns:
        if name in described or name in GEOGRAPHY_COLUMNS + TIME_COLUMNS:
            continue
        if len({row[name] for row in pair.rows}) > 1:
            yield pair.report_warning(3, f"{name} is not in the meta file and has several values")


def _check_column_names(pair: Pair) -> Iterator[Finding]:
    for name in pair.columns:
        if " " in name:
            yield pair.report_failure(4, f"the column '{name}' has a space")
        elif not COLUMN_NAME.match(name):
            yield pair.report_warning(4, f"the column {name} is not lower case, digits and _")
        if name == "characteristic":
            yield pair.report_warning(4, "a column is called characteristic")
    for name, count in Counter(pair.columns).items():
        if count > 1:
            yield pair.report_failure(4, f"the column {name} is there {count} times")
    for name in pair.indicators:
        if words := [word for word in FILTER_ITEM_WORDS if word in name.lower()]:
            yield pair.report_failure(
                4, f"the indicator {name} has a filter's item in it: {words[0]}"
            )


def _check_meta_texts(pair: Pair) -> Iterator[Finding]:
    for column in ("col_name", "label"):
        values = [row.get(column, "") for row in pair.meta_rows]
        if "" in values:
            yield pair.report_failure(5, f"a {column} is blank")
        for value, count in Counter(values).items():
            if count > 1 and value:
                yield pair.report_failure(5, f"the {column} '{value}' is there {count} times")


def _check_meta_names(pair: Pair) -> Iterator[Finding]:
    for row in pair.meta_rows:
        name, kind = row.get("col_name", ""), row.get("col_type", "")
        if kind not in ("Filter", "Indicator"):
            yield pair.report_failure(5, f"the col_type of {name} is '{kind}'")
        if name in GEOGRAPHY_COLUMNS + TIME_COLUMNS:
            yield pair.report_failure(5, f"{name} is a column of time or place")
        elif kind == "Filter":
            names = (name, row.get("filter_grouping_column", ""))
            for column in filter(LIKE_GEOGRAPHY.fullmatch, names):
                yield pair.report_failure(5, f"the filter {column} looks like a column of place")
        if " " in name:
            yield pair.report_failure(5, f"the col_name '{name}' has a space")


def _check_meta_rows(pair: Pair) -> Iterator[Finding]:
    for row in pair.meta_rows:
        name = row.get("col_name", "")
        dp, unit = row.get("indicator_dp", ""), row.get("indicator_unit", "")
        if row.get("col_type") == "Filter":
            for column in ("indicator_grouping", "indicator_unit", "indicator_dp"):
                if row.get(column):
                    yield pair.report_failure(6, f"the filter {name} has an {column}")
            continue
        for column in ("filter_hint", "filter_grouping_column", "filter_default"):
            if row.get(column):
                yield pair.report_failure(6, f"the indicator {name} has a {column}")
        if unit not in UNITS:
            yield pair.report_failure(6, f"the unit of {name} is '{unit}'")
        if not dp:
            yield pair.report_warning(6, f"the indicator {name} has no indicator_dp")
        elif not dp.isdigit():
            yield pair.report_failure(6, f"the indicator_dp of {name} is '{dp}'")


def _check_groups(pair: Pair) -> Iterator[Finding]:
    named = Counter(
        row["filter_grouping_column"] for row in pair.meta_rows if row.get("filter_grouping_column")
    )
    for name, count in named.items():
        if count > 1:
            yield pair.report_failure(7, f"{name} groups {count} filters")
        if name not in pair.columns:
            yield pair.report_failure(7, f"the grouping column {name} is not in the data")
            continue
        if name not in pair.list_columns("Filter"):
            yield pair.report_warning(7, f"the grouping column {name} has no row in the meta file")
        grouped = next(
            row["col_name"] for row in pair.meta_rows if row.get("filter_grouping_column") == name
        )
        values = {row[name] for row in pair.rows}
        if grouped in pair.columns and len(values) > len({row[grouped] for row in pair.rows}):
            yield pair.report_failure(7, f"{name} has more values than {grouped}, which it groups")
        if len({re.sub(r"[^\w\s]", "", value) for value in values}) != len(values):
            yield pair.report_failure(7, f"two values of {name} are one without their punctuation")


FOUR_DIGITS = re.compile(
    r"^(Reporting year|Calendar year|Week \d{1,2}|January|February|March|April|May|June|July"
    r"|August|September|October|November|December)$"
)
SIX_DIGITS = re.compile(
    r"^(Academic year|Financial year|Tax year)( Q[1-4](-Q?[1-4])?)?$"
    r"|^(Autumn|Spring|Summer|Autumn and spring) term$|^Part [12] \(.+\)$"
)


def _check_time(pair: Pair) -> Iterator[Finding]:
    if not set(TIME_COLUMNS) <= set(pair.columns):
        return
    kinds = {row["time_identifier"] for row in pair.rows}
    for kind in sorted(kinds):
        if not (FOUR_DIGITS.match(kind) or SIX_DIGITS.match(kind)):
            yield pair.report_failure(8, f"the time_identifier '{kind}' is unknown")
    if len({re.sub(r"\d+", "", kind) for kind in kinds}) > 1:
        yield pair.report_failure(8, "the file has several kinds of time_identifier")
    for period, kind in sorted({(row["time_period"], row["time_identifier"]) for row in pair.rows}):
        if not period.isdigit():
            yield pair.report_failure(8, f"the time_period '{period}' is not digits alone")
        elif FOUR_DIGITS.match(kind) and len(period) != 4:
            yield pair.report_failure(8, f"the time_period {period} has not four digits")
        elif SIX_DIGITS.match(kind) and not _is_consecutive(period):
            yield pair.report_failure(8, f"the time_period {period} is not two years in a row")


def _is_consecutive(period: str) -> bool:
    return len(period) == 6 and (int(period[2:4]) + 1) % 100 == int(period[4:])


def _check_filters(pair: Pair) -> Iterator[Finding]:
    defaults = {row["col_name"]: row.get("filter_default", "") for row in pair.meta_rows}
    for name in pair.filters:
        values = {row[name] for row in pair.rows}
        if len(values) < 2:
            yield pair.report_failure(9, f"the filter {name} has fewer than two values")
        if "" in values:
            yield pair.report_failure(9, f"the filter {name} is blank somewhere")
        if any(value != value.strip() for value in values):
            yield pair.report_failure(9, f"a value of {name} begins or ends with a space")
        if len(values) > MAX_ITEMS:
            yield pair.report_failure(9, f"the filter {name} has more than {MAX_ITEMS} values")
        if "Total" not in values and not defaults.get(name):
            yield pair.report_warning(9, f"the filter {name} has neither a Total nor a default")
        if (default := defaults.get(name)) and default not in values:
            yield pair.report_failure(9, f"the default of {name} is not one of its values")


def _check_duplicates(pair: Pair) -> Iterator[Finding]:
    keys = [name for name in pair.columns if name not in pair.indicators]
    counts = Counter(tuple(row[name] for name in keys) for row in pair.rows)
    if repeated := sum(1 for count in counts.values() if count > 1):
        yield pair.report_failure(
            11, f"{repeated} combinations of time, place and filters are repeated"
        )


def _check_values(pair: Pair) -> Iterator[Finding]:
    """Yield columns of both files that contain a word or sign for a missing value."""
    for name in pair.columns:
        values = {row[name].strip() for row in pair.rows}
        for value in sorted(values & NULL_VALUES):
            yield pair.report_failure(12, f"{name} has the value {value}")
        for value in sorted(values & POOR_VALUES):
            yield pair.report_warning(12, f"{name} is '{value}' somewhere")
        if name in pair.indicators:
            for value in sorted(values & NO_INDICATOR_VALUES):
                yield pair.report_failure(
                    12, f"the indicator {name} is blank or '{value}' somewhere"
                )
    for row in pair.meta_rows:
        for column, value in row.items():
            if value in NULL_VALUES:
                text = f"the {column} of {row['col_name']} is {value}"
                yield pair.report_failure(12, text)


def _check_standard_filters(pair: Pair) -> Iterator[Finding]:
    standard = {"ethnicity_major": ETHNICITIES, "sex": SEXES}
    for name in pair.columns:
        if name in standard and {row[name] for row in pair.rows} - standard[name]:
            yield pair.report_failure(13, f"{name} has items that are not the standard's")
        if name in STANDARD_NAMES:
            continue
        if words := [word for word in RESERVED_WORDS if word in name.lower()]:
            yield pair.report_failure(13, f"the column {name} has {words[0]} in its name")


def _check_lengths(pair: Pair) -> Iterator[Finding]:
    for name in pair.columns:
        if len(name) > 50:
            yield pair.report_warning(14, f"the column {name} is longer than 50 characters")
    for row in pair.meta_rows:
        if len(row.get("label", "")) > 80:
            yield pair.report_warning(
                14, f"the label of {row['col_name']} is longer than 80 characters"
            )
    for name in pair.columns:
        if name in pair.indicators:
            continue
        most = 30 if name.endswith("_code") else 120
        if any(len(row[name]) > most for row in pair.rows):
            yield pair.report_warning(14, f"a value of {name} is longer than {most} characters")
