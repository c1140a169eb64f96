"""The ties between published counts, derived from the data sets, and the cells that they connect.

A tie holds whatever the counts are: items add up to their total, an area contains others, or two
files show the same number. `protection` decides what a release shows, and `linear_programme`
solves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from official_statistics.data_sets import (
    TOTAL,
    Combination,
    DataSet,
    Filter,
    Indicator,
    Item,
    join_conditions,
    list_counts,
)
from official_statistics.protection.frequency_ties import tie_frequent_children
from official_statistics.protection.tie_patterns import Kind, Pattern, Tie, Where

# Names of the area hierarchies. In a hierarchy, the counts of some areas (`Hierarchies.incomplete`)
# can exceed the sum of their parts.
REGIONS, FORCES, FORCES_OF_NATION = "regions", "forces", "forces_of_nation"
# Data sets without ties: figures of the linkage sample, and counts of deliveries, which are never
# hidden.
UNTIED = ("linkage", "coverage")

# The condition of a count on the base table: pairs of a column and the codes counted.
Condition = frozenset[tuple[str, tuple[str, ...]]]


def derive_ties(data_sets: Iterable[DataSet]) -> tuple[Tie, ...]:
    """Return all ties between the counts of the data sets, in a fixed order."""
    tied = [each for each in data_sets if each.counted_on not in UNTIED and each.counts]
    ties: list[Tie] = list(_tie_same_numbers(tied))
    for data_set in tied:
        ties += _tie_filter_sums(data_set)
        ties += _tie_area_sums(data_set)
        ties += _tie_ordered_measures(data_set)
        ties += _tie_frequencies(data_set, tied)
        ties += _tie_equal_items(data_set)
        ties += _tie_children_behind(data_set, tied)
        ties += _tie_dominance(data_set)
        ties += _tie_code_sums(data_set, tied)
        ties += _tie_contained_rows(data_set, tied)
    return (*ties, *_tie_partial_data_sets(tied))


def _choose_kind(indicator: Indicator, *, one_a_child: bool = False) -> Kind:
    """Return the kind of tie between the items of a dividing filter and their total."""
    if indicator.of == "episodes" or one_a_child:
        return "add"
    return "within" if indicator.of == "repeat_children" else "overlap"


def _list_conditions(data_set: DataSet, indicator: Indicator, free: str = "") -> list[Where]:
    """Return the sets of items for which an indicator exists and adds up.

    The filter `free` and the filter that groups it are not in these sets.
    """
    wheres: list[Where] = [{}]
    for part in data_set.filters:
        if part.name in (free, data_set.find_grouping(free)):
            continue
        items = indicator.only.get(part.name, (TOTAL,) if part.in_cell else ())
        if items:
            wheres = [{**where, part.name: item} for where in wheres for item in items]
    return wheres


def _tie_filter_sums(data_set: DataSet) -> Iterator[Tie]:
    for part in data_set.filters:
        topics = dict.fromkeys(item.topic for item in part.items if item.divides or part.divides)
        for indicator in data_set.counts:
            if part.name in indicator.only:
                continue
            for where in _list_conditions(data_set, indicator, part.name):
                if part.nests:
                    yield from _tie_nested_items(data_set, part, indicator, where)
                # The count of looked-after children is the same for every item; `_tie_same_numbers`
                # handles it.
                if indicator.of != "looked_after_children":
                    for topic in topics:
                        yield _tie_items(data_set, part, indicator, where, topic)


def _tie_items(
    data_set: DataSet, part: Filter, indicator: Indicator, where: Where, topic: str | None
) -> Tie:
    """Return the tie between a total and the items of a filter, or of one of its topics."""
    items = [item for item in part.items if item.name != TOTAL and item.topic == topic]
    one_a_child = part.one_a_child or any(item.one_a_child for item in items)
    total = where | {part.name: TOTAL} | _find_topic(data_set, part, Item(TOTAL))
    parts = tuple(
        Pattern(
            data_set.name,
            indicator.name,
            where | {part.name: item.name} | _find_topic(data_set, part, item),
        )
        for item in items
    )
    return Tie(
        f"{data_set.name}: {topic or part.name} of {indicator.name}",
        _choose_kind(indicator, one_a_child=one_a_child),
        (Pattern(data_set.name, indicator.name, total),),
        parts,
    )


def _find_topic(data_set: DataSet, part: Filter, item: Item) -> Where:
    """Return the grouping filter with an item's topic; empty if the filter is not grouped."""
    grouping = data_set.find_grouping(part.name)
    return {grouping: item.topic or TOTAL} if grouping else {}


