"""Each rule of the screener finds what breaks it, and none finds anything in our own files."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from register.statistics import data_set_named, read_data_sets
from register.statistics.screening import Pair, screen_house, screen_pair
from tests.statistics.screening_files import small_pair

UNITS = {"authority": 5, "area": 10}
Table = list[list[str]]
NAME = "police_recording_by_area"


def _changed(change: Callable[[Table, Table], None], name: str = NAME) -> Pair:
    pair = small_pair(name)
    data, meta = [list(row) for row in pair.data], [list(row) for row in pair.meta]
    change(data, meta)
    return Pair(pair.name, data, meta)


def _column(data: Table, name: str) -> int:
    return data[0].index(name)


def _set(name: str, value: str, line: int = 1) -> Callable[[Table, Table], None]:
    def change(data: Table, _: Table) -> None:
        data[line][_column(data, name)] = value

    return change


def _set_all(name: str, value: str) -> Callable[[Table, Table], None]:
    def change(data: Table, _: Table) -> None:
        for row in data[1:]:
            row[_column(data, name)] = value

    return change


def _meta(name: str, column: str, value: str) -> Callable[[Table, Table], None]:
    def change(_: Table, meta: Table) -> None:
        row = next(row for row in meta if row[0] == name)
        row[meta[0].index(column)] = value

    return change


def _rename(old: str, new: str) -> Callable[[Table, Table], None]:
    def change(data: Table, meta: Table) -> None:
        data[0][_column(data, old)] = new
        for row in meta[1:]:
            row[0] = new if row[0] == old else row[0]

    return change


def _drop_level_column(data: Table, _: Table) -> None:
    at = _column(data, "pfa_name")
    for row in data:
        del row[at]


def _repeat_row(data: Table, _: Table) -> None:
    data.append(list(data[1]))


def _drop_meta_row(_: Table, meta: Table) -> None:
    del meta[1]


def _add_meta_row(_: Table, meta: Table) -> None:
    meta.append(["nothing", "Filter", "Nothing", *[""] * 6])


def _drop_meta_column(_: Table, meta: Table) -> None:
    for row in meta:
        del row[3]


BROKEN: dict[str, tuple[int, Callable[[Table, Table], None]]] = {
    "meta column missing": (2, _drop_meta_column),
    "meta row without a column": (3, _add_meta_row),
    "filter not described": (3, _drop_meta_row),
    "space in a name": (4, _rename("episode_count", "episode count")),
    "upper case": (4, _rename("episode_count", "Episode_count")),
    "a filter's item in an indicator": (4, _rename("episode_count", "comparable_count")),
    "unknown col_type": (5, _meta("episode_count", "col_type", "Number")),
    "like geography": (5, _rename("recording_force", "register_code")),
    "blank label": (5, _meta("episode_count", "label", "")),
    "repeated label": (5, _meta("episode_count", "label", "Percentage of episodes")),
    "unknown unit": (6, _meta("episode_count", "indicator_unit", "children")),
    "no decimals": (6, _meta("episode_count", "indicator_dp", "")),
    "decimals of a filter": (6, _meta("recording_force", "indicator_dp", "0")),
    "hint of an indicator": (6, _meta("episode_count", "filter_hint", "Filter")),
    "group that is no column": (7, _meta("recording_force", "filter_grouping_column", "topic")),
    "period of letters": (8, _set("time_period", "20x6")),
    "unknown time": (8, _set_all("time_identifier", "Sometime")),
    "six digits": (8, _set_all("time_period", "202526")),
    "one value": (9, _set_all("recording_force", "Total")),
    "blank filter": (9, _set("recording_force", "")),
    "space before a value": (9, _set("recording_force", " Total")),
    "unknown level": (10, _set("geographic_level", "Village")),
    "level without its columns": (10, _drop_level_column),
    "authority on a national row": (10, _set("la_name", "Leeds")),
    "wrong name of an authority": (10, _set("la_name", "Leeds", line=-1)),
    "code that is Total": (10, _set("region_code", "Total", line=4)),
    "repeated row": (11, _repeat_row),
    "NULL": (12, _set("episode_count", "NULL")),
    "blank figure": (12, _set("episode_count", "")),
    "dots": (12, _set("episode_count", "..")),
    "ethnicity by another name": (13, _rename("recording_force", "ethnic_group")),
    "long label": (14, _meta("episode_count", "label", "x" * 81)),
    "long column": (14, _rename("episode_count", "episode_" + "x" * 50)),
}


@pytest.mark.parametrize("what", sorted(BROKEN))
def test_each_rule_of_the_screener_finds_what_breaks_it(what: str) -> None:
    """Prevents a file that the platform rejects on the morning of a release."""
    rule, change = BROKEN[what]
    assert rule in {finding.rule for finding in screen_pair(_changed(change))}


@pytest.mark.parametrize("name", [data_set.name for data_set in read_data_sets()])
def test_our_own_files_pass_without_a_word(name: str) -> None:
    """Prevents a description of a data set that no file can satisfy."""
    pair = small_pair(name)
    assert [finding.text for finding in screen_pair(pair)] == []
    assert [finding.text for finding in screen_house(pair, data_set_named(name), UNITS)] == []


def _sum_of_rows(data: Table, _: Table) -> None:
    data[1:] = [*data[4:], *data[1:4]]


def _incomplete(data: Table, _: Table) -> None:
    del data[2]


HOUSE: dict[str, tuple[str, Callable[[Table, Table], None]]] = {
    "not rounded": ("not rounded", _set("episode_count", "1823")),
    "under ten": ("not rounded", _set("episode_count", "5", line=-1)),
    "not complete": ("not every combination", _incomplete),
    "out of order": ("not in the order", _sum_of_rows),
    "decimals": ("has not 1 decimals", _set("episode_percent", "50.01")),
    "no number": ("is no number", _set("episode_count", "many")),
    "share of a hidden count": ("is shown and", _set("episode_count", "c")),
    "low count": ("is low", _set("episode_count", "low")),
}


@pytest.mark.parametrize("what", sorted(HOUSE))
def test_each_rule_of_the_house_finds_what_breaks_it(what: str) -> None:
    """Prevents a file that the platform takes and our own rules forbid."""
    words, change = HOUSE[what]
    found = screen_house(_changed(change), data_set_named(NAME), UNITS)
    assert any(words in finding.text for finding in found)


def test_a_value_outside_its_limits_is_found() -> None:
    """Prevents limits of another row."""
    change = _set("episode_percent", "1.0", line=2)
    found = screen_house(
        _changed(change, "agreement_by_area"), data_set_named("agreement_by_area"), UNITS
    )
    assert any("outside its limits" in finding.text for finding in found)
