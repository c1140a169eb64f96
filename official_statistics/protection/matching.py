"""The cells of a release that a pattern of a tie names, by the items that it leaves free."""

from __future__ import annotations

from official_statistics.protection.ties import Pattern

# A cell by data set, measure, items and area, within a release and a year.
Index = dict[tuple[str, str], dict[str, dict[str, int]]]


def matches_of(pattern: Pattern, index: Index) -> dict[tuple[str, ...], dict[str, int]]:
    """Cells of a pattern by the items that it leaves free, then by area."""
    found = {}
    for items, cells in index.get((pattern.data_set, pattern.measure), {}).items():
        pairs = [each.split("=", 1) for each in items.split(";")]
        if all(pattern.where.get(name, item) == item for name, item in pairs):
            free = sorted("=".join(pair) for pair in pairs if pair[0] not in pattern.where)
            found[tuple(free)] = cells
    return found


def cells_by_place(
    pattern: Pattern, index: Index
) -> dict[tuple[frozenset[tuple[str, str]], str], int]:
    """The cells of a pattern by the items that it leaves free and by area."""
    found = {}
    for free, cells in matches_of(pattern, index).items():
        items = frozenset((name, item) for name, _, item in (one.partition("=") for one in free))
        for area, cell in cells.items():
            found[items, area] = cell
    return found
