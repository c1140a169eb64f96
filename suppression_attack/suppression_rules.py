"""What the rules of hiding say of hidden counts, where others are printed: bounds, and no rows."""

from __future__ import annotations

from suppression_attack.description import Tie
from suppression_attack.published_files import Release
from suppression_attack.table import Cell, Matches, Table


def apply_rules(table: Table, releases: list[Release]) -> None:
    """Narrow the unknowns of a table by the rules that the releases describe."""
    for release in releases:
        matches = Matches(release)
        for tie in release.description.ties:
            if tie.kind in ("behind", "dominance"):
                _apply_rule(table, release, matches, tie)


def _printed_bounds(release: Release, cell: Cell | None) -> tuple[float, float] | None:
    """The ends of a printed count's rounding; None where it is not printed, or is 0."""
    if cell is None:
        return None
    text = release.files[cell.file].rows[cell.place, cell.items][cell.measure]
    if not text.isdigit() or int(text) == 0:
        return None
    value, unit = int(text), release.description.rounding[cell.place.level]
    return float(value - unit // 2), float(value + (unit - 1) // 2)


def _apply_rule(table: Table, release: Release, matches: Matches, tie: Tie) -> None:
    """Narrow hidden counts by what the rules of hiding say of the counts that are printed.

    A count is printed only if so many children are behind it as are never hidden: so many are in
    every wider count of children. And only if two of them do not have nearly all: where at most
    two children had several, the others would have had one each.
    """
    said = release.description
    wide, *others = (matches.cells(each) for each in (*tie.total, *tie.parts))
    used = 0
    if tie.kind == "behind":
        free = {name for _, items in wide for name, _ in items}
        for (place, items), cell in others[0].items():
            known = (place, tuple(pair for pair in items if pair[0] in free))
            if known not in wide:
                continue
            used += 1
            if _printed_bounds(release, cell):
                unknown = table.unknowns[table.by_cell[wide[known]]]
                unknown.lower = max(unknown.lower, float(said.smallest_shown))
    else:
        for key, cell in wide.items():
            episodes, children = (_printed_bounds(release, each.get(key)) for each in others)
            used += 1
            if episodes and children and said.dominance_share < 1:
                unknown = table.unknowns[table.by_cell[cell]]
                is_few = children[1] <= (1 - said.dominance_share) * episodes[0] + 2
                if is_few and unknown.upper > 0:
                    unknown.lower = max(unknown.lower, 3.0)
    if not used:
        table.faults.append(f"{tie.name}: fits no cell of {tie.total[0].file}")
