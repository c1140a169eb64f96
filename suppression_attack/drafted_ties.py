"""A first `ties.yaml` for published tables: ties that hold for all their numbers, and questions.

A tie that holds for every printed number may still be false. So the draft says for each tie how
often it was tested, and a person must read it before an attack relies on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np
import yaml

from suppression_attack.attack_programme import Floats
from suppression_attack.drafted_areas import draft_parents, list_area_gaps
from suppression_attack.drafted_columns import (
    HIDDEN_SYMBOLS,
    NO_FIGURE_SYMBOLS,
    DraftTable,
    Series,
    find_counted_series,
)

# A tie is proposed if it was tested at least this often, and never failed.
MIN_TESTS = 10
# A tie `a ≥ b` may be a coincidence if b/a never reaches the first share, or its median the second.
CLOSE_SHARE, USUAL_SHARE = 0.5, 0.1
# A tie `a ≥ b + c` is proposed if both sides are equal at this many places.
MIN_EQUAL = 3
UNITS = (100, 50, 20, 10, 5, 3, 2)
TIMES = (1, 100, 1_000, 10_000, 100_000)
# A ratio of rounded counts may differ from the printed one in this share of the places.
MAX_RATIO_FAULTS = 0.01
TOTAL_WORDS = ("total", "all", "persons", "everyone", "england", "both")


@dataclass
class Draft:
    """The proposed entries of `ties.yaml`, with what each rests on, and the questions."""

    content: dict[str, Any] = field(default_factory=dict)
    ties: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    derived: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def to_yaml(self) -> str:
        """Return the text of `ties.yaml`, with questions and evidence as comments."""
        lines = ["# A draft: read each tie, answer the questions, then delete both comments."]
        lines += (f"# Question {number}: {text}" for number, text in enumerate(self.questions, 1))
        lines.append(_format_yaml(self.content))
        for name, entries in (("ties", self.ties), ("derived", self.derived)):
            lines.append(f"{name}:" if entries else f"{name}: []")
            for entry, evidence in entries:
                lines += (
                    f"  # {evidence}",
                    *(f"  {line}" for line in _format_yaml([entry]).splitlines()),
                )
        return "\n".join(lines) + "\n"


def _format_yaml(value: Any) -> str:
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=1_000)
    return text.rstrip()


def draft_ties(tables: Sequence[DraftTable], release: str) -> Draft:
    """Return a draft of `ties.yaml` for tables of one release."""
    draft = Draft()
    counted = {table.name: list(find_counted_series(table)) for table in tables}
    rounding: dict[str, int] = {}
    for table in tables:
        for level in dict.fromkeys(place.level for place in table.places):
            unit = _find_unit(table, counted[table.name], level)
            rounding[level] = min(unit, rounding.get(level, unit))
    symbols = set().union(*(table.symbols for table in tables)) - {""}
    smallest = [_find_smallest(table, counted[table.name]) for table in tables]
    first = tables[0]
    draft.content = {
        "format": 1,
        "release": release,
        "rounding": rounding if first.level else rounding.get("", 1),
        "smallest_hidden": 1,
        "smallest_shown": max(1, int(min(smallest, default=1))),
        "fewest_numbers": 5,
        "symbols": _draft_symbols(symbols, draft),
    }
    if first.is_standard:
        draft.content["area_columns"] = first.area_columns
    else:
        names = {"year": first.year, "level": first.level, "area": first.area_columns.get("", "")}
        draft.content["columns"] = {name: column for name, column in names.items() if column}
    parents = draft_parents(first, counted[first.name], rounding)
    if parents:
        draft.content["areas"] = {"areas": {"parents": parents, "incomplete": []}}
    elif len({place.area for place in first.places}) > 1:
        draft.questions.append("which area contains which? Add `areas` and a tie over them")
    draft.content["files"] = {}
    for table in tables:
        _draft_file(draft, table, counted[table.name])
        if parents:
            _draft_area_sums(draft, table, counted[table.name], rounding)
    draft.questions.append("is the largest count that is hidden public? Then add `largest_hidden`")
    if len(tables) > 1:
        draft.questions.append("do the files print the same counts? Then add ties of kind `same`")
    return draft


def _draft_symbols(symbols: set[str], draft: Draft) -> dict[str, list[str]]:
    unknown = sorted(symbols - HIDDEN_SYMBOLS - NO_FIGURE_SYMBOLS)
    draft.questions += (f"what does {text!r} stand for? It counts as not known" for text in unknown)
    return {
        "hidden": sorted(symbols & HIDDEN_SYMBOLS) or ["c"],
        "unknown": unknown or ["x"],
        "none": sorted(symbols & NO_FIGURE_SYMBOLS) or ["z"],
    }


def _find_unit(table: DraftTable, counted: Sequence[Series], level: str) -> int:
    """Return the largest usual rounding unit that divides all counts of a level."""
    is_level = table.select_level(level)
    values = [table.series[series][is_level] for series in counted]
    printed = np.concatenate(values) if values else np.zeros(0)
    printed = printed[~np.isnan(printed) & (printed > 0)]
    if len(printed) < MIN_TESTS:
        return 1
    return next((unit for unit in UNITS if not (printed % unit).any()), 1)


def _find_smallest(table: DraftTable, counted: Sequence[Series]) -> float:
    values = [table.series[series] for series in counted]
    printed = np.concatenate(values) if values else np.ones(1)
    return float(np.min(printed[printed > 0], initial=np.inf, where=printed[printed > 0] > 0))


def _draft_area_sums(
    draft: Draft, table: DraftTable, counted: Sequence[Series], rounding: Mapping[str, int]
) -> None:
    """Propose for each measure how the counts of areas follow from those of their parts."""
    hierarchy = draft.content["areas"]["areas"]
    for measure in dict.fromkeys(measure for _, measure in counted):
        series = [each for each in counted if each[1] == measure]
        gaps = list_area_gaps(table, hierarchy["parents"], series, rounding)
        tested = sum(len(each.gaps) for each in gaps)
        exceeded = [each.parent for each in gaps if each.count_exceeded()]
        # Where people count in two areas, the parts exceed the area often, and never fall short.
        is_overlap = sum(each.count_exceeded() for each in gaps) >= MIN_EQUAL
        failed = [each.parent for each in gaps if each.parent in exceeded and each.exceeds()]
        failed = failed if is_overlap else exceeded
        name = f"{measure} of {table.name}: areas"
        if failed:
            question = f"which areas form {', '.join(failed)}, and may anybody count in two?"
            draft.questions.append(f"{name}: {question}")
        elif tested:
            kind = "overlap" if exceeded else "add"
            cells = {"files": [table.name], "measures": [measure]}
            tie = {"name": name, kind: {"over": "areas"}, "cells": cells}
            draft.ties.append((tie, f"held at {tested} of {tested} places"))
            larger = {each.parent for each in gaps if each.exceeds()}
            hierarchy["incomplete"] = sorted({*hierarchy["incomplete"], *larger})


def _draft_file(draft: Draft, table: DraftTable, counted: Sequence[Series]) -> None:
    measures = tuple(dict.fromkeys(measure for _, measure in counted))
    entry: dict[str, Any] = {"counts": list(measures)}
    mixed = _find_mixed_filter(table, counted)
    if mixed is not None:
        position = table.filters.index(mixed)
        items = list(dict.fromkeys(items[position] for items, _ in counted))
        entry["only"] = {mixed: items}
    if not table.has_metadata:
        entry |= {"filters": list(table.filters), "labels": list(table.labels)}
    if table.source:
        entry |= {"source": table.source} | ({"sheet": table.sheet} if table.sheet else {})
    draft.content["files"][table.name] = entry
    for name in table.filters:
        if name != mixed:
            _draft_filter_sum(draft, table, name, counted)
    _draft_comparisons(draft, table, counted, mixed)
    _draft_ratios(draft, table, counted, mixed)


def _find_mixed_filter(table: DraftTable, counted: Sequence[Series]) -> str | None:
    """Return the filter that says what each value is, if some of its items are no counts."""
    others = [series for series in table.series if series not in set(counted)]
    for position, name in enumerate(table.filters):
        counts = {items[position] for items, _ in counted}
        if counts and others and not counts & {items[position] for items, _ in others}:
            return name
    return None


def _draft_filter_sum(
    draft: Draft, table: DraftTable, name: str, counted: Sequence[Series]
) -> None:
    """Propose that the items of a filter add up to one of them, or to less than their sum."""
    items = table.list_items(name)
    named = [item for item in items if item.lower().startswith(TOTAL_WORDS)]
    for total in named or items:
        parts = [item for item in items if item != total]
        if len(parts) < 2:
            continue
        gaps = _list_gaps(table, name, total, parts, counted)
        if len(gaps) < MIN_TESTS:
            continue
        slack = max(_list_units(draft)) // 2 * (1 + len(parts))
        kind = None
        if (np.abs(gaps) <= slack).all():
            kind = "add"
        elif named and (gaps <= slack).all():
            kind = "overlap"
        if kind is not None:
            measures = list(dict.fromkeys(measure for _, measure in counted))
            tie = {
                "name": f"{name} of {table.name}",
                kind: {"over": name, "total": total, "parts": parts},
                "cells": {"files": [table.name], "measures": measures},
            }
            draft.ties.append((tie, f"held at {len(gaps)} of {len(gaps)} places"))
            return
    draft.questions.append(
        f"{table.name}: how do the items of {name} add up? No total was verified"
    )


def _list_units(draft: Draft) -> list[int]:
    rounding = draft.content["rounding"]
    return [rounding] if isinstance(rounding, int) else list(rounding.values())


def _list_gaps(
    table: DraftTable, name: str, total: str, parts: Sequence[str], counted: Sequence[Series]
) -> Floats:
    """Return the total less its parts, at each place and series where all are printed."""
    position, gaps = table.filters.index(name), [np.zeros(0)]
    known = set(counted)
    for items, measure in counted:
        if items[position] != total:
            continue
        series = [((*items[:position], part, *items[position + 1 :]), measure) for part in parts]
        if all(each in known for each in series):
            values = sum(table.series[each] for each in series)
            gap = table.series[items, measure] - values
            gaps.append(gap[~np.isnan(gap)])
    return np.concatenate(gaps)


def _pattern(table: DraftTable, series: Series, mixed: str | None) -> dict[str, Any]:
    items, measure = series
    where = {mixed: items[table.filters.index(mixed)]} if mixed else {}
    pattern: dict[str, Any] = {"file": table.name, "measure": measure}
    return pattern | ({"where": where} if where else {})


def _list_kinds(table: DraftTable, series: Sequence[Series], mixed: str | None) -> list[Series]:
    """Return one series for each thing that is counted, all other filters being equal."""
    position = None if mixed is None else table.filters.index(mixed)
    kinds: dict[tuple[str, str], Series] = {}
    for items, measure in series:
        kinds.setdefault(("" if position is None else items[position], measure), (items, measure))
    return list(kinds.values())


def _draft_comparisons(
    draft: Draft, table: DraftTable, counted: Sequence[Series], mixed: str | None
) -> None:
    """Propose that one count is never below another, or below the sum of two others."""
    kinds = _list_kinds(table, counted, mixed)
    is_exact = _find_exact_places(draft, table)
    values = {series: np.where(is_exact, table.series[series], np.nan) for series in kinds}
    below, doubtful = _compare_pairs(values)
    for greater, others in below.items():
        for less in others:
            if not any(less in below[between] for between in others):
                sides = greater, (less,)
                _add_comparison(draft, table, sides, mixed, len(_find_gap(values, *sides)))
            for least in below[less]:
                gap = _find_gap(values, greater, (less, least))
                if (gap >= 0).all() and (gap == 0).sum() >= MIN_EQUAL:
                    _add_comparison(draft, table, (greater, (less, least)), mixed, len(gap))
    for greater, others in doubtful.items():
        if others:
            names = ", ".join(repr(_describe(less, table, mixed)) for less in others)
            comparison = f"{_describe(greater, table, mixed)!r} was never below these: {names}"
            draft.questions.append(
                f"{table.name}: {comparison}. Must it be? Then add ties `at_least`"
            )


Below = dict[Series, list[Series]]


def _compare_pairs(values: Mapping[Series, Floats]) -> tuple[Below, Below]:
    """Return the series that are never above each series: comparable ones, and doubtful ones."""
    below: Below = {series: [] for series in values}
    doubtful: Below = {series: [] for series in values}
    for greater, less in permutations(values, 2):
        gap = _find_gap(values, greater, (less,))
        if len(gap) >= MIN_TESTS and (gap >= 0).all() and (gap > 0).any():
            positive = np.where(values[greater] > 0, values[greater], np.nan)
            shares = values[less] / positive
            is_close = np.nanmax(shares) >= CLOSE_SHARE and np.nanmedian(shares) >= USUAL_SHARE
            (below if is_close else doubtful)[greater].append(less)
    return below, doubtful


def _find_gap(values: Mapping[Series, Floats], greater: Series, less: Sequence[Series]) -> Floats:
    """Return by how much a series exceeds the sum of others, where all are printed."""
    gap = values[greater] - sum(values[each] for each in less)
    printed: Floats = gap[~np.isnan(gap)]
    return printed


def _find_exact_places(draft: Draft, table: DraftTable) -> np.ndarray:
    """Return the places of the levels with the smallest rounding unit."""
    rounding = draft.content["rounding"]
    if isinstance(rounding, int):
        return np.ones(len(table.places), dtype=bool)
    smallest = min(rounding.values())
    return np.array([rounding[place.level] == smallest for place in table.places])


def _add_comparison(
    draft: Draft,
    table: DraftTable,
    sides: tuple[Series, tuple[Series, ...]],
    mixed: str | None,
    tested: int,
) -> None:
    greater, less = sides
    words = " and ".join(_describe(each, table, mixed) for each in less)
    tie = {
        "name": f"{_describe(greater, table, mixed)}: at least {words}",
        "at_least": {
            "greater": [_pattern(table, greater, mixed)],
            "less": [_pattern(table, each, mixed) for each in less],
        },
    }
    draft.ties.append((tie, f"held at {tested} of {tested} places"))


def _describe(series: Series, table: DraftTable, mixed: str | None) -> str:
    items, measure = series
    return items[table.filters.index(mixed)] if mixed else measure


def _draft_ratios(
    draft: Draft, table: DraftTable, counted: Sequence[Series], mixed: str | None
) -> None:
    """Propose the two counts from which each other figure is derived as a ratio."""
    kinds = _list_kinds(table, counted, mixed)
    names = {_describe(each, table, mixed) for each in kinds}
    others = [
        each
        for each in _list_kinds(table, list(table.series), mixed)
        if _describe(each, table, mixed) not in names
    ]
    unexplained = []
    is_exact = _find_exact_places(draft, table)
    for series in others:
        printed = np.where(is_exact, table.series[series], np.nan)
        decimals = _count_decimals(printed)
        ratio = _find_ratio({each: table.series[each] for each in kinds}, printed, decimals)
        if ratio is None:
            unexplained.append(repr(_describe(series, table, mixed)))
            continue
        part, total, times, tested = ratio
        sources = [_pattern(table, each, mixed) for each in (part, total)]
        entry = _pattern(table, series, mixed) | {"formula": "ratio", "times": times}
        entry |= {"decimals": decimals, "from": sources}
        draft.derived.append((entry, f"held at {tested} places"))
    if unexplained:
        question = f"from which counts are these derived: {', '.join(unexplained)}?"
        hint = "Add them to `derived`, or to `open` if they are not about people"
        draft.questions.append(f"{table.name}: {question} {hint}")


def _count_decimals(values: Floats) -> int:
    printed = values[~np.isnan(values)]
    return next((d for d in range(4) if np.allclose(printed, np.round(printed, d))), 4)


def _find_ratio(
    counts: Mapping[Series, Floats], printed: Floats, decimals: int
) -> tuple[Series, Series, int, int] | None:
    for (part, total), times in _list_ratios(counts):
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = times * counts[part] / counts[total]
        gap = np.abs(expected - printed)
        tested = gap[~np.isnan(gap)]
        faults = tested > 0.5 / 10**decimals + 1e-6
        if len(tested) >= MIN_TESTS and faults.mean() <= MAX_RATIO_FAULTS:
            return part, total, times, len(tested)
    return None


def _list_ratios(
    counts: Mapping[Series, Floats],
) -> Iterator[tuple[tuple[Series, Series], int]]:
    for times in TIMES:
        for pair in permutations(counts, 2):
            yield pair, times
