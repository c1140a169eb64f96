"""One break of a small pair of files for every finding of the screener.

Each example has the rule that must find it and words of the finding. The table of
docs/reference/statistics/screener.md names them beside the checks of the platform's own screener.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from official_statistics.screening import Pair
from tests.statistics.screening_files import small_pair

Table = list[list[str]]
Change = Callable[[Table, Table], None]
NAME = "police_recording_by_area"
GROUPED = "missing_children_by_characteristic"
AREA, COUNT, FILTER = "geographic_level", "episode_count", "recording_force"


@dataclass(frozen=True)
class Example:
    """A change of a data set's pair, the rule that finds it and words of what it finds."""

    rule: int
    words: str
    change: Change
    data_set: str = NAME


def changed(change: Change, name: str = NAME) -> Pair:
    """Return the small pair of a data set after a change."""
    pair = small_pair(name)
    data, meta = [list(row) for row in pair.data], [list(row) for row in pair.meta]
    change(data, meta)
    return Pair(pair.name, data, meta)


def column(data: Table, name: str) -> int:
    """Return the place of a column."""
    return data[0].index(name)


def set_value(name: str, value: str, line: int = 1) -> Change:
    """Put a value into one row of the data file."""

    def change(data: Table, _: Table) -> None:
        data[line][column(data, name)] = value

    return change


def _put_all(name: str, value: str) -> Change:
    def change(data: Table, _: Table) -> None:
        for row in data[1:]:
            row[column(data, name)] = value

    return change


def _number_all(name: str, prefix: str, count: int) -> Change:
    def change(data: Table, _: Table) -> None:
        for number in range(count):
            data.append(list(data[1]))
            data[-1][column(data, name)] = f"{prefix}{number}"

    return change


def _meta(name: str, of: str, value: str) -> Change:
    def change(_: Table, meta: Table) -> None:
        row = next(row for row in meta if row[0] == name)
        row[meta[0].index(of)] = value

    return change


def _rename(old: str, new: str) -> Change:
    def change(data: Table, meta: Table) -> None:
        data[0][column(data, old)] = new
        for row in meta[1:]:
            row[0] = new if row[0] == old else row[0]

    return change


def _rename_item(old: str, new: str) -> Change:
    def change(data: Table, _: Table) -> None:
        for row in data[1:]:
            row[:] = [new if value == old else value for value in row]

    return change


def _add_column(name: str, *values: str) -> Change:
    def change(data: Table, _: Table) -> None:
        data[0].append(name)
        for number, row in enumerate(data[1:]):
            row.append(values[number % len(values)])

    return change


def _drop_column(name: str) -> Change:
    def change(data: Table, _: Table) -> None:
        at = column(data, name)
        for row in data:
            del row[at]

    return change


def _without_level(level: str, *rows: str) -> Change:
    """No row of a level, and of its columns those that are kept."""

    def change(data: Table, _: Table) -> None:
        at = column(data, AREA)
        data[1:] = [row for row in data[1:] if row[at] != level]
        for name in {"new_la_code", "old_la_code", "la_name"} - set(rows):
            _drop_column(name)(data, _)

    return change


def _both(*changes: Change) -> Change:
    def change(data: Table, meta: Table) -> None:
        for one in changes:
            one(data, meta)

    return change


def _repeat_row(data: Table, _: Table) -> None:
    data.append(list(data[1]))


def _drop_cell(data: Table, _: Table) -> None:
    data[1].pop()


def _no_rows(_: Table, meta: Table) -> None:
    meta.clear()


def _drop_meta_row(_: Table, meta: Table) -> None:
    del meta[1]


def _drop_topic(_: Table, meta: Table) -> None:
    meta[:] = [row for row in meta if row[0] != "breakdown_topic"]


def _add_meta_row(name: str = "nothing") -> Change:
    def change(_: Table, meta: Table) -> None:
        meta.append([name, "Filter", name.title(), *[""] * 6])

    return change


def _drop_meta_column(_: Table, meta: Table) -> None:
    for row in meta:
        del row[3]


def _add_meta_column(_: Table, meta: Table) -> None:
    for row in meta:
        row.append("colour" if row is meta[0] else "")


