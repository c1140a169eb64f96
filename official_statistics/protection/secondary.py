"""Secondary suppression: hide further counts until every hidden one keeps enough values (D5).

For a count with too few values, the cheapest of those whose printed bounds hold it is hidden, all
of a turn together; then each is shown again if the audit still passes. Order and ties are fixed by
cost and key, so that the same tables give the same result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from official_statistics.protection.hidden_counts import Audit, View
from official_statistics.protection.programme import Matrix, Programme
from official_statistics.protection.system import Bools, Hierarchies, Integers, Tables
from official_statistics.protection.views import members_beside, regional_members
from official_statistics.protection.widening import Widening

Progress = Callable[[str], None]
LEVEL_COST = {"National": 50.0, "Regional": 10.0}
# Of wider areas' counts in the main tables: those that authorities are in too.
MAIN_COST = 4.0
TURNS = 60
# Counts that are proved anew for the sake of one that is shown again; more cost more than it gives.
FEW, MORE = 3, 40
# Turns in which cheaper counts may be hidden for one of a wider area.
EXCHANGE_TURNS = 6
LOWEST = "Local authority"


@dataclass
class Outcome:
    """What secondary suppression did in one year."""

    second: Bools
    unprotected: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    exact: int = 0
    turns: int = 0
    shown_again: int = 0
    exchanged: int = 0
    audited: int = 0
    whole_system: int = 0
    by_view: Counter[str] = field(default_factory=Counter)


class Suppression:
    """Chooses the counts of one year that are hidden for the sake of others."""

    def __init__(
        self,
        tables: Tables,
        areas: Hierarchies,
        insiders: list[str],
        fewest: int,
        progress: Progress,
    ) -> None:
        self.tables, self.progress = tables, progress
        self.matrix = Matrix.of(tables)
        self.audit = Audit(tables, self.matrix, fewest)
        self.first = tables.hidden.copy()
        self.views, self.whole = self._open_views(areas, insiders)
        self.widening = Widening(tables, self.matrix, areas)
        self.zeros: set[int] = set()
        self.given_up: list[tuple[View, int]] = []
        self.main = {
            key.split("|")[0]
            for key, level in zip(tables.key, tables.level, strict=True)
            if level == LOWEST
        }
        self.outcome = Outcome(np.zeros(len(tables.truth), dtype=bool))

    def _open_views(self, areas: Hierarchies, insiders: list[str]) -> tuple[list[View], View]:
        """One view a region; one of it for each small authority there that has its own counts."""
        regions, beside = regional_members(self.tables, areas), members_beside(self.tables, areas)
        area = np.array(self.tables.area)
        views, taken = [], np.zeros(len(area), dtype=bool)
        for name, own in regions.items():
            members = np.union1d(own, beside[name])
            views.append(self._view(name, members, own[~taken[own]]))
            taken[own] = True
        for insider in insiders:
            region = areas.parents["regions"].get(insider)
            if region in regions:
                members = np.union1d(regions[region], beside[region])
                members = members[area[members] != insider]
                # What wider areas' counts may be is proved by the views of other regions too.
                within = {region, *(a for a, b in areas.parents["regions"].items() if b == region)}
                items = members[np.isin(area[members], sorted(within))]
                views.append(self._view(f"as {insider}", members, items, insider))
        programme = Programme(self.tables, self.matrix, np.arange(len(area)), is_large=True)
        return views, View("whole", programme, np.flatnonzero(~taken))

    def _view(self, name: str, members: Integers, items: Integers, insider: str = "") -> View:
        return View(name, Programme(self.tables, self.matrix, members), items, insider)

    def _all_views(self) -> list[View]:
        return [*self.views, *self.widening.views, self.whole]

    def run(self) -> Outcome:
        """Hide until the audit passes, then show again what it can do without."""
        public = [view for view in self._all_views() if not view.insider]
        inside = [view for view in self.views if view.insider]
        self._hide_until_proved([(view, self._audited(view.items)) for view in public])
        self._hide_until_proved([(view, self._audited(view.items)) for view in inside])
        self.progress("what may be possible in fractions alone")
        public = [view for view in self._all_views() if not view.insider]
        for view in public:
            view.is_linear = False
        self._hide_until_proved([(view, self._audited(view.items)) for view in public])
        self._look_at_zeros()
        self._show_again()
        self._note_unproved()
        self.outcome.second = self.tables.hidden & ~self.first
        return self.outcome

    def _look_at_zeros(self) -> None:
        """Look in the whole system at the complements that a view could not move from 0."""
        while True:
            freed = self.audit.more_than_zero(self.whole, np.array(sorted(self.zeros), dtype=int))
            if not len(freed):
                return
            self.zeros -= set(freed.tolist())
            self.whole.items = np.union1d(self.whole.items, freed)
            self._hide_until_proved([(self.whole, freed)])

    def _hide_until_proved(self, waiting: list[tuple[View, Integers]]) -> None:
        """Hide in turns until views prove what waits, or nothing more helps."""
        while waiting and self.outcome.turns < TURNS:
            narrow = self._spared(self._narrow(waiting))
            if not narrow:
                break
            chosen = self._choose(narrow)
            self.progress(
                f"turn {self.outcome.turns}: {sum(len(each) for _, each in narrow)} counts with "
                f"too few values, {len(chosen)} more hidden"
            )
            if not chosen:
                left = [(view, self._proved_wider(view, items)) for view, items in narrow]
                self._give_up(self._proved_by(self.whole, [each for each in left if len(each[1])]))
                break
            self._hide(chosen)
            waiting = self._next(narrow, chosen)
            self.outcome.turns += 1

    def _give_up(self, narrow: list[tuple[View, Integers]]) -> None:
        """Look no longer at the counts that nothing can be hidden for any more."""
        for view, items in narrow:
            self.given_up += [(view, int(item)) for item in items]
            view.items = np.setdiff1d(view.items, items)

    def _note_unproved(self) -> None:
        """Note what was given up and is still hidden and unproved, after all that came later."""
        for view, item in self.given_up:
            waiting = [(view, self._audited(np.array([item])))]
            left = [(view, self._proved_wider(view, items)) for view, items in self._left(waiting)]
            if not self._proved_by(self.whole, [each for each in left if len(each[1])]):
                continue
            if not view.insider:
                values = view.values(np.array([item]))
                self.outcome.exact += int(values.max() - values.min() < 1)
            noted = self.outcome.inside if view.insider else self.outcome.unprotected
            noted.append(f"{view.name}: {self.tables.key[item]}")

    def _audited(self, variables: Integers) -> Integers:
        return variables[self.tables.audited[variables]]

    def _narrow(self, waiting: list[tuple[View, Integers]]) -> list[tuple[View, Integers]]:
        found = []
        for view, items in waiting:
            left = self.audit.prove(view, items)
            zeros = [int(each) for each in left if self.audit.is_only_zero(view, each)]
            # No more protected than a shown 0; the whole system is asked in the end.
            view.items = np.setdiff1d(view.items, zeros)
            left = np.setdiff1d(left, zeros)
            if not view.insider:
                self.zeros |= set(zeros)
            if len(left):
                self.outcome.by_view[view.name] += len(left)
                found.append((view, left))
        return found

    def _proved_by(
        self, other: View, narrow: list[tuple[View, Integers]]
    ) -> list[tuple[View, Integers]]:
        """What another view does not prove either; it keeps the counts that it proves."""
        found = []
        for view, items in narrow:
            left = items
            if view is not other and not (view.insider and other is self.whole):
                left = self.audit.prove(other, items[other.programme.place[items] >= 0])
                left = np.union1d(left, items[other.programme.place[items] < 0])
                proved = np.setdiff1d(items, left)
                view.items = np.setdiff1d(view.items, proved)
                other.items = np.union1d(other.items, proved)
                if other is self.whole:
                    self.outcome.whole_system += len(proved)
            if len(left):
                found.append((view, left.astype(np.int64)))
        return found

    def _spared(self, narrow: list[tuple[View, Integers]]) -> list[tuple[View, Integers]]:
        """Without what a wider view proves and would else hide a wider area's count."""
        found = []
        for view, items in narrow:
            wide = np.array([self._is_held_wide(view, each) for each in items], dtype=bool)
            kept = np.union1d(items[~wide], self._proved_wider(view, items[wide]))
            if len(kept):
                found.append((view, kept.astype(np.int64)))
        return found

    def _proved_wider(self, view: View, items: Integers) -> Integers:
        """What wider views of a view do not prove either; each keeps what it proves."""
        left, other = items, self.widening.of(view) if len(items) else None
        while len(left) and other is not None:
            narrow = self._proved_by(other, [(view, left)])
            left = narrow[0][1] if narrow else items[:0]
            other = self.widening.of(other)
        return left

    def _held(self, view: View, item: int) -> list[int]:
        """The counts that hold an unproved one and can be hidden.

        Where there is none, those that prove by being printed how large a hidden one is at least.
        """
        holders = [int(each) for each in self.audit.holders(view, item)]
        held = [each for each in holders if self._may_hide(each)]
        if held:
            return held
        proving = {one for each in holders for one in self.tables.behind.get(each, ())}
        for each in holders:
            proving |= {one for pair in self.tables.crowds.get(each, ()) for one in pair}
        return [each for each in sorted(proving) if self._may_hide(each)]

    def _is_held_wide(self, view: View, item: int) -> bool:
        """Whether the cheapest count that can be hidden for an unproved one is a wider area's."""
        held = self._held(view, item)
        return bool(held) and self.tables.level[min(held, key=self._rank)] in LEVEL_COST

    def _choose(self, narrow: list[tuple[View, Integers]], most: float = np.inf) -> list[int]:
        """For each count with too few values, the cheapest count that holds it.

        None if all together do not cost less than `most`.
        """
        chosen: dict[int, None] = {}
        for view, items in narrow:
            for item in items:
                held = self._held(view, item)
                if held and not any(each in chosen for each in held):
                    chosen[min(held, key=self._rank)] = None
        is_cheap = sum(self._rank(each)[0] for each in chosen) < most
        return sorted(chosen) if is_cheap else []

    def _may_hide(self, variable: int) -> bool:
        tables = self.tables
        return bool(
            not tables.hidden[variable]
            and not tables.shown_before[variable]
            and not tables.is_open[variable]
            and tables.truth[variable] > 0
        )

    def _rank(self, variable: int) -> tuple[float, str]:
        cost = np.log(1.0 + self.tables.truth[variable])
        cost *= LEVEL_COST.get(self.tables.level[variable], 1.0)
        wide = self.tables.level[variable] in LEVEL_COST
        if wide and self.tables.key[variable].split("|")[0] in self.main:
            cost *= MAIN_COST
        return float(cost), self.tables.key[variable]

    def _hide(self, chosen: list[int]) -> None:
        for each in chosen:
            self.tables.hidden[each] = self.tables.audited[each] = True
            self._tell(each)
            for widened in (each, *self.tables.proves.get(each, ())):
                self.audit.widen(widened)

    def _tell(self, variable: int) -> None:
        """Tell the views what is known of a count, and of those that it proves if printed."""
        for each in (variable, *sorted(self.tables.proves.get(variable, ()))):
            if not self.tables.is_open[each]:
                bounds = self.tables.bounds_of(each)
                for view in self._with(each):
                    view.programme.set_bounds(each, *bounds)

    def _next(
        self, narrow: list[tuple[View, Integers]], chosen: list[int]
    ) -> list[tuple[View, Integers]]:
        """What must be proved next: the counts left over, and the newly hidden everywhere."""
        left = {view.name: items for view, items in narrow}
        found = []
        for view in self._all_views():
            own = np.intersect1d(view.items, chosen)
            items = np.union1d(left.get(view.name, np.zeros(0, dtype=np.int64)), own)
            if len(items):
                found.append((view, items.astype(np.int64)))
        return found

    def _show_again(self) -> None:
        """Show each count again, dearest first, if all that is hidden stays proved without it."""
        second = np.flatnonzero(self.tables.hidden & ~self.first & ~self.tables.kept)
        ranks = {int(each): self._rank(int(each)) for each in second}
        order = sorted(ranks, key=lambda each: (-ranks[each][0], ranks[each][1]))
        for count, variable in enumerate(order, start=1):
            if count % 50 == 0:
                self.progress(f"{count} of {len(order)} tried again")
            if self._may_show(variable):
                self.outcome.shown_again += 1
        self.progress("counts of wider areas, for which cheaper ones may be hidden")
        for variable in order:
            wide = self.tables.level[variable] in LEVEL_COST
            if wide and self.tables.hidden[variable] and self._exchange(variable):
                self.outcome.exchanged += 1

    def _may_show(self, variable: int) -> bool:
        """Show one count, and keep it so if every view still proves all that is hidden."""
        most = MORE if self.tables.level[variable] in LEVEL_COST else FEW
        before = []
        self._print(variable)
        for view in self._with(variable):
            before.append((view, view.alive()))
            self._retire(view, variable)
            wanting = self.audit.unproved(view, self._audited(view.items))
            if len(wanting) > most or self._fails(view, wanting):
                self._hide([variable])
                for earlier, alive in before:
                    earlier.revive(alive)
                return False
        return True

    def _exchange(self, variable: int) -> bool:
        """Show a wider area's count, and hide others if those that this takes cost less."""
        before = [(view, view.alive()) for view in self._with(variable)]
        self._print(variable)
        waiting = []
        for view, _ in before:
            self._retire(view, variable)
            waiting.append((view, self.audit.unproved(view, self._audited(view.items))))
        instead: list[int] = []
        is_hard = sum(len(each) for _, each in waiting) > MORE
        narrow = waiting if is_hard else self._left(waiting)
        left = self._rank(variable)[0]
        for _ in range(0 if is_hard else EXCHANGE_TURNS):
            chosen = self._choose(narrow, left)
            if not chosen:
                break
            left -= sum(self._rank(each)[0] for each in chosen)
            self._hide(chosen)
            instead += chosen
            narrow = self._left(self._next(narrow, chosen))
        if not narrow:
            return True
        for each in instead:
            self._print(each)
            for view in self._with(each):
                self._retire(view, each)
        self._hide([variable])
        for view, alive in before:
            view.revive(alive)
        return False

    def _with(self, variable: int) -> list[View]:
        return [each for each in self._all_views() if each.programme.place[variable] >= 0]

    def _print(self, variable: int) -> None:
        """Show a count, whatever that gives away."""
        self.tables.hidden[variable] = self.tables.audited[variable] = False
        self._tell(variable)

    def _retire(self, view: View, variable: int) -> None:
        for each in (variable, *sorted(self.tables.proves.get(variable, ()))):
            if view.programme.place[each] >= 0 and not self.tables.is_open[each]:
                view.retire(each, *self.tables.bounds_of(each))

    def _left(self, waiting: list[tuple[View, Integers]]) -> list[tuple[View, Integers]]:
        """What views do not prove of what waits; the views stay as they are."""
        found = []
        for view, items in waiting:
            left = [
                item
                for item in self.audit.prove(view, items)
                if not self.audit.is_only_zero(view, int(item))
            ]
            if left:
                found.append((view, np.array(left, dtype=np.int64)))
        return self._spared(found)

    def _fails(self, view: View, items: Integers) -> bool:
        """Say whether items of a view are proved neither there nor in a wider one."""
        for item in items:
            left = self.audit.prove(view, np.array([item]))
            if not len(left) or self.audit.is_only_zero(view, item):
                continue
            if len(self._proved_wider(view, left)):
                return True
        return False
