"""What the public knows of the sums of the published counts, derived from the data sets.

A tie holds whatever the counts are: items add up to their total, an area holds those within it,
the same number is in two files. What a release prints does not belong here, and no solver either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from official_statistics.data_sets import TOTAL, Combination, DataSet, Filter, Indicator, Item

Kind = Literal["add", "overlap", "within", "same", "at_least", "complement", "behind", "dominance"]
# Hierarchies of areas; in a whole that is incomplete, more is counted than in its parts.
REGIONS, FORCES, FORCES_OF_NATION = "regions", "forces", "forces_of_nation"
# Counts of the linkage's sample and of deliveries are tied to nothing; the latter are not hidden.
UNTIED = ("linkage", "coverage")


@dataclass(frozen=True)
class Pattern:
    """The cells of one measure of one data set that have the items of `where`, times a number."""

    data_set: str
    measure: str
    where: Mapping[str, str]
    times: int = 1


@dataclass(frozen=True)
class Tie:
    """One kind of relation, at every place and at every item of the filters left free.

    What a reader knows of the rules is a tie too. behind: where the part is printed and not 0, so
    many children as are never hidden are behind it, and so among the total. dominance: where the
    parts (episodes, children) are printed, two children do not have nearly all episodes, which the
    total (children with several) may rule out.

    add: total = sum of parts; overlap: each part <= total <= sum of parts; within: each part <=
    total; same: one number; at_least: sum of totals >= sum of parts; complement: total - sum of
    parts is a number >= 0 that the public can form. With `over`, parts are the areas within.
    """

    name: str
    kind: Kind
    total: tuple[Pattern, ...]
    parts: tuple[Pattern, ...] = ()
    over: str | None = None


def ties_of(data_sets: Iterable[DataSet]) -> tuple[Tie, ...]:
    """Derive all ties among the counts of the data sets, in a fixed order."""
    tied = [each for each in data_sets if each.counted_on not in UNTIED and each.counts]
    found: list[Tie] = list(_same_numbers(tied))
    for data_set in tied:
        found += _sums_of_filters(data_set)
        found += _sums_of_areas(data_set)
        found += _orders(data_set)
        found += _frequencies(data_set, tied)
        found += _equal_items(data_set)
        found += _children_behind(data_set, tied)
        found += _dominance(data_set)
        found += _sums_of_codes(data_set, tied)
    return (*found, *_of_whole_data_sets(tied))


def _kind(indicator: Indicator, *, one_a_child: bool) -> Kind:
    """Say how the parts of a division of episodes make up a count."""
    if indicator.of == "episodes" or one_a_child:
        return "add"
    return "within" if indicator.of == "repeat_children" else "overlap"


def _fixed(data_set: DataSet, indicator: Indicator, but: str = "") -> Iterator[dict[str, str]]:
    """Yield the items at which an indicator exists and its sums hold, but for one filter."""
    wheres: list[dict[str, str]] = [{}]
    for each in data_set.filters:
        if each.name in (but, _grouping(data_set, but)):
            continue
        items = indicator.only.get(each.name, (TOTAL,) if each.in_cell else ())
        if items:
            wheres = [{**where, each.name: item} for where in wheres for item in items]
    yield from wheres


def _grouping(data_set: DataSet, name: str) -> str | None:
    return next((each.name for each in data_set.filters if each.groups == name), None)


def _sums_of_filters(data_set: DataSet) -> Iterator[Tie]:
    for part in data_set.filters:
        topics = dict.fromkeys(item.topic for item in part.items if item.divides or part.divides)
        for indicator in data_set.counts:
            if part.name in indicator.only:
                continue
            for where in _fixed(data_set, indicator, part.name):
                if part.nests:
                    yield from _nested(data_set, part, indicator, where)
                for topic in topics:
                    tie = _sum_of_items(data_set, part, indicator, where, topic)
                    if tie is not None:
                        yield tie


def _sum_of_items(
    data_set: DataSet, part: Filter, indicator: Indicator, where: dict[str, str], topic: str | None
) -> Tie | None:
    items = [item for item in part.items if item.name != TOTAL and item.topic == topic]
    if indicator.of == "looked_after_children":
        return None  # one number over the categories: among the same numbers
    one_a_child = part.one_a_child or any(item.one_a_child for item in items)
    kind = _kind(indicator, one_a_child=one_a_child)
    if indicator.of == "repeat_children" and one_a_child:
        kind = "add"
    group = _grouping(data_set, part.name)
    whole = {part.name: TOTAL} | ({group: TOTAL} if group else {})
    parts = tuple(
        Pattern(
            data_set.name,
            indicator.name,
            where | {part.name: item.name} | ({group: item.topic or TOTAL} if group else {}),
        )
        for item in items
    )
    name = f"{data_set.name}: {topic or part.name} of {indicator.name}"
    return Tie(name, kind, (Pattern(data_set.name, indicator.name, where | whole),), parts)


def _nested(
    data_set: DataSet, part: Filter, indicator: Indicator, where: dict[str, str]
) -> Iterator[Tie]:
    for outer, inner in zip(part.items, part.items[1:], strict=False):
        sides = [
            Pattern(data_set.name, indicator.name, where | {part.name: item.name})
            for item in (outer, inner)
        ]
        name = f"{data_set.name}: {indicator.name} of {outer.name} less {inner.name}"
        yield Tie(name, "complement", (sides[0],), (sides[1],))


def _sums_of_areas(data_set: DataSet) -> Iterator[Tie]:
    for indicator in data_set.counts:
        kind = _kind(indicator, one_a_child=False)
        for where in _fixed(data_set, indicator):
            pattern = Pattern(data_set.name, indicator.name, where)
            name = f"{data_set.name}: areas of {indicator.name}"
            if "Regional" in data_set.levels:
                yield Tie(name, kind, (pattern,), over=REGIONS)
            if "Police force area" in data_set.levels:
                yield from _sums_of_forces(data_set, indicator, where)


def _sums_of_forces(
    data_set: DataSet, indicator: Indicator, where: dict[str, str]
) -> Iterator[Tie]:
    """Tie what a force recorded of its own area to its authorities, and all it recorded to all."""
    recording = next(each for each in data_set.filters if each.column == "same_area")
    own = next(item.name for item in recording.items if item.codes == ("yes",))
    for item, over in ((own, FORCES), (TOTAL, FORCES_OF_NATION)):
        pattern = Pattern(data_set.name, indicator.name, where | {recording.name: item})
        yield Tie(f"{data_set.name}: forces of {indicator.name}", "add", (pattern,), over=over)


def _orders(data_set: DataSet) -> Iterator[Tie]:
    """Tie measures of one row: with episodes or children on both sides, the rest is a count."""
    units = {indicator.name: indicator for indicator in data_set.counts}
    for less, more in data_set.orders:
        of_episodes = {units[each].of == "episodes" for each in (less, more)}
        kind: Kind = "complement" if len(of_episodes) == 1 else "at_least"
        for where in _fixed(data_set, units[more]):
            sides = [Pattern(data_set.name, each, where) for each in (more, less)]
            name = f"{data_set.name}: {more} less {less}"
            yield Tie(name, kind, (sides[0],), (sides[1],))
    by_unit = {str(indicator.of): indicator.name for indicator in reversed(data_set.counts)}
    if {"children", "episodes", "repeat_children"} <= set(by_unit):
        total = next(each.name for each in data_set.counts if each.of == "episodes")
        parts = tuple(
            Pattern(data_set.name, by_unit[unit], {}) for unit in ("children", "repeat_children")
        )
        name = f"{data_set.name}: a repeat child has two episodes"
        yield Tie(name, "at_least", (Pattern(data_set.name, total, {}),), parts)


def _children_behind(data_set: DataSet, others: list[DataSet]) -> Iterator[Tie]:
    """Tie each count of episodes to the nearest count of children that has all of theirs.

    It is that of the same row, or else of the first file with children at all levels of this one:
    at the same items of the filters that both have, whatever the items of the others.
    """
    children = _measure(data_set, "children")
    for indicator in data_set.counts:
        if indicator.of != "episodes":
            continue
        name = f"{data_set.name}: children behind {indicator.name}"
        shown = Pattern(data_set.name, indicator.name, {})
        if children:
            yield Tie(name, "behind", (Pattern(data_set.name, children, {}),), (shown,))
            continue
        for other in others:
            around = _measure(other, "children")
            # A force has no count of children.
            levels = set(data_set.levels) - {"Police force area"}
            if around and not other.where and levels <= set(other.levels):
                shared = _shared_filters(data_set, other)
                where = {each.name: TOTAL for each in other.filters if each.name not in shared}
                yield Tie(name, "behind", (Pattern(other.name, around, where),), (shown,))
                break


def _measure(data_set: DataSet, unit: str) -> str | None:
    return next((each.name for each in data_set.counts if each.of == unit), None)


def _shared_filters(first: DataSet, second: DataSet) -> set[str]:
    """The filters that two files have alike: the same items of the same rows."""
    known = {each.name: (each.column, each.items) for each in first.filters}
    return {
        each.name for each in second.filters if known.get(each.name) == (each.column, each.items)
    }


def _dominance(data_set: DataSet) -> Iterator[Tie]:
    units = ("repeat_children", "episodes", "children")
    measures = [_measure(data_set, unit) for unit in units]
    if None not in measures:
        several, *parts = (Pattern(data_set.name, str(each), {}) for each in measures)
        yield Tie(f"{data_set.name}: two children", "dominance", (several,), tuple(parts))


def _frequencies(data_set: DataSet, others: list[DataSet]) -> Iterator[Tie]:
    """Tie the episodes of children with so many episodes each to the number of the children."""
    for part in data_set.filters:
        if not part.in_cell:
            continue
        children = next(each.name for each in data_set.counts if each.of == "children")
        episodes = next(each.name for each in data_set.counts if each.of == "episodes")
        for item in part.items:
            if item.episodes is None:
                continue
            least, most = item.episodes
            where = {part.name: item.name}
            name = f"{data_set.name}: episodes of children with {item.name}"
            counted = (Pattern(data_set.name, episodes, where),)
            kind: Kind = "add" if least == most else "at_least"
            yield Tie(name, kind, counted, (Pattern(data_set.name, children, where, least),))
            if most is not None and most != least:
                times = (Pattern(data_set.name, children, where, most),)
                yield Tie(name, "at_least", times, counted)
        once = next(item.name for item in part.items if item.episodes == (1, 1))
        whole = Pattern(data_set.name, children, {part.name: TOTAL})
        single = Pattern(data_set.name, children, {part.name: once})
        for repeat in _repeats(others, {each.name for each in data_set.filters}):
            yield Tie(f"{data_set.name}: once or repeatedly", "add", (whole,), (single, repeat))


def _repeats(data_sets: list[DataSet], free: set[str]) -> Iterator[Pattern]:
    for data_set in data_sets:
        for indicator in data_set.counts:
            if indicator.of == "repeat_children":
                where = {each.name: TOTAL for each in data_set.filters if each.name not in free}
                yield Pattern(data_set.name, indicator.name, where)


def _equal_items(data_set: DataSet) -> Iterator[Tie]:
    for first, second in data_set.equal:
        for indicator in data_set.counts:
            sides = tuple(
                Pattern(data_set.name, indicator.name, dict(where)) for where in (first, second)
            )
            yield Tie(f"{data_set.name}: one stage after another", "same", sides)


def _sums_of_codes(data_set: DataSet, others: list[DataSet]) -> Iterator[Tie]:
    """Tie an indicator of several codes of a column to the items of the single codes."""
    for indicator in data_set.counts:
        for column, codes in indicator.where.items():
            for other in others:
                shared = _shared_filters(data_set, other)
                total = Pattern(data_set.name, indicator.name, _totals(data_set, shared))
                around = _totals(other, shared)
                parts = _items_of_codes(other, indicator, column, codes)
                parts = tuple(replace(each, where={**around, **each.where}) for each in parts)
                if len(codes) > 1 and len(indicator.where) == 1 and len(parts) == len(codes):
                    name = f"{data_set.name}: {indicator.name} by {other.name}"
                    yield Tie(name, _kind(indicator, one_a_child=False), (total,), parts)


def _totals(data_set: DataSet, free: set[str]) -> dict[str, str]:
    """The total of each filter that is not left free."""
    return {each.name: TOTAL for each in data_set.filters if each.name not in free}


def _items_of_codes(
    data_set: DataSet, indicator: Indicator, column: str, codes: tuple[str, ...]
) -> tuple[Pattern, ...]:
    """The cells of the items of single codes of a column that count the same unit."""
    measures = [each.name for each in data_set.counts if each.of == indicator.of and not each.where]
    return tuple(
        Pattern(data_set.name, measures[0], {part.name: item.name} | _topic(data_set, part, item))
        for code in codes
        for part in data_set.filters
        for item in part.items
        if measures and (item.column, item.codes) == (column, (code,))
    )


def _topic(data_set: DataSet, part: Filter, item: Item) -> dict[str, str]:
    group = _grouping(data_set, part.name)
    return {group: item.topic or TOTAL} if group else {}


Condition = frozenset[tuple[str, tuple[str, ...]]]


def _condition(indicator: Indicator, combination: Combination) -> Condition:
    where = {**combination.where, **indicator.where}
    if indicator.of == "looked_after_children":
        where.pop("absence_category", None)
    return frozenset((column, tuple(sorted(codes))) for column, codes in where.items())


def _cells(data_sets: Iterable[DataSet]) -> Iterator[tuple[DataSet, Indicator, Combination]]:
    for data_set in data_sets:
        for combination in data_set.combinations():
            for indicator in data_set.counts:
                if indicator.exists_on(combination.values):
                    yield data_set, indicator, combination


def _same_numbers(data_sets: list[DataSet]) -> Iterator[Tie]:
    """Tie cells that count the same unit of the same rows of the base."""
    groups: dict[object, list[Pattern]] = defaultdict(list)
    for data_set, indicator, combination in _cells(data_sets):
        linkages = {item.linkage or "central" for item in combination.items} - {"central"}
        episodes = next((item.episodes for item in combination.items if item.episodes), None)
        key = (indicator.of, _condition(indicator, combination), episodes, *sorted(linkages))
        pattern = Pattern(data_set.name, indicator.name, dict(combination.values))
        groups[key].append(pattern)
    for patterns in groups.values():
        if len(patterns) > 1:
            first = patterns[0]
            name = f"{first.data_set}: one number in several places"
            yield Tie(name, "same", tuple(patterns))


def _of_whole_data_sets(data_sets: list[DataSet]) -> Iterator[Tie]:
    """Tie a data set of some rows of the base to a count of more rows: a sum or a complement."""
    for data_set in data_sets:
        if not data_set.where:
            continue
        rows = frozenset((name, tuple(sorted(codes))) for name, codes in data_set.where.items())
        own = _episode_cells([data_set])
        others = _episode_cells([each for each in data_sets if each is not data_set])
        if rows not in own or rows in others:
            continue
        parts = _split(rows, others)
        name = f"{data_set.name}: its rows among all"
        if parts:
            yield Tie(name, "add", (own[rows],), parts)
            continue
        around = [each for each in others if _wider(each, rows)]
        if around:
            nearest = min(around, key=_breadth)
            yield Tie(name, "complement", (others[nearest],), (own[rows],))


def _episode_cells(data_sets: list[DataSet]) -> dict[Condition, Pattern]:
    """The first cell that counts the episodes of each condition."""
    found: dict[Condition, Pattern] = {}
    for data_set, indicator, combination in _cells(data_sets):
        ordinary = not any(item.linkage or item.episodes for item in combination.items)
        if indicator.of == "episodes" and ordinary:
            pattern = Pattern(data_set.name, indicator.name, dict(combination.values))
            found.setdefault(_condition(indicator, combination), pattern)
    return found


def _breadth(condition: Condition) -> tuple[int, int, list[tuple[str, tuple[str, ...]]]]:
    """The order from the narrowest condition to the widest."""
    codes = sum(len(each) for _, each in condition)
    return (-len(condition), codes, sorted(condition))


def _split(rows: Condition, published: Mapping[Condition, Pattern]) -> tuple[Pattern, ...]:
    """Cells of the single codes of a condition on one column, if all are published."""
    if len(rows) != 1:
        return ()
    ((column, codes),) = rows
    singles = [frozenset({(column, (code,))}) for code in codes]
    if len(codes) < 2 or any(each not in published for each in singles):
        return ()
    return tuple(published[each] for each in singles)


def _wider(other: Condition, rows: Condition) -> bool:
    known = dict(rows)
    return other != rows and all(
        column in known and set(known[column]) <= set(codes) for column, codes in other
    )
