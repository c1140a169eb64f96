"""What readers find out who know the counts of one or more areas exactly, such as an authority.

All counts start at one set of whole numbers that fits everything published: the true counts, as far
as they are given. The search moves them from there, in one group of areas after another. An insider
cannot exclude a move that changes no count of the insider's areas. For counts without such moves,
the search is done again with these areas' counts fixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from suppression_attack.attack_programme import (
    Bools,
    Floats,
    Integers,
    Programme,
    System,
    propagate_bounds,
)
from suppression_attack.groups import find_groups
from suppression_attack.search import (
    MAX_STARTS,
    Intervals,
    Search,
    find_components,
    find_integer_point,
)
from suppression_attack.table import Table

Areas = frozenset[str]


@dataclass(frozen=True)
class InsiderFinding:
    """A count that readers in `areas` can narrow down to the values from `lower` to `upper`.

    With `is_proved` False, the attack proved neither this nor that the count is wide enough.
    """

    areas: Areas
    unknown: int
    lower: float
    upper: float
    is_proved: bool


@dataclass(frozen=True)
class _Move:
    """A set of numbers that fits everything published: the unknowns changed from the start."""

    changed: Integers
    values: Floats


@dataclass
class _RecordedIntervals(Intervals):
    """Intervals that also record each point as a move from `start`."""

    start: Floats = field(default_factory=lambda: np.zeros(0))
    moves: list[_Move] = field(default_factory=list)

    def add_point(self, members: Integers, point: Floats) -> None:
        super().add_point(members, point)
        is_changed = point != self.start[members]
        self.moves.append(_Move(members[is_changed], point[is_changed]))


def list_insiders(table: Table) -> list[Areas]:
    """Return each area that reports counts of its own, and both parts of an area with two parts.

    These are the areas with a parent, except those that have parts in the first hierarchy.
    """
    first = next(iter(table.hierarchies.values()), {})
    reporting = {area for parents in table.hierarchies.values() for area in parents}
    reporting -= set(first.values())
    parts: dict[str, set[str]] = {}
    for area in reporting & first.keys():
        parts.setdefault(first[area], set()).add(area)
    pairs = {frozenset(each) for each in parts.values() if len(each) == 2}
    return [*(frozenset({area}) for area in sorted(reporting)), *sorted(pairs, key=sorted)]


class InsiderAttack:
    """The attack of insiders on the counts that a finished search could not narrow down.

    `true_counts` gives the true values of unknowns by number; the others start at fitting numbers.
    `start` is None if no numbers fit.
    """

    def __init__(self, search: Search, true_counts: Mapping[int, float]) -> None:
        self.search, self.min_values = search, search.min_values
        self.table, self.progress = search.table, search.progress
        self.is_open = search.audited & ~search.intervals.is_narrow(search.min_values)
        self.system = search.system.with_bounds(search.intervals.lower, search.intervals.upper)
        self.components = find_components(self.system)
        lower, upper = self.system.lower.copy(), self.system.upper.copy()
        for number, count in true_counts.items():
            lower[number] = upper[number] = count
        fixed = self._propagate(lower, upper)
        # An insider may find a difference of 0, because a count of 0 is never hidden.
        is_complement = np.array([each.is_complement for each in self.table.unknowns])
        self.is_open &= ~(is_complement & (fixed.upper == 0))
        self.start = self._find_start(fixed)

    def _find_start(self, fixed: System) -> Floats | None:
        """Return numbers that fit everything published and the true counts; None if none do."""
        if (fixed.lower > fixed.upper).any():
            return None
        start = fixed.lower.copy()
        for members in self.components:
            if (fixed.lower[members] == fixed.upper[members]).all():
                continue
            part = fixed.restrict_to(members, start)
            centre = Programme(part).find_interior_point()
            point = None if centre is None else find_integer_point(part, centre)[0]
            if point is None:
                return None
            start[members] = point
        return start if self.system.is_feasible(start) else None

    def _propagate(self, lower: Floats, upper: Floats) -> System:
        return self.system.with_bounds(*propagate_bounds(self.system.with_bounds(lower, upper)))

    def run(self, insiders: Sequence[Areas]) -> Iterator[InsiderFinding]:
        """Yield what each group of areas finds out beyond what every reader does."""
        self.progress("searching for moves that insiders cannot exclude")
        moves = self._search_groups(self.system, self.is_open, ())
        for count, areas in enumerate(insiders, start=1):
            self.progress(f"insider {count} of {len(insiders)}: {' and '.join(sorted(areas))}")
            yield from self._attack_with(areas, moves)

    def _search_groups(
        self, system: System, is_target: Bools, moves: Sequence[_Move]
    ) -> list[_Move]:
        """Search one group after another for moves of the targets, and return these moves.

        `moves` are known already. Afterwards, `search.intervals` has what all these moves prove.
        """
        assert self.start is not None
        size = len(self.start)
        intervals = _RecordedIntervals(
            np.full(size, np.inf), np.full(size, -np.inf), system.lower, system.upper, self.start
        )
        everything = np.arange(size)
        intervals.add_point(everything, self.start)
        for move in moves:
            intervals.add_point(move.changed, move.values)
        intervals.moves.clear()
        self.search.intervals, self.search.audited = intervals, is_target
        for members in self.components:
            if not len(self.search.find_open(members)):
                continue
            for group in find_groups(self.table, members, self.system.lower) or [members]:
                self._search_group(system, group[system.lower[group] < system.upper[group]])
        return intervals.moves

    def _search_group(self, system: System, group: Integers) -> None:
        """Move a group's targets while all other counts stay at the start."""
        assert self.start is not None
        point = self.start.copy()
        open_before = len(self.search.find_open(group))
        for start in range(MAX_STARTS):
            if not open_before:
                break
            self.search.search_group(system.restrict_to(group, point), group, point, start)
            still_open = len(self.search.find_open(group))
            if still_open == open_before:
                break
            open_before = still_open

    def _attack_with(self, areas: Areas, moves: Sequence[_Move]) -> Iterator[InsiderFinding]:
        assert self.start is not None
        is_known = np.array([bool(each.areas & areas) for each in self.table.unknowns])
        lower = np.where(is_known, self.start, self.system.lower)
        upper = np.where(is_known, self.start, self.system.upper)
        fixed = self._propagate(lower, upper)
        is_target = self.is_open & ~is_known
        possible = [move for move in moves if not is_known[move.changed].any()]
        self._search_groups(fixed, is_target, possible)
        for members in self.components:
            if len(self.search.find_open(members)):
                free = members[fixed.lower[members] < fixed.upper[members]]
                part = fixed.restrict_to(free, self.start)
                self.search.search_whole(part, free, self.start[free])
        intervals = self.search.intervals
        is_narrow = intervals.is_narrow(self.min_values)
        for number in np.flatnonzero(is_target & ~intervals.is_wide(self.min_values)):
            # Adding 0 turns -0 into 0.
            ends = float(intervals.lower[number]) + 0.0, float(intervals.upper[number]) + 0.0
            yield InsiderFinding(areas, int(number), *ends, bool(is_narrow[number]))