GROUPS = "filter_grouping_column"
UNKNOWN_GROUP = _meta(FILTER, GROUPS, "topic")
OTHER_SEX = _both(_rename(FILTER, "sex"), _put_all("sex", "Total"), set_value("sex", "Other"))
OTHER_GROUP = _both(
    _rename(FILTER, "ethnicity_major"),
    _put_all("ethnicity_major", "Total"),
    set_value("ethnicity_major", "Martian"),
)

EXAMPLES: dict[str, Example] = {
    # 1 and 2: files and their columns
    "no meta file": Example(1, "is missing", _no_rows),
    "short row": Example(2, "differ in length", _drop_cell),
    "meta column missing": Example(2, "the meta file lacks", _drop_meta_column),
    "meta column added": Example(2, "the meta file has colour", _add_meta_column),
    "mandatory column missing": Example(2, "the data file lacks", _drop_column("country_code")),
    "more meta rows than columns": Example(
        2, "more rows than", _both(*(_add_meta_row(f"more_{one}") for one in range(12)))
    ),
    # 3 and 4: names of columns
    "meta row without a column": Example(3, "in the meta file alone", _add_meta_row()),
    "filter not described": Example(3, "is not in the meta file", _drop_meta_row),
    "space in a name": Example(4, "has a space", _rename(COUNT, "episode count")),
    "upper case": Example(4, "is not lower case", _rename(COUNT, "Episode_count")),
    "name that begins with a digit": Example(4, "is not lower case", _rename(COUNT, "1_count")),
    "column twice": Example(4, "is there 2 times", _add_column(COUNT, "100")),
    "called characteristic": Example(4, "characteristic", _rename(FILTER, "characteristic")),
    "a filter's item in an indicator": Example(
        4, "item in it: arab", _rename(COUNT, "comparable_count")
    ),
    "another filter's item": Example(4, "item in it", _rename(COUNT, "Bangladeshi_count")),
    # 5: rows of the meta file
    "blank column name": Example(5, "a col_name is blank", _meta(COUNT, "col_name", "")),
    "blank label": Example(5, "a label is blank", _meta(COUNT, "label", "")),
    "repeated column name": Example(5, "the col_name", _add_meta_row(COUNT)),
    "repeated label": Example(5, "the label", _meta(COUNT, "label", "Percentage of episodes")),
    "unknown col_type": Example(5, "the col_type of", _meta(COUNT, "col_type", "Number")),
    "place in the meta file": Example(5, "a column of time or place", _add_meta_row("la_name")),
    "like geography": Example(5, "like a column of place", _rename(FILTER, "register_code")),
    "called region": Example(5, "like a column of place", _rename(FILTER, "region")),
    "grouped by a place": Example(
        5, "like a column of place", _meta(FILTER, GROUPS, "local_area_name")
    ),
    "space in a meta name": Example(5, "has a space", _meta(COUNT, "col_name", "episode count")),
    # 6: what filters and indicators may have
    "unit of a filter": Example(6, "has an indicator_unit", _meta(FILTER, "indicator_unit", "%")),
    "decimals of a filter": Example(6, "has an indicator_dp", _meta(FILTER, "indicator_dp", "0")),
    "indicator group of a filter": Example(
        6, "has an indicator_grouping", _meta(FILTER, "indicator_grouping", "Counts")
    ),
    "hint of an indicator": Example(6, "has a filter_hint", _meta(COUNT, "filter_hint", "Filter")),
    "indicator in a filter group": Example(
        6, "has a filter_grouping_column", _meta(COUNT, GROUPS, FILTER)
    ),
    "unknown unit": Example(6, "the unit of", _meta(COUNT, "indicator_unit", "children")),
    "no decimals": Example(6, "has no indicator_dp", _meta(COUNT, "indicator_dp", "")),
    "decimals in words": Example(6, "the indicator_dp of", _meta(COUNT, "indicator_dp", "one")),
    # 7: filter groups
    "group that is no column": Example(7, "is not in the data", UNKNOWN_GROUP),
    "group of two filters": Example(
        7, "groups 2 filters", _meta("care_status", GROUPS, "breakdown_topic"), GROUPED
    ),
    "group without a row": Example(7, "has no row in the meta file", _drop_topic, GROUPED),
    "more groups than items": Example(
        7, "has more values than", _number_all("breakdown_topic", "Topic ", 60), GROUPED
    ),
    "groups alike": Example(
        7, "without their punctuation", set_value("breakdown_topic", "Age!"), GROUPED
    ),
    # 8: time
    "period of letters": Example(8, "is not digits alone", set_value("time_period", "20x6")),
    "unknown time": Example(8, "is unknown", _put_all("time_identifier", "Sometime")),
    "two kinds of time": Example(8, "several kinds", set_value("time_identifier", "Calendar year")),
    "six digits": Example(8, "has not four digits", _put_all("time_period", "202526")),
    "years that do not follow": Example(
        8,
        "is not two years in a row",
        _both(_put_all("time_period", "202527"), _put_all("time_identifier", "Financial year")),
    ),
    # 9: filters
    "one value": Example(9, "fewer than two values", _put_all(FILTER, "Total")),
    "blank filter": Example(9, "is blank somewhere", set_value(FILTER, "")),
    "space before a value": Example(9, "begins or ends with a space", set_value(FILTER, " Total")),
    "space after a place": Example(
        9, "begins or ends", set_value("region_name", "London ", line=4)
    ),
    "too many items": Example(9, "more than 25000", _number_all(FILTER, "Force ", 25_001)),
    "no Total": Example(9, "neither a Total nor a default", _rename_item("Total", "Every")),
    "default that is no item": Example(
        9, "is not one of its values", _meta(FILTER, "filter_default", "Every")
    ),
    # 10: places
    "unknown level": Example(10, "is unknown", set_value(AREA, "Village")),
    "level without its columns": Example(10, "need pfa_name", _drop_column("pfa_name")),
    "part of the columns of a place": Example(
        10, "columns of Local authority lack", _without_level("Local authority", "la_name")
    ),
    "authority on a national row": Example(10, "is filled on rows", set_value("la_name", "Leeds")),
    "level without its place": Example(10, "is blank on rows", set_value("la_name", "", line=-1)),
    "authority without its region": Example(
        10, "the region is blank", set_value("region_code", "", line=-1)
    ),
    "code with two names": Example(
        10, "goes with 2 others", set_value("region_name", "North", line=4)
    ),
    "wrong name of an authority": Example(
        10, "is not in the look-up", set_value("la_name", "Leeds", line=-1)
    ),
    "wrong name of a region": Example(
        10, "region E12000003 is not in the look-up", _put_all("region_name", "North")
    ),
    "another country": Example(10, "not England", set_value("country_name", "Scotland")),
    "code that is Total": Example(10, "is Total or All", set_value("region_code", "Total", line=4)),
    "time that is all": Example(10, "time_period is Total or All", set_value("time_period", "all")),
    "x by another name": Example(10, "Not available alone", set_value("pfa_code", "x", line=7)),
    "not available without x": Example(
        10, "Not available alone", set_value("pfa_name", "Not available", line=7)
    ),
    # 11 and 12: rows and values
    "repeated row": Example(11, "are repeated", _repeat_row),
    "NULL": Example(12, "has the value NULL", set_value(COUNT, "NULL")),
    "null": Example(12, "has the value null", set_value(FILTER, "null")),
    "NA in the meta file": Example(12, "is NA", _meta(COUNT, "label", "NA")),
    "blank figure": Example(12, "is blank or", set_value(COUNT, "")),
    "colon": Example(12, "is blank or ':'", set_value(COUNT, ":")),
    "dots": Example(12, "is '..' somewhere", set_value(COUNT, "..")),
    "n/a as an item": Example(12, "is 'n/a' somewhere", set_value(FILTER, "n/a")),
    # 13 and 14: standard names, and lengths
    "ethnicity by another name": Example(13, "has ethnic in", _rename(FILTER, "ethnic_group")),
    "phase by another name": Example(13, "has phase in", _rename(FILTER, "care_phase")),
    "another ethnic group": Example(13, "ethnicity_major has items", OTHER_GROUP),
    "another sex": Example(13, "sex has items", OTHER_SEX),
    "long label": Example(14, "longer than 80", _meta(COUNT, "label", "x" * 81)),
    "long column": Example(14, "longer than 50", _rename(COUNT, "episode_" + "x" * 50)),
    "long item": Example(14, "longer than 120", set_value(FILTER, "x" * 121)),
    "long code": Example(14, "longer than 30", set_value("pfa_code", "E" * 31, line=7)),
}
