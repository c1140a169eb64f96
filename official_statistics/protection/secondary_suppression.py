"""Secondary suppression: further counts are hidden until every hidden count is protected (rule D5).

If a hidden count has too few possible values, the cheapest count that limits it is hidden too.
Afterwards, each count hidden in this way is shown again if the audit still passes. Choices are
ordered by cost and key, so the same system always gives the same result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from official_statistics.protection.constraint_system import (
    Bools,
    ConstraintSystem,
    Hierarchies,
    Integers,
)
from official_statistics.protection.linear_programme import ConstraintMatrix, LinearProgramme
from official_statistics.protection.reader_views import (
    WiderViews,
    find_regional_variables,
    find_sibling_variables,
)
from official_statistics.protection.suppression_audit import AuditView, SuppressionAudit
from official_statistics.protection.ties import REGIONS

Progress = Callable[[str], None]
# Counts not yet proved protected, for each view.
OpenCounts = list[tuple[AuditView, Integers]]
# Factors on the cost of hiding a count of a wider area; for counts of authorities the factor is 1.
LEVEL_COST = {"National": 50.0, "Regional": 10.0}
# A further factor for counts of wider areas in tables that also have rows of authorities.
MAIN_TABLE_COST = 4.0
MAX_ROUNDS = 60
# Counts that were hidden only to protect others may be shown again. A count of an authority (a
# wider area) is shown only if, in each view, at most this many counts then need a new proof.
REPROOF_LIMIT, WIDER_AREA_REPROOF_LIMIT = 3, 40
# For one count of a wider area: the maximum number of rounds in which cheaper counts are hidden in
# its place.
MAX_SWAP_ROUNDS = 6
LOWEST_LEVEL = "Local authority"


@dataclass
class SuppressionResult:
    """The result of secondary suppression in one year.

    `secondary` marks the counts that were hidden to protect others. `unprotected_cells` are hidden
    counts that a reader could work out too closely, and `exact_cells` is how many of these exactly.
    `insider_only_cells` can be worked out only by an authority that knows its own counts.
    """

    secondary: Bools
    unprotected_cells: list[str] = field(default_factory=list)
    insider_only_cells: list[str] = field(default_factory=list)
    exact_cells: int = 0
    rounds: int = 0
    unsuppressed_count: int = 0
    swapped_count: int = 0
    full_system_audits: int = 0


class SecondarySuppression:
    """The choice of further counts to hide in one year, so that all hidden counts are protected.

    `insiders` are authorities that know their own counts when they read the release. Each hidden
    count needs at least `min_values` possible values.
    """

    def __init__(
        self,
        system: ConstraintSystem,
        areas: Hierarchies,
        insiders: list[str],
        min_values: int,
        progress: Progress,
    ) -> None:
        self.system, self.progress = system, progress
        self.matrix = ConstraintMatrix.from_system(system)
        self.audit = SuppressionAudit(system, self.matrix, min_values)
        self.primary = system.hidden.copy()
        self.views, self.full_view = self._build_audit_views(areas, insiders)
        self.wider_views = WiderViews(system, self.matrix, areas)
        self.zero_complements: set[int] = set()
        self.unprotectable: list[tuple[AuditView, int]] = []
        self.main_tables = {
            _table_of(key)
            for key, level in zip(system.key, system.level, strict=True)
            if level == LOWEST_LEVEL
        }
        self.result = SuppressionResult(np.zeros(len(system.truth), dtype=bool))

    def _build_audit_views(
        self, areas: Hierarchies, insiders: list[str]
    ) -> tuple[list[AuditView], AuditView]:
        """Return a view for each region and each insider, and the view of the full system."""
        regions = find_regional_variables(self.system, areas)
        siblings = find_sibling_variables(self.system, areas)
        area = np.array(self.system.area)
        views, is_assigned = [], np.zeros(len(area), dtype=bool)
        for name, own in regions.items():
            members = np.union1d(own, siblings[name])
            views.append(self._build_view(name, members, own[~is_assigned[own]]))
            is_assigned[own] = True
        for insider in insiders:
            region = areas.parents[REGIONS].get(insider)
            if region in regions:
                members = np.union1d(regions[region], siblings[region])
                members = members[area[members] != insider]
                # An insider's view has to protect only counts of the region and of areas within it,
                # because the regions' views protect wider areas.
                within = [a for a, parent in areas.parents[REGIONS].items() if parent == region]
                items = members[np.isin(area[members], sorted({region, *within}))]
                views.append(self._build_view(f"as {insider}", members, items, insider))
        everything = np.arange(len(area))
        programme = LinearProgramme(self.system, self.matrix, everything, is_large=True)
        return views, AuditView("whole", programme, np.flatnonzero(~is_assigned))

    def _build_view(
        self, name: str, members: Integers, items: Integers, insider: str = ""
    ) -> AuditView:
        programme = LinearProgramme(self.system, self.matrix, members)
        return AuditView(name, programme, items, insider)

    def _list_views(self) -> list[AuditView]:
        return [*self.views, *self.wider_views.views, self.full_view]

    def suppress_counts(self) -> SuppressionResult:
        """Hide counts until the audit passes, then show again those that need not be hidden."""
        public_views = [view for view in self._list_views() if not view.insider]
        insider_views = [view for view in self.views if view.insider]
        self._suppress_until_protected(self._list_audited(public_views))
        self._suppress_until_protected(self._list_audited(insider_views))
        self.progress("solving the integer problems left by the linear relaxation")
        public_views = [view for view in self._list_views() if not view.insider]
        for view in public_views:
            view.is_relaxed = False
        self._suppress_until_protected(self._list_audited(public_views))
        self._protect_complements()
        self._unsuppress_redundant()
        self._record_unprotected()
        self.result.secondary = self.system.hidden & ~self.primary
        return self.result

    def _list_audited(self, views: list[AuditView]) -> OpenCounts:
        return [(view, self._select_audited(view.items)) for view in views]

    def _select_audited(self, variables: Integers) -> Integers:
        return variables[self.system.audited[variables]]

    def _protect_complements(self) -> None:
        """Protect complements that must be 0 in every view but may be more in the full system."""
        while True:
            zeros = np.array(sorted(self.zero_complements), dtype=int)
            positive = self.audit.find_positive_complements(self.full_view, zeros)
            if not len(positive):
                return
            self.zero_complements -= set(positive.tolist())
            self.full_view.items = np.union1d(self.full_view.items, positive)
            self._suppress_until_protected([(self.full_view, positive)])

    def _suppress_until_protected(self, waiting: OpenCounts) -> None:
        """Hide counts, for at most `MAX_ROUNDS` rounds, until all are protected or none is left."""
        while waiting and self.result.rounds < MAX_ROUNDS:
            unproved = self._drop_if_wider_proves(self._find_unproved(waiting))
            if not unproved:
                break
            chosen = self._choose_cheapest(unproved)
            self.progress(
                f"round {self.result.rounds}: {sum(len(items) for _, items in unproved)} counts"
                f" with too few possible values, {len(chosen)} more hidden"
            )
            if not chosen:
                self._mark_unprotectable(self._prove_in_full_system(unproved))
                break
            self._hide_counts(chosen)
            waiting = self._list_affected(unproved, chosen)
            self.result.rounds += 1

    def _mark_unprotectable(self, unproved: OpenCounts) -> None:
        """Stop auditing counts for whose protection no further count can be hidden."""
        for view, items in unproved:
            self.unprotectable += [(view, int(item)) for item in items]
            view.items = np.setdiff1d(view.items, items)

    def _record_unprotected(self) -> None:
        """Record the counts that could not be protected and that are still hidden at the end."""
        for view, item in self.unprotectable:
            waiting = [(view, self._select_audited(np.array([item])))]
            if not self._prove_in_full_system(self._prove_again(waiting)):
                continue
            cells = self.result.unprotected_cells
            if view.insider:
                cells = self.result.insider_only_cells
            else:
                values = view.read_values(np.array([item]))
                self.result.exact_cells += int(values.max() - values.min() < 1)
            cells.append(f"{view.name}: {self.system.key[item]}")

    def _find_unproved(self, waiting: OpenCounts) -> OpenCounts:
        unproved = []
        for view, items in waiting:
            remaining = self.audit.prove_protected(view, items)
            zeros = [int(item) for item in remaining if self.audit.can_only_be_zero(view, item)]
            # Leave out counts that can only be zero: `_protect_complements` checks them later in
            # the full system.
            view.items = np.setdiff1d(view.items, zeros)
            remaining = np.setdiff1d(remaining, zeros)
            if not view.insider:
                self.zero_complements |= set(zeros)
            if len(remaining):
                unproved.append((view, remaining))
        return unproved

    def _prove_in_full_system(self, unproved: OpenCounts) -> OpenCounts:
        """Return the counts that neither a wider view nor the full system proves protected."""
        still_unproved = []
        for view, items in unproved:
            remaining = self._prove_in_wider_views(view, items)
            if len(remaining):
                still_unproved.append((view, remaining))
        return self._prove_in_view(self.full_view, still_unproved)

    def _prove_in_view(self, other: AuditView, unproved: OpenCounts) -> OpenCounts:
        """Return the counts that another view does not prove protected either.

        A count that the other view does prove protected is audited in that view from now on.
        """
        still_unproved = []
        for view, items in unproved:
            remaining = items
            if view is not other and not (view.insider and other is self.full_view):
                is_member = other.programme.column[items] >= 0
                remaining = self.audit.prove_protected(other, items[is_member])
                remaining = np.union1d(remaining, items[~is_member])
                proved = np.setdiff1d(items, remaining)
                view.items = np.setdiff1d(view.items, proved)
                other.items = np.union1d(other.items, proved)
                if other is self.full_view:
                    self.result.full_system_audits += len(proved)
            if len(remaining):
                still_unproved.append((view, remaining.astype(np.int64)))
        return still_unproved

    def _drop_if_wider_proves(self, unproved: OpenCounts) -> OpenCounts:
        """Drop counts proved by a wider view if protecting them would hide a wider area's count."""
        still_unproved = []
        for view, items in unproved:
            is_costly = np.array([self._would_hide_wider_area(view, i) for i in items], dtype=bool)
            remaining = self._prove_in_wider_views(view, items[is_costly])
            remaining = np.union1d(items[~is_costly], remaining)
            if len(remaining):
                still_unproved.append((view, remaining.astype(np.int64)))
        return still_unproved

    def _prove_in_wider_views(self, view: AuditView, items: Integers) -> Integers:
        """Return the counts that no wider view proves protected.

        A count that a wider view does prove protected is audited in that view from now on.
        """
        remaining, wider = items, self.wider_views.get_wider(view) if len(items) else None
        while len(remaining) and wider is not None:
            unproved = self._prove_in_view(wider, [(view, remaining)])
            remaining = unproved[0][1] if unproved else items[:0]
            wider = self.wider_views.get_wider(wider)
        return remaining

    def _find_candidates(self, view: AuditView, item: int) -> list[int]:
        """Return the counts that limit an unproved count and can be hidden.

        If there are none, return the printed counts that raise the lower bound of a hidden count.
        """
        limiting = [int(each) for each in self.audit.find_limiting_variables(view, item)]
        candidates = [each for each in limiting if self._may_hide(each)]
        if candidates:
            return candidates
        proving: set[int] = set()
        for each in limiting:
            proving.update(self.system.printed_evidence.get(each, ()))
            proving.update(*self.system.dominance_pairs.get(each, ()))
        return [each for each in sorted(proving) if self._may_hide(each)]

    def _would_hide_wider_area(self, view: AuditView, item: int) -> bool:
        """Return whether the cheapest candidate for an unproved count is a wider area's count."""
        candidates = self._find_candidates(view, item)
        return bool(candidates) and self._is_wider_area(min(candidates, key=self._cost_and_key))

    def _choose_cheapest(self, unproved: OpenCounts, cost_limit: float = np.inf) -> list[int]:
        """Return the cheapest candidate for each unproved count.

        A count is passed over if one of its candidates is chosen already. If all chosen candidates
        together cost `cost_limit` or more, return an empty list.
        """
        chosen: dict[int, None] = {}
        for view, items in unproved:
            for item in items:
                candidates = self._find_candidates(view, item)
                if candidates and chosen.keys().isdisjoint(candidates):
                    chosen[min(candidates, key=self._cost_and_key)] = None
        is_cheap = sum(self._cost_and_key(each)[0] for each in chosen) < cost_limit
        return sorted(chosen) if is_cheap else []

    def _may_hide(self, variable: int) -> bool:
        return bool(self.system.is_printed(variable) and not self.system.shown_before[variable])

    def _is_wider_area(self, variable: int) -> bool:
        return self.system.level[variable] in LEVEL_COST

    def _cost_and_key(self, variable: int) -> tuple[float, str]:
        cost = np.log(1.0 + self.system.truth[variable])
        cost *= LEVEL_COST.get(self.system.level[variable], 1.0)
        key = self.system.key[variable]
        if self._is_wider_area(variable) and _table_of(key) in self.main_tables:
            cost *= MAIN_TABLE_COST
        return float(cost), key

    def _hide_counts(self, chosen: list[int]) -> None:
        for variable in chosen:
            self._set_hidden(variable, is_hidden=True)
            for widened in (variable, *self.system.dependent_bounds.get(variable, ())):
                self.audit.note_wider_bounds(widened)

    def _set_hidden(self, variable: int, *, is_hidden: bool) -> None:
        """Hide or print a count, and update the bounds that depend on it in every view."""
        self.system.hidden[variable] = self.system.audited[variable] = is_hidden
        for dependent in self._list_dependents(variable):
            bounds = self.system.compute_bounds(dependent)
            for view in self._list_views_with(dependent):
                view.programme.set_bounds(dependent, *bounds)

    def _list_dependents(self, variable: int) -> list[int]:
        """Return a count and all counts whose bounds depend on it, without undelivered counts."""
        dependents = (variable, *sorted(self.system.dependent_bounds.get(variable, ())))
        return [each for each in dependents if not self.system.is_undelivered[each]]

    def _list_affected(self, unproved: OpenCounts, hidden: list[int]) -> OpenCounts:
        """Return the counts to prove next: the unproved ones and the newly hidden ones."""
        unproved_by_view = {view.name: items for view, items in unproved}
        affected = []
        for view in self._list_views():
            own = np.intersect1d(view.items, hidden)
            items = np.union1d(unproved_by_view.get(view.name, np.zeros(0, dtype=np.int64)), own)
            if len(items):
                affected.append((view, items.astype(np.int64)))
        return affected

    def _unsuppress_redundant(self) -> None:
        """Show counts again, the most valuable first, while every hidden count stays protected."""
        is_optional = self.system.hidden & ~self.primary & ~self.system.must_stay_hidden
        ranks = {int(each): self._cost_and_key(int(each)) for each in np.flatnonzero(is_optional)}
        order = sorted(ranks, key=lambda each: (-ranks[each][0], ranks[each][1]))
        for number, variable in enumerate(order, start=1):
            if number % 50 == 0:
                self.progress(f"tried to show {number} of {len(order)} counts again")
            self.result.unsuppressed_count += self._try_to_show(variable)
        self.progress("looking for cheaper counts to hide in place of those of wider areas")
        for variable in order:
            if self._is_wider_area(variable) and self.system.hidden[variable]:
                self.result.swapped_count += self._try_to_swap(variable)

    def _try_to_show(self, variable: int) -> bool:
        """Show a count if all hidden counts are still proved, and return whether it is shown."""
        limit = WIDER_AREA_REPROOF_LIMIT if self._is_wider_area(variable) else REPROOF_LIMIT
        before = []
        self._set_hidden(variable, is_hidden=False)
        for view in self._list_views_with(variable):
            before.append((view, view.copy_feasibility()))
            self._drop_infeasible_points(view, variable)
            unproved = self.audit.list_unproved(view, self._select_audited(view.items))
            if len(unproved) > limit or self._is_any_unprotected(view, unproved):
                self._hide_counts([variable])
                for earlier, is_feasible in before:
                    earlier.restore_feasibility(is_feasible)
                return False
        return True

    def _try_to_swap(self, variable: int) -> bool:
        """Show a wider area's count if cheaper ones protect as well; return whether it is shown."""
        before = [(view, view.copy_feasibility()) for view in self._list_views_with(variable)]
        self._set_hidden(variable, is_hidden=False)
        unproved = []
        for view, _ in before:
            self._drop_infeasible_points(view, variable)
            items = self.audit.list_unproved(view, self._select_audited(view.items))
            unproved.append((view, items))
        is_too_costly = sum(len(items) for _, items in unproved) > WIDER_AREA_REPROOF_LIMIT
        substitutes: list[int] = []
        if not is_too_costly:
            unproved = self._prove_again(unproved)
            budget = self._cost_and_key(variable)[0]
            for _ in range(MAX_SWAP_ROUNDS):
                chosen = self._choose_cheapest(unproved, budget)
                if not chosen:
                    break
                budget -= sum(self._cost_and_key(each)[0] for each in chosen)
                self._hide_counts(chosen)
                substitutes += chosen
                unproved = self._prove_again(self._list_affected(unproved, chosen))
        if not unproved:
            return True
        for each in substitutes:
            self._set_hidden(each, is_hidden=False)
            for view in self._list_views_with(each):
                self._drop_infeasible_points(view, each)
        self._hide_counts([variable])
        for view, is_feasible in before:
            view.restore_feasibility(is_feasible)
        return False

    def _list_views_with(self, variable: int) -> list[AuditView]:
        return [view for view in self._list_views() if view.programme.column[variable] >= 0]

    def _drop_infeasible_points(self, view: AuditView, variable: int) -> None:
        for dependent in self._list_dependents(variable):
            if view.programme.column[dependent] >= 0:
                view.drop_points_outside(dependent, *self.system.compute_bounds(dependent))

    def _prove_again(self, waiting: OpenCounts) -> OpenCounts:
        """Try to prove counts once more, and return those that stay unproved.

        A complement that can only be 0 is left out. So are counts that a wider view proves, if
        hiding more would hide a wider area's count.
        """
        unproved = []
        for view, items in waiting:
            remaining = [
                item
                for item in self.audit.prove_protected(view, items)
                if not self.audit.can_only_be_zero(view, int(item))
            ]
            if remaining:
                unproved.append((view, np.array(remaining, dtype=np.int64)))
        return self._drop_if_wider_proves(unproved)

    def _is_any_unprotected(self, view: AuditView, items: Integers) -> bool:
        """Return whether any of the counts is proved neither by a view nor by its wider views."""
        for item in items:
            unproved = self.audit.prove_protected(view, np.array([item]))
            if not len(unproved) or self.audit.can_only_be_zero(view, item):
                continue
            if len(self._prove_in_wider_views(view, unproved)):
                return True
        return False


def _table_of(key: str) -> str:
    return key.split("|", maxsplit=1)[0]
