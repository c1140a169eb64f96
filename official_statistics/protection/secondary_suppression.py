"""Secondary suppression: further counts are hidden until every hidden count is protected (rule D5).

If a hidden count has too few possible values, the cheapest count that limits it is hidden too.
First, single ties show which counts those are, and which of them can be shown again. Then linear
programmes find the rest. Choices are ordered by cost and key, so the same system always gives the
same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from official_statistics.protection.bound_propagation import BoundPropagation, Bounds
from official_statistics.protection.constraint_system import (
    Bools,
    ConstraintSystem,
    Hierarchies,
    Integers,
)
from official_statistics.protection.insider_audit import InsiderAudit
from official_statistics.protection.insiders import Insider
from official_statistics.protection.linear_programme import ConstraintMatrix
from official_statistics.protection.reader_views import ReaderViews
from official_statistics.protection.suppression_audit import AuditView

Progress = Callable[[str], None]


@dataclass
class SuppressionResult:
    """The result of secondary suppression in one year.

    `secondary` marks the counts that were hidden to protect others. `unprotected_cells` are hidden
    counts that a reader could work out too closely, and `exact_cells` is how many of these exactly.
    `insider_only_cells` can be worked out only by an authority or force that knows its own counts.
    With `combines_insider_ties` False, only single ties were tested for these readers.
    """

    secondary: Bools
    unprotected_cells: list[str] = field(default_factory=list)
    insider_only_cells: list[str] = field(default_factory=list)
    exact_cells: int = 0
    unsuppressed_count: int = 0
    swapped_count: int = 0
    combines_insider_ties: bool = False


class SecondarySuppression:
    """The choice of further counts to hide in one year, so that all hidden counts are protected.

    `insiders` know their own counts when they read the release. Each hidden count needs at least
    `min_values` possible values.
    """

    def __init__(
        self,
        system: ConstraintSystem,
        areas: Hierarchies,
        insiders: Sequence[Insider],
        min_values: int,
        progress: Progress,
    ) -> None:
        self.system, self.insiders, self.progress = system, insiders, progress
        self.min_values = min_values
        self.primary = system.hidden.copy()
        matrix = ConstraintMatrix.from_system(system)
        self.propagation = BoundPropagation(matrix, len(system.truth))
        self.views = ReaderViews(system, matrix, areas, self._find_fixed(), min_values)
        # Regional views of a large nation would need more programmes than all else together.
        self.insider_audits = [
            InsiderAudit(system, matrix, view, insiders)
            for view in self.views.views
            if insiders and self.views.is_whole
        ]
        # The view of the insider from whom counts are being protected, if any.
        self.insider_views: list[AuditView] = []
        # Pairs of an insider and a count that cannot be protected from it.
        self.unprotectable_inside: set[tuple[str, int]] = set()
        self.zero_complements: set[int] = set()
        self.unprotectable: set[int] = set()
        # Counts that are not hidden, because cheaper ones are looked for in their place.
        self.reserved: set[int] = set()
        self.result = SuppressionResult(
            np.zeros(len(system.truth), dtype=bool),
            combines_insider_ties=bool(self.insider_audits),
        )

    def _find_fixed(self) -> Bools:
        """Return the counts that readers know exactly even if all others that may be are hidden."""
        lower, upper = self.system.compute_all_bounds()
        may_be_hidden = (self.system.truth > 0) & ~self.system.shown_before
        lower = np.where(may_be_hidden, 1.0, lower)
        bounds = Bounds.from_known(lower, np.where(may_be_hidden, np.inf, upper))
        bounds = self.propagation.tighten(bounds)
        is_fixed: Bools = bounds.lower == bounds.upper
        return is_fixed

    def suppress_counts(self) -> SuppressionResult:
        """Hide counts until every hidden count is protected from the public and from insiders."""
        for readers in ((), self.insiders):
            needed = self.system.hidden.copy()
            hidden = self._suppress_by_rows(readers)
            self.progress(f"{len(hidden)} more counts hidden because of single ties")
            self._unsuppress_redundant(needed, readers)
            self._swap_wider_areas(needed, readers)
            self._suppress_in_views()
        while self._suppress_from_inside():
            self._suppress_by_rows(self.insiders)
            self._suppress_in_views()
        self._record_unprotected()
        self.result.secondary = self.system.hidden & ~self.primary
        return self.result

    # Single ties

    def _suppress_by_rows(self, insiders: Sequence[Insider], budget: float = np.inf) -> list[int]:
        """Hide counts until no single tie leaves a hidden count too few values, for any reader.

        Return the hidden counts. Stop before their cost exceeds a budget.
        """
        hidden: list[int] = []
        while True:
            chosen: set[int] = set()
            for reader, bounds in self._list_readers(insiders):
                if reader and chosen and not hidden:
                    # Insiders come last: protection from the public protects from them too.
                    break
                chosen |= self._choose_cheapest(bounds, reader, chosen)
            budget -= sum(self._cost_and_key(each)[0] for each in chosen)
            if not chosen or budget < 0:
                return hidden
            self._hide_counts(sorted(chosen))
            hidden += sorted(chosen)

    def _list_readers(self, insiders: Sequence[Insider]) -> Iterator[tuple[Insider | None, Bounds]]:
        """Yield the public and each insider, with the bounds that single ties prove to them."""
        public = self.propagation.tighten(Bounds.from_known(*self.system.compute_all_bounds()))
        yield None, public
        for insider in insiders:
            bounds = insider.add_knowledge(public, self.system.truth)
            yield insider, self.propagation.tighten(bounds, changed=insider.variables)

    def _find_narrow(self, bounds: Bounds, insider: Insider | None = None) -> Integers:
        """Return the hidden counts with too few values; a complement that must be 0 is not one."""
        is_narrow = self.system.audited & (bounds.upper - bounds.lower + 1 < self.min_values)
        is_narrow &= self.system.hidden | (bounds.upper > 0)
        if insider:
            # Insiders may find a difference of 0, because a count of 0 is shown.
            is_narrow &= insider.is_protected & (self.system.truth > 0)
        return np.flatnonzero(is_narrow)

    def _choose_cheapest(
        self, bounds: Bounds, insider: Insider | None, chosen: Iterable[int]
    ) -> set[int]:
        """Return the cheapest candidate for each count with too few values.

        A count is passed over if one of its candidates is chosen already.
        """
        new = set(chosen)
        for item in self._find_narrow(bounds, insider):
            limits = self.propagation.find_limits(int(item), bounds)
            candidates = self._find_candidates(limits)
            if insider:
                candidates = [each for each in candidates if not insider.knows[each]]
            if candidates and new.isdisjoint(candidates):
                new.add(min(candidates, key=self._cost_and_key))
        return new

    def _unsuppress_redundant(self, needed: Bools, insiders: Sequence[Insider]) -> None:
        """Show counts again, the most valuable first, while single ties reveal nothing more."""
        readers = list(self._list_readers(insiders))
        narrow = [len(self._find_narrow(bounds, reader)) for reader, bounds in readers]
        for variable in self._list_optional(needed):
            self._set_hidden(variable, is_hidden=False)
            tighter = []
            for (reader, bounds), narrow_before in zip(readers, narrow, strict=True):
                tighter.append((reader, self._tighten_after_showing(bounds, variable)))
                if len(self._find_narrow(tighter[-1][1], reader)) > narrow_before:
                    self._set_hidden(variable, is_hidden=True)
                    break
            else:
                readers = tighter
                self.result.unsuppressed_count += 1

    def _list_optional(self, needed: Bools) -> list[int]:
        """Return the counts that were hidden to protect others, the most valuable first."""
        is_optional = self.system.hidden & ~needed & ~self.system.must_stay_hidden
        ranks = {int(each): self._cost_and_key(int(each)) for each in np.flatnonzero(is_optional)}
        return sorted(ranks, key=lambda each: (-ranks[each][0], ranks[each][1]))

    def _tighten_after_showing(self, bounds: Bounds, variable: int) -> Bounds:
        """Return the bounds that single ties prove after a count is shown again."""
        changed = np.array(self._list_dependents(variable), dtype=np.int64)
        known = np.array([self.system.compute_bounds(int(each)) for each in changed])
        lower = np.maximum(bounds.lower[changed], known[:, 0])
        upper = np.minimum(bounds.upper[changed], known[:, 1])
        if (lower == bounds.lower[changed]).all() and (upper == bounds.upper[changed]).all():
            return bounds
        new = bounds.copy()
        new.lower[changed], new.upper[changed] = lower, upper
        return self.propagation.tighten(new, changed)

    def _swap_wider_areas(self, needed: Bools, insiders: Sequence[Insider]) -> None:
        """Hide cheaper counts in place of one of a wider area, if single ties allow it."""
        narrow_before = self._count_narrow(insiders)
        for variable in self._list_optional(needed):
            if self.system.importance[variable] <= 1:
                continue
            self._set_hidden(variable, is_hidden=False)
            self.reserved.add(variable)
            substitutes = self._suppress_by_rows(insiders, self._cost_and_key(variable)[0])
            self.reserved.remove(variable)
            if self._count_narrow(insiders) > narrow_before:
                for each in substitutes:
                    self._set_hidden(each, is_hidden=False)
                self._set_hidden(variable, is_hidden=True)
            else:
                self.result.swapped_count += 1

    def _count_narrow(self, insiders: Sequence[Insider]) -> int:
        readers = self._list_readers(insiders)
        return sum(len(self._find_narrow(bounds, reader)) for reader, bounds in readers)

    # Linear programmes

    def _suppress_in_views(self) -> None:
        """Hide counts until the linear programmes of all views prove every count."""
        visited: list[AuditView] = []
        while views := [view for view in self.views.list_views() if view not in visited]:
            self._suppress_in_view(views[0])
            visited.append(views[0])
        self._protect_complements()

    def _suppress_from_inside(self) -> int:
        """Hide counts until the linear programmes of insiders prove every count of others.

        Return how many counts were hidden.
        """
        hidden_before = int(self.system.hidden.sum())
        for audit in self.insider_audits:
            audit.search_points()
            for number in range(len(audit.insiders)):
                if self._list_unproved_inside(audit, number):
                    self.insider_views = [audit.build_view(number)]
                    self._suppress_in_insider_view(audit, number)
        self.insider_views = []
        hidden_count = int(self.system.hidden.sum()) - hidden_before
        self.progress(f"{hidden_count} more counts hidden because of insiders")
        return hidden_count

    def _list_unproved_inside(self, audit: InsiderAudit, number: int) -> list[int]:
        """Return counts that are not proved to be protected from an insider, but may be."""
        name = audit.insiders[number].name
        unproved = audit.list_unproved(number).tolist()
        return [item for item in unproved if (name, item) not in self.unprotectable_inside]

    def _suppress_in_insider_view(self, audit: InsiderAudit, number: int) -> None:
        """Hide counts until an insider can find no count of others."""
        (view,) = self.insider_views
        view.search_points(view.items)
        for item in self._list_unproved_inside(audit, number):
            while (result := view.find_limits(item)) is not None:
                candidates = self._find_candidates(result[0].tolist())
                if not candidates:
                    self.unprotectable_inside.add((view.name, item))
                    break
                self._hide_counts([min(candidates, key=self._cost_and_key)])

    def _suppress_in_view(self, view: AuditView) -> None:
        """Hide counts until every count of a view is proved, is 0, or cannot be protected."""
        items = view.items[self.system.audited[view.items]]
        items = items[~np.isin(items, list(self.unprotectable | self.zero_complements))]
        waiting = view.search_points(items).tolist()
        self.progress(f"{view.name}: {len(waiting)} of {len(items)} counts are proved one by one")
        while waiting:
            item = waiting.pop()
            limits = self._find_limits(view, item)
            if limits is None:
                continue
            candidates = self._find_candidates(limits.tolist())
            if not candidates:
                self.unprotectable.add(item)
                continue
            chosen = min(candidates, key=self._cost_and_key)
            self._hide_counts([chosen])
            waiting += [item, chosen]

    def _find_limits(self, view: AuditView, item: int) -> Integers | None:
        """Return what limits a count in a view; None if nothing does, or if it can only be 0.

        If its protection would hide a wider area's count, the result is None too, and the count is
        audited in a wider view later.
        """
        result = view.find_limits(item)
        if result is None:
            return None
        limits, can_only_be_zero = result
        if can_only_be_zero:
            self.zero_complements.add(item)
            return None
        candidates = self._find_candidates(limits.tolist())
        cheapest = min(candidates, key=self._cost_and_key, default=None)
        is_costly = cheapest is None or self.system.importance[cheapest] > 1
        wider = self.views.get_wider(view) if is_costly else None
        if wider is None:
            return limits
        view.items = np.setdiff1d(view.items, [item])
        wider.items = np.union1d(wider.items, [item])
        return None

    def _protect_complements(self) -> None:
        """Protect complements that must be 0 in every view but may be more in the whole system."""
        _, public = next(self._list_readers(()))
        zeros = np.array(sorted(self.zero_complements), dtype=np.int64)
        zeros = zeros[public.upper[zeros] > 0]
        if len(zeros) and self.views.list_views() != self.views.views[:1]:
            full_view = self.views.get_full_view()
            positive = full_view.find_positive_counts(zeros)
            self.zero_complements -= set(positive.tolist())
            full_view.items = np.union1d(full_view.items, positive)
            self._suppress_in_view(full_view)

    def _find_candidates(self, limiting: list[int]) -> list[int]:
        """Return the counts that limit an unproved count and can be hidden.

        If there are none, return the printed counts that raise the lower bound of a hidden count.
        """
        candidates = [each for each in limiting if self._may_hide(each)]
        if candidates:
            return candidates
        proving: set[int] = set()
        for each in limiting:
            proving.update(self.system.printed_evidence.get(each, ()))
            proving.update(*self.system.dominance_pairs.get(each, ()))
        return [each for each in sorted(proving) if self._may_hide(each)]

    def _may_hide(self, variable: int) -> bool:
        return bool(
            self.system.is_printed(variable)
            and not self.system.shown_before[variable]
            and variable not in self.reserved
        )

    def _cost_and_key(self, variable: int) -> tuple[float, str]:
        cost = np.log(1.0 + self.system.truth[variable]) * self.system.importance[variable]
        return float(cost), self.system.key[variable]

    def _hide_counts(self, chosen: Iterable[int]) -> None:
        for variable in chosen:
            self._set_hidden(variable, is_hidden=True)

    def _set_hidden(self, variable: int, *, is_hidden: bool) -> None:
        """Hide or print a count, and update the bounds that depend on it in every view."""
        self.system.hidden[variable] = self.system.audited[variable] = is_hidden
        for dependent in self._list_dependents(variable):
            bounds = self.system.compute_bounds(dependent)
            for view in (*self.views.list_views(), *self.insider_views):
                if view.programme.column[dependent] >= 0:
                    view.programme.set_bounds(dependent, *bounds)

    def _list_dependents(self, variable: int) -> list[int]:
        """Return a count and all counts whose bounds depend on it, without undelivered counts."""
        dependents = (variable, *sorted(self.system.dependent_bounds.get(variable, ())))
        return [each for each in dependents if not self.system.is_undelivered[each]]

    def _record_unprotected(self) -> None:
        """Record the hidden counts for whose protection no further count could be hidden."""
        readers = list(self._list_readers(self.insiders))
        lower, upper, *_ = readers[0][1]
        unprotected = set(self._find_narrow(readers[0][1]).tolist())
        for view in self.views.list_views():
            for item in view.items[np.isin(view.items, list(self.unprotectable))].tolist():
                if self.system.audited[item] and view.find_limits(item) is not None:
                    unprotected.add(item)
                    lower[item], upper[item] = view.ends.read_ends(item)
        for item in sorted(unprotected):
            self.result.unprotected_cells.append(self.system.key[item])
            self.result.exact_cells += int(upper[item] - lower[item] < 1)
        unprotected_inside = self.unprotectable_inside | {
            (reader.name, int(item))
            for reader, bounds in readers
            if reader
            for item in self._find_narrow(bounds, reader)
        }
        self.result.insider_only_cells += [
            f"{name}: {self.system.key[item]}"
            for name, item in sorted(unprotected_inside)
            if item not in unprotected
        ]