def _tie_nested_items(
    data_set: DataSet, part: Filter, indicator: Indicator, where: Where
) -> Iterator[Tie]:
    for outer, inner in zip(part.items, part.items[1:], strict=False):
        sides = [
            Pattern(data_set.name, indicator.name, where | {part.name: item.name})
            for item in (outer, inner)
        ]
        name = f"{data_set.name}: {indicator.name} of {outer.name} less {inner.name}"
        yield Tie(name, "complement", (sides[0],), (sides[1],))


def _tie_area_sums(data_set: DataSet) -> Iterator[Tie]:
    for indicator in data_set.counts:
        kind = _choose_kind(indicator)
        for where in _list_conditions(data_set, indicator):
            pattern = Pattern(data_set.name, indicator.name, where)
            name = f"{data_set.name}: areas of {indicator.name}"
            if "Regional" in data_set.levels:
                yield Tie(name, kind, (pattern,), over=REGIONS)
            if "Police force area" in data_set.levels:
                yield from _tie_force_sums(data_set, indicator, where)


def _tie_force_sums(data_set: DataSet, indicator: Indicator, where: Where) -> Iterator[Tie]:
    """Tie national counts to forces, and a force's counts of its own area to its authorities."""
    name, kind = f"{data_set.name}: forces of {indicator.name}", _choose_kind(indicator)
    for part in data_set.filters:
        for item in part.items:
            if (part.column, item.codes) == ("same_area", ("yes",)):
                own_area = Pattern(data_set.name, indicator.name, where | {part.name: item.name})
                yield Tie(name, kind, (own_area,), over=FORCES)
                where = where | {part.name: TOTAL}
    pattern = Pattern(data_set.name, indicator.name, where)
    yield Tie(name, kind, (pattern,), over=FORCES_OF_NATION)


def _tie_ordered_measures(data_set: DataSet) -> Iterator[Tie]:
    """Tie two measures in one row of which one is never larger than the other.

    If both count episodes, or if neither does, their difference is also a count. In a file that
    counts repeat children too, the episodes are at least the children plus the repeat children.
    """
    indicators = {indicator.name: indicator for indicator in data_set.counts}
    for less, more in data_set.orders:
        of_episodes = {indicators[name].of == "episodes" for name in (less, more)}
        kind: Kind = "complement" if len(of_episodes) == 1 else "at_least"
        for where in _list_conditions(data_set, indicators[more]):
            sides = [Pattern(data_set.name, name, where) for name in (more, less)]
            yield Tie(f"{data_set.name}: {more} less {less}", kind, (sides[0],), (sides[1],))
    units = ("episodes", "children", "repeat_children")
    measures = [data_set.find_count(unit) for unit in units]
    if None not in measures:
        episodes, *parts = (Pattern(data_set.name, str(measure), {}) for measure in measures)
        name = f"{data_set.name}: a repeat child has two episodes"
        yield Tie(name, "at_least", (episodes,), tuple(parts))


def _tie_children_behind(data_set: DataSet, others: list[DataSet]) -> Iterator[Tie]:
    """Tie each count of episodes to the nearest count of children that includes their children.

    This is the count of children in the same row, if there is one. Otherwise it is in the first
    other file that counts children at all levels of this file. That count has the same items in the
    filters that both files share.
    """
    children = data_set.find_count("children")
    for indicator in data_set.counts:
        if indicator.of != "episodes":
            continue
        name = f"{data_set.name}: children behind {indicator.name}"
        episodes = (Pattern(data_set.name, indicator.name, {}),)
        if children:
            yield Tie(name, "behind", (Pattern(data_set.name, children, {}),), episodes)
            continue
        for other in others:
            measure = other.find_count("children")
            # Leave out police forces, for which no file counts children.
            levels = set(data_set.levels) - {"Police force area"}
            if measure and not other.where and levels <= set(other.levels):
                where = _fix_totals(other, _find_shared_filters(data_set, other))
                yield Tie(name, "behind", (Pattern(other.name, measure, where),), episodes)
                break


def _find_shared_filters(first: DataSet, second: DataSet) -> set[str]:
    """Return the filters that two files share: with the same name, items and rows counted."""
    known = {part.name: (part.column, part.items) for part in first.filters}
    return {
        part.name for part in second.filters if known.get(part.name) == (part.column, part.items)
    }


def _fix_totals(data_set: DataSet, free: set[str]) -> Where:
    """Return the Total of each filter that is not left free."""
    return {part.name: TOTAL for part in data_set.filters if part.name not in free}


