"""Patterns of published counts, the ties between them, and the cells that a pattern matches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["add", "overlap", "within", "same", "at_least", "complement", "behind", "dominance"]
Where = dict[str, str]
# The cells of a release and year, by data set and measure, then by filter items, then by area.
CellIndex = dict[tuple[str, str], dict[str, dict[str, int]]]


@dataclass(frozen=True)
class Pattern:
    """The cells of one measure in a data set that have the filter items in `where`.

    In a sum, `times` is the coefficient of each cell.
    """

    data_set: str
    measure: str
    where: Mapping[str, str]
    times: int = 1


@dataclass(frozen=True)
class Tie:
    """One relation between counts, in every area and year and for all items of free filters.

    - add: total = sum of parts
    - overlap: each part <= total <= sum of parts
    - within: each part <= total
    - same: one number
    - at_least: sum of totals >= sum of parts
    - complement: total - sum of parts is a number >= 0 that the public can work out

    If `over` names a hierarchy, the parts are the areas within the total's area.

    Two kinds follow from the rules of disclosure control. `behind`: a part that is printed and not
    0 has more children behind it than rule D1 ever hides. The total includes all these children.
    `dominance`: if the parts (episodes, children) are printed, two children do not account for
    nearly all episodes. This may rule out small totals (children with several episodes).

    If `is_presumed`, readers may presume the tie, but true counts may contradict it in some areas.
    """

    name: str
    kind: Kind
    total: tuple[Pattern, ...]
    parts: tuple[Pattern, ...] = ()
    over: str | None = None
    is_presumed: bool = False


def match_cells(pattern: Pattern, index: CellIndex) -> dict[tuple[str, ...], dict[str, int]]:
    """Return the cells of a pattern by the items of its free filters, and then by area."""
    cells_by_items = {}
    for items, cells in index.get((pattern.data_set, pattern.measure), {}).items():
        pairs = [pair.split("=", 1) for pair in items.split(";")]
        if all(pattern.where.get(name, item) == item for name, item in pairs):
            free = sorted("=".join(pair) for pair in pairs if pair[0] not in pattern.where)
            cells_by_items[tuple(free)] = cells
    return cells_by_items


def match_cells_by_place(
    pattern: Pattern, index: CellIndex
) -> dict[tuple[frozenset[tuple[str, str]], str], int]:
    """Return the cells of a pattern by its free filters with their items, and by area."""
    cells_by_place = {}
    for free, cells in match_cells(pattern, index).items():
        items = frozenset((name, item) for name, _, item in (pair.partition("=") for pair in free))
        for area, cell in cells.items():
            cells_by_place[items, area] = cell
    return cells_by_place
