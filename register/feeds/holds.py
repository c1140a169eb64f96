"""Which accepted deliveries are held, and why: judged from all that is in the ledger.

A hold follows from what is in a delivery (`ParsedDelivery.holds`) and from what it is compared
with. The second is judged again whenever the ledger is read, so that it follows from which
deliveries there are and not from the order in which they came: decision 30. A held delivery keeps
its data and its entry; a person's decision, or what comes later, lets it into the register.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from statistics import median_high

from register.feeds.delivery import Delivery, Overlap
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.overlaps import Identifiers
from register.settings import Settings

# A table of a snapshot of fewer rows than this may lose any share of them by chance. A delivery
# that loses fewer than `FEWEST_LOST` may have been corrected.
FEWEST_ROWS = 20
FEWEST_LOST = 3
# Reports in a month and absences in a year vary by chance, more than a Poisson count does since a
# few children give many. The square roots of such counts vary alike whether they are small or large
# (Anscombe 1948), so a fall counts only beyond so many standard deviations of their difference.
# Of 899 months and years of simulated nations none differs by more than 4.15 (decision 55).
# Snapshots and resubmissions have no such excuse.
DEVIATIONS = 4.2
ANSCOMBE = 3 / 8
# A fall is measured by what is usual in so many periods before, so that halving twice is one.
PERIODS_BEFORE = 6
# So many periods that wait on one level are the level: a mistake is told twice, what is real not
# held for ever.
PERIODS_OF_LEVEL = 2
# A column has lost its values when more than half of the share of rows that had one is gone, and
# beyond four standard deviations of the difference of two shares.
LOST_SHARE = 0.5
# These are told by the delivery alone.
BY_CONTENT = frozenset(
    {
        Rule.UNREADABLE_DATES,
        Rule.DAY_MONTH_SWAPPED,
        Rule.UNKNOWN_CODES,
        Rule.EMPTY_COLUMN,
        Rule.OUTSIDE_PERIOD,
        Rule.MANY_QUARANTINED,
        Rule.UNUSABLE_NUMBERS,
    }
)


@dataclass
class Holds:
    """Every delivery of a ledger, with what people decided: which of them are held.

    `share` is by how much a delivery may shrink (0-1); `decisions` and withdrawals are people's,
    by delivery.
    """

    share: float
    decisions: dict[str, str]
    withdrawn: set[str]
    identifiers: Identifiers
    by_supplier: dict[tuple[str, str], list[Delivery]] = field(default_factory=dict)
    by_period: dict[tuple[str, str], list[Delivery]] = field(default_factory=dict)
    by_id: dict[str, Delivery] = field(default_factory=dict)
    overlaps: dict[str, set[str]] = field(default_factory=dict)
    _found: dict[str, Finding | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        settings: Settings,
        entries: Iterable[Delivery],
        decisions: Mapping[str, str],
        withdrawn: Iterable[str],
    ) -> Holds:
        """The holds of a ledger."""
        identifiers = Identifiers(settings.landing, settings.seeds)
        holds = cls(settings.hold_shrink_share, dict(decisions), set(withdrawn), identifiers)
        for entry in entries:
            holds.add(entry)
        return holds

    def add(self, delivery: Delivery) -> None:
        """Take a delivery into account; what others were judged by may have changed."""
        self.by_id[delivery.delivery_id] = delivery
        for other in delivery.overlaps:
            self.overlaps.setdefault(delivery.delivery_id, set()).add(other.delivery_id)
            self.overlaps.setdefault(other.delivery_id, set()).add(delivery.delivery_id)
        if self._counts(delivery):
            key = (delivery.feed, delivery.supplier_code)
            self.by_supplier.setdefault(key, []).append(delivery)
            self.by_period.setdefault((delivery.feed, delivery.period), []).append(delivery)
        self._found.clear()

    def decide(self, delivery_id: str, decision: str) -> None:
        """Take a person's decision into account: confirm, refuse, withdraw or reinstate."""
        if decision == "withdraw":
            self.withdrawn.add(delivery_id)
        elif decision == "reinstate":
            self.withdrawn.discard(delivery_id)
        else:
            self.decisions[delivery_id] = decision
        delivery = self.by_id[delivery_id]
        for group in (
            self._of_supplier(delivery),
            self.by_period.get((delivery.feed, delivery.period), []),
        ):
            group[:] = [item for item in group if item.delivery_id != delivery_id]
        self.add(delivery)

    def judged_by(self, delivery: Delivery) -> Iterator[list[Delivery]]:
        """The deliveries that may be judged by it: those that overlap, then period by period."""
        yield [self.by_id[name] for name in sorted(self.overlaps) if name in self.by_id]
        spans: dict[tuple[str, str, str], list[Delivery]] = {_span(delivery): [delivery]}
        for other in self._of_supplier(delivery):
            if _span(other) >= _span(delivery) and other.delivery_id != delivery.delivery_id:
                spans.setdefault(_span(other), []).append(other)
        for span in sorted(spans):
            yield spans[span]

    def entries(self) -> list[Delivery]:
        """Every delivery as it is judged now, in order of receipt, then of id."""
        return sorted((self.judged(item) for item in self.by_id.values()), key=_order)

    def judged(self, delivery: Delivery) -> Delivery:
        """The entry of a delivery with today's hold in place of the one on arrival."""
        found = self.finding(delivery)
        rule = found.rule.value if found else None
        if (delivery.is_held, delivery.hold_rule_code) == (found is not None, rule):
            return delivery
        return delivery.model_copy(update={"is_held": found is not None, "hold_rule_code": rule})

    def finding(self, delivery: Delivery) -> Finding | None:
        """Why the delivery needs a person's decision, decided or not; None if it needs none."""
        if delivery.delivery_id not in self._found:
            self._found[delivery.delivery_id] = self._find(delivery)
        return self._found[delivery.delivery_id]

    def is_waiting(self, delivery: Delivery) -> bool:
        """Whether the delivery is held and no person confirmed it."""
        return not self._is_confirmed(delivery) and self.finding(delivery) is not None

    def is_superseded(self, delivery: Delivery) -> bool:
        """Whether a later one of its period, or of an extract a later period, counts already."""
        is_extract = delivery.feed == "authority_extract"
        return any(
            other.delivery_id != delivery.delivery_id
            and (
                _span(other) > _span(delivery)
                if is_extract and other.period != delivery.period
                else other.period == delivery.period and _order(other) > _order(delivery)
            )
            and not self.is_waiting(other)
            for other in self._of_supplier(delivery)
        )

    def overlaps_of(self, new: Delivery, folder: Path) -> tuple[Overlap, ...]:
        """The deliveries of other suppliers that count in the same time and share records with it.

        `folder` is where `new` is, before it is in landing.
        """
        if not new.is_accepted:
            return ()
        self.identifiers.read_from(folder, new)
        if new.feed == "authority_extract":
            suppliers = [group for (feed, _), group in self.by_supplier.items() if feed == new.feed]
            others = [max(group, key=_extract_order) for group in suppliers if group]
        else:
            # A file of another period is told by its dates alone.
            others = self.by_period.get((new.feed, new.period), [])
        return self.identifiers.overlaps(new, filter(self._is_latest, others))

    def _find(self, delivery: Delivery) -> Finding | None:
        if not delivery.is_accepted:
            return None
        if delivery.hold_rule_code in BY_CONTENT:
            return Finding(Rule(delivery.hold_rule_code))
        measures, is_by_chance = self._measures(delivery)
        if _shrinks(measures, delivery, self.share, is_by_chance=is_by_chance):
            return Finding(Rule.SHRUNK_DELIVERY)
        for before in measures[:1]:
            for name in _lost_columns(before, delivery):
                table, column = name.split(".")
                return Finding(Rule.LOST_VALUES, None, None, column, table)
        if self._is_of_another(delivery):
            return Finding(Rule.OVERLAPPING_DELIVERY)
        return None

    def _measures(self, delivery: Delivery) -> tuple[list[Delivery], bool]:
        """What a delivery is compared with, last first, and whether it may differ by chance.

        That is what counted of its own period or, without any, what counted in the periods before.
        Nothing from before the last one that a person confirmed is asked for.
        """
        same = [
            item
            for item in self._of_supplier(delivery)
            if item.period == delivery.period
            and _order(item) < _order(delivery)
            and not self.is_waiting(item)
        ]
        same.sort(key=_order, reverse=True)
        if same:
            confirmed = (n for n, item in enumerate(same, start=1) if self._is_confirmed(item))
            return same[: next(confirmed, len(same))], False
        return self._usual(delivery), delivery.feed != "authority_extract"

    def _usual(self, delivery: Delivery) -> list[Delivery]:
        """The last delivery of each period before that counts, back to where a level began."""
        last: dict[tuple[str, str, str], Delivery | None] = {}
        for item in sorted(self._of_supplier(delivery), key=_order):
            if _span(item) < _span(delivery):
                is_broken = item.hold_rule_code in BY_CONTENT and not self._is_confirmed(item)
                last[_span(item)] = last.get(_span(item)) if is_broken else item
        usual: list[Delivery] = []
        waiting: list[Delivery] = []
        for span in sorted(last, reverse=True)[:PERIODS_BEFORE]:
            counted = last[span]
            if counted is None:
                continue
            if not self.is_waiting(counted):
                usual.append(counted)
                waiting = []
                if self._is_confirmed(counted):
                    break
            elif len(waiting := [*waiting, counted]) == PERIODS_OF_LEVEL:
                return [*usual, *waiting]
        return usual

    def _is_of_another(self, delivery: Delivery) -> bool:
        """Whether it shares records with what another supplier has in the register already.

        What came first stays until a person decides, resubmitted or not.
        """
        if not self._is_latest(delivery):
            return False
        return any(
            self._is_latest(other)
            and self._first_of(other, delivery) < self._first_of(delivery, other)
            and not self._is_kept_out(other)
            for name in self.overlaps.get(delivery.delivery_id, ())
            if (other := self.by_id.get(name)) is not None
        )

    def _first_of(self, delivery: Delivery, other: Delivery) -> tuple[bool, tuple[str, str]]:
        """When the supplier first had in the register what it shares with another supplier.

        A delivery names in its entry what it overlaps with when it is landed. So of all that is
        shared the first names none; where that tells nothing, the first received is first.
        """
        shared = [
            (self._names(item, other), _order(item))
            for item in self._of_supplier(delivery)
            if item.period == delivery.period or delivery.feed == "authority_extract"
            for name in self.overlaps.get(item.delivery_id, ())
            if name in self.by_id and self.by_id[name].supplier_code == other.supplier_code
        ]
        return min(shared, default=(True, _order(delivery)))

    def _names(self, delivery: Delivery, other: Delivery) -> bool:
        """Whether its entry names a delivery of the other's supplier."""
        named = (self.by_id.get(overlap.delivery_id) for overlap in delivery.overlaps)
        return any(item is not None and item.supplier_code == other.supplier_code for item in named)

    def _is_kept_out(self, delivery: Delivery) -> bool:
        """Whether it waits for a person; of an extract, by what is in it alone.

        Extracts of any two periods may overlap, so that two could ask for each other.
        """
        if delivery.feed == "authority_extract":
            is_broken = delivery.hold_rule_code in BY_CONTENT
            return is_broken and not self._is_confirmed(delivery)
        return self.is_waiting(delivery)

    def _is_latest(self, delivery: Delivery) -> bool:
        """Whether it counts, and none of its period came later (of an extract, of any period)."""
        others = self._of_supplier(delivery)
        if delivery.feed == "authority_extract":
            last = max(others, key=_extract_order, default=None)
        else:
            same = [item for item in others if item.period == delivery.period]
            last = max(same, key=_order, default=None)
        return last is not None and last.delivery_id == delivery.delivery_id

    def _of_supplier(self, delivery: Delivery) -> list[Delivery]:
        return self.by_supplier.get((delivery.feed, delivery.supplier_code), [])

    def _counts(self, delivery: Delivery) -> bool:
        name = delivery.delivery_id
        is_refused = self.decisions.get(name) == "refuse"
        return delivery.is_accepted and name not in self.withdrawn and not is_refused

    def _is_confirmed(self, delivery: Delivery) -> bool:
        return self.decisions.get(delivery.delivery_id) == "confirm"