def _tie_dominance(data_set: DataSet) -> Iterator[Tie]:
    units = ("repeat_children", "episodes", "children")
    measures = [data_set.find_count(unit) for unit in units]
    if None not in measures:
        several, *parts = (Pattern(data_set.name, str(measure), {}) for measure in measures)
        yield Tie(f"{data_set.name}: two children", "dominance", (several,), tuple(parts))


def _tie_frequencies(data_set: DataSet, others: list[DataSet]) -> Iterator[Tie]:
    """Tie counts of episodes to counts of children by how many episodes each child had.

    For example, children with two episodes each have twice as many episodes as children.
    """
    for part in data_set.filters:
        if not part.in_cell:
            continue
        children, episodes = (str(data_set.find_count(unit)) for unit in ("children", "episodes"))
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
        yield from tie_frequent_children(data_set, part, REGIONS)
        once = next(item.name for item in part.items if item.episodes == (1, 1))
        total = Pattern(data_set.name, children, {part.name: TOTAL})
        single = Pattern(data_set.name, children, {part.name: once})
        shared = {part.name for part in data_set.filters}
        for other in others:
            for indicator in other.counts:
                if indicator.of == "repeat_children":
                    repeat = Pattern(other.name, indicator.name, _fix_totals(other, shared))
                    name = f"{data_set.name}: once or repeatedly"
                    yield Tie(name, "add", (total,), (single, repeat))


def _tie_equal_items(data_set: DataSet) -> Iterator[Tie]:
    for first, second in data_set.equal:
        for indicator in data_set.counts:
            sides = tuple(
                Pattern(data_set.name, indicator.name, dict(where)) for where in (first, second)
            )
            yield Tie(f"{data_set.name}: one stage after another", "same", sides)


def _tie_code_sums(data_set: DataSet, others: list[DataSet]) -> Iterator[Tie]:
    """Tie a count of several codes of a column to the items of a topic that count some of them.

    They are a sum if they count all of these codes. Otherwise the rest of the episodes is a count.
    """
    for indicator in data_set.counts:
        for column, codes, own in _list_code_counts(data_set, indicator):
            for other in others:
                shared = _find_shared_filters(data_set, other) - set(own)
                total = Pattern(
                    data_set.name, indicator.name, {**_fix_totals(data_set, shared), **own}
                )
                totals = _fix_totals(other, shared)
                for items in _find_items_of_codes(other, indicator, column, codes):
                    parts = tuple(
                        replace(part, where={**totals, **part.where}) for part in items.values()
                    )
                    name = f"{data_set.name}: {indicator.name} by {other.name}"
                    if {code for item in items for code in item} == set(codes):
                        yield Tie(name, _choose_kind(indicator), (total,), parts)
                    elif indicator.of == "episodes":
                        yield Tie(f"{name}, and the rest", "complement", (total,), parts)


def _list_code_counts(
    data_set: DataSet, indicator: Indicator
) -> Iterator[tuple[str, tuple[str, ...], Where]]:
    """Yield a column, several codes of it, and the items of the rows that count these codes."""
    where = indicator.same_as or indicator.where
    if len(where) == 1:
        ((column, codes),) = where.items()
        if len(codes) > 1:
            yield column, codes, {}
    if indicator.where or data_set.where:
        return
    for part in data_set.filters:
        for item in part.items:
            if item.column and len(item.codes) > 1 and not item.where:
                own = {part.name: item.name} | _find_topic(data_set, part, item)
                yield item.column, item.codes, own


def _find_items_of_codes(
    data_set: DataSet, indicator: Indicator, column: str, codes: tuple[str, ...]
) -> Iterator[dict[tuple[str, ...], Pattern]]:
    """Yield, for each topic of a filter, the cells that count some of the codes, but not all.

    The cells are in an indicator's unit, by the codes that each counts. Cells that count the same
    episodes come one at a time.
    """
    measures = [each.name for each in data_set.counts if each.of == indicator.of and not each.where]
    for part in data_set.filters if measures else ():
        for topic in dict.fromkeys(item.topic for item in part.items if item.name != TOTAL):
            items = {
                item.codes: Pattern(
                    data_set.name,
                    measures[0],
                    {part.name: item.name} | _find_topic(data_set, part, item),
                )
                for item in part.items
                if (item.topic, item.column, item.where) == (topic, column, {})
                and set(item.codes) < set(codes)
            }
            are_apart = len({code for item in items for code in item}) == sum(map(len, items))
            if items and are_apart:
                yield items
            else:
                yield from ({item: pattern} for item, pattern in items.items())


def _tie_contained_rows(data_set: DataSet, others: list[DataSet]) -> Iterator[Tie]:
    """Tie a row to rows that count some of its episodes: the rest is a count too.

    A child may be in several of the parts, so for children each part has a rest of its own.
    """
    for rule in data_set.contains:
        source = next(each for each in others if each.name == (rule.data_set or data_set.name))
        for unit in ("episodes", "children"):
            total = Pattern(source.name, str(source.find_count(unit)), rule.total)
            measure = str(data_set.find_count(unit))
            parts = tuple(Pattern(data_set.name, measure, where) for where in rule.parts)
            for side in [parts] if unit == "episodes" else [(part,) for part in parts]:
                yield Tie(f"{data_set.name}: a part of other {unit}", "complement", (total,), side)


def _read_condition(indicator: Indicator, combination: Combination) -> Condition:
    where = {**join_conditions(indicator, combination)}
    if indicator.of == "looked_after_children":
        where.pop("absence_category", None)
    return frozenset((column, tuple(sorted(codes))) for column, codes in where.items())


def _tie_same_numbers(data_sets: list[DataSet]) -> Iterator[Tie]:
    """Tie cells that count the same unit of the same base rows, and so show one number."""
    groups: dict[object, list[Pattern]] = defaultdict(list)
    for data_set, indicator, combination in list_counts(data_sets):
        linkages = {item.linkage or "central" for item in combination.items} - {"central"}
        episodes = next((item.episodes for item in combination.items if item.episodes), None)
        condition = _read_condition(indicator, combination)
        key = (indicator.of, condition, episodes, *sorted(linkages))
        groups[key].append(Pattern(data_set.name, indicator.name, dict(combination.values)))
    for patterns in groups.values():
        if len(patterns) > 1:
            name = f"{patterns[0].data_set}: one number in several places"
            yield Tie(name, "same", tuple(patterns))


def _tie_partial_data_sets(data_sets: list[DataSet]) -> Iterator[Tie]:
    """Tie a data set of only some base rows to a count of more rows, as a sum or a complement."""
    for data_set in data_sets:
        if not data_set.where:
            continue
        rows = frozenset((name, tuple(sorted(codes))) for name, codes in data_set.where.items())
        own = _index_episode_cells([data_set])
        others = _index_episode_cells([each for each in data_sets if each is not data_set])
        if rows not in own or rows in others:
            continue
        name = f"{data_set.name}: its rows among all"
        parts = _find_single_codes(rows, others)
        if parts:
            yield Tie(name, "add", (own[rows],), parts)
            continue
        wider = [condition for condition in others if _is_wider(condition, rows)]
        if wider:
            nearest = min(wider, key=_breadth_order)
            yield Tie(name, "complement", (others[nearest],), (own[rows],))


def _index_episode_cells(data_sets: list[DataSet]) -> dict[Condition, Pattern]:
    """Return, for each condition, the first cell that counts episodes by it."""
    cells: dict[Condition, Pattern] = {}
    for data_set, indicator, combination in list_counts(data_sets):
        is_ordinary = not any(item.linkage or item.episodes for item in combination.items)
        if indicator.of == "episodes" and is_ordinary:
            pattern = Pattern(data_set.name, indicator.name, dict(combination.values))
            cells.setdefault(_read_condition(indicator, combination), pattern)
    return cells


def _breadth_order(condition: Condition) -> tuple[int, int, list[tuple[str, tuple[str, ...]]]]:
    """Return a sort key that orders conditions from the narrowest to the widest."""
    code_count = sum(len(codes) for _, codes in condition)
    return (-len(condition), code_count, sorted(condition))


def _find_single_codes(rows: Condition, cells: Mapping[Condition, Pattern]) -> tuple[Pattern, ...]:
    """Return the cells that each count one code of a condition, if the condition has one column.

    Return an empty tuple for any other condition, and unless all of these cells are published.
    """
    if len(rows) != 1:
        return ()
    ((column, codes),) = rows
    singles = [frozenset({(column, (code,))}) for code in codes]
    if len(codes) < 2 or any(single not in cells for single in singles):
        return ()
    return tuple(cells[single] for single in singles)


def _is_wider(other: Condition, rows: Condition) -> bool:
    known = dict(rows)
    return other != rows and all(
        column in known and set(known[column]) <= set(codes) for column, codes in other
    )