def _order(delivery: Delivery) -> tuple[str, str]:
    return delivery.received_at, delivery.delivery_id


def _span(delivery: Delivery) -> tuple[str, str, str]:
    return str(delivery.period_end or ""), str(delivery.period_start or ""), delivery.period


def _extract_order(delivery: Delivery) -> tuple[tuple[str, str, str], tuple[str, str]]:
    return _span(delivery), _order(delivery)


def _shrinks(measures: list[Delivery], now: Delivery, share: float, *, is_by_chance: bool) -> bool:
    """Whether the delivery, or a table of it, is smaller by more than `share` (0-1) than is usual.

    What may differ by chance is compared with the median, anything else with the largest.
    """
    tables = [item.landed_rows_by_table() for item in measures]
    left = now.landed_rows_by_table()
    is_resubmission = any(item.period == now.period for item in measures)
    for name in (None, *dict.fromkeys(name for rows in tables for name in rows)):
        before = [
            item.landed_row_count if name is None else rows.get(name, 0)
            for item, rows in zip(measures, tables, strict=True)
        ]
        rows_now = now.landed_row_count if name is None else left.get(name, 0)
        most = max(before, default=0)
        if is_by_chance:
            is_fall = _is_beyond_chance(before, rows_now, share)
        elif name is None or is_resubmission:
            is_fall = most - rows_now >= FEWEST_LOST and most - rows_now > share * most
        else:
            is_fall = most >= FEWEST_ROWS and most - rows_now > share * most
        if is_fall:
            return True
    return False


def _is_beyond_chance(before: list[int], now: int, share: float) -> bool:
    if not before:
        return False
    usual = median_high(before)
    fall = 2 * (sqrt(usual + ANSCOMBE) - sqrt(now + ANSCOMBE))
    return usual - now > share * usual and fall > DEVIATIONS * sqrt(1 + 1 / len(before))


def _lost_columns(before: Delivery, now: Delivery) -> Iterator[str]:
    """The columns (`<table>.<column>`) of which most valid values are gone."""
    rows_before, rows_now = before.received_rows_by_table(), now.received_rows_by_table()
    for name, valid in before.valid_counts.items():
        table = name.split(".")[0]
        first, second = rows_before.get(table, 0), rows_now.get(table, 0)
        if not now.valid_counts or min(first, second) < FEWEST_ROWS or not valid:
            continue
        left = now.valid_counts.get(name, 0)
        pooled = (valid + left) / (first + second)
        error = sqrt(pooled * (1 - pooled) * (1 / first + 1 / second))
        fall = valid / first - left / second
        if fall > LOST_SHARE * valid / first and fall > DEVIATIONS * error:
            yield name
