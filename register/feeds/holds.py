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

from register.feeds.delivery import Delivery, Overlap
from register.feeds.overlaps import Identifiers
from register.feeds.rules import Finding, Rule
from register.settings import Settings

# A table of fewer rows than this may lose any share of them by chance.
FEWEST_ROWS = 20
# Reports in a month and absences in a year vary by chance, more than a Poisson count does since a
# few children give many: a fall counts only beyond four standard deviations of the difference of
# two Poisson counts. Snapshots and resubmissions have no such excuse.
DEVIATIONS = 4.0
# A fall is measured by the period before and, while that is held itself, by the one before it. The
# third period on one level is a level: a mistake is told twice, what is real not held for ever.
PERIODS_BEFORE = 2
# A column has lost its values when more than half of the share of rows that had one is gone, and
# beyond four standard deviations of the difference of two shares.
LOST_SHARE = 0.5
# A difference of two shares of known records below this tells neither supplier from the other.
KNOWN_SHARE_APART = 0.1
# These are told by the delivery alone.
BY_CONTENT = frozenset(
    {
        Rule.UNREADABLE_DATES,
        Rule.DAY_MONTH_SWAPPED,
        Rule.UNKNOWN_CODES,
        Rule.EMPTY_COLUMN,
        Rule.OUTSIDE_PERIOD,
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
        for before, deviations in self._measures(delivery):
            if _shrinks(before, delivery, self.share, deviations):
                return Finding(Rule.SHRUNK_DELIVERY)
            for name in _lost_columns(before, delivery):
                table, column = name.split(".")
                return Finding(Rule.LOST_VALUES, None, None, column, table)
        if self._is_of_another(delivery):
            return Finding(Rule.OVERLAPPING_DELIVERY)
        return None

    def _measures(self, delivery: Delivery) -> Iterator[tuple[Delivery, float]]:
        """What a delivery is compared with, and by how many deviations it may differ by chance.

        That is the one before it of its own period or, without one, the last of the period before
        and, while that waits for a person, of the period before that. An extract is a snapshot, so
        that none of its fall is chance.
        """
        others = self._of_supplier(delivery)
        same = [
            item
            for item in others
            if item.period == delivery.period
            and _order(item) < _order(delivery)
            and not self.is_waiting(item)
        ]
        if same:
            yield max(same, key=_order), 0.0
            return
        last: dict[tuple[str, str, str], Delivery] = {}
        for item in sorted(others, key=_order):
            is_broken = item.hold_rule_code in BY_CONTENT and not self._is_confirmed(item)
            if _span(item) < _span(delivery) and not is_broken:
                last[_span(item)] = item
        for span in sorted(last, reverse=True)[:PERIODS_BEFORE]:
            yield last[span], 0.0 if delivery.feed == "authority_extract" else DEVIATIONS
            if not self.is_waiting(last[span]):
                return

    def _is_of_another(self, delivery: Delivery) -> bool:
        """Whether it shares records with another supplier's, and is not known to be the right one.

        The right one is of the supplier whose other deliveries have these records or persons too.
        """
        if not self._is_latest(delivery):
            return False
        return any(
            self._is_latest(self.by_id[name])
            and self._known(self.by_id[name]) > self._known(delivery) - KNOWN_SHARE_APART
            for name in self.overlaps.get(delivery.delivery_id, ())
            if name in self.by_id
        )

    def _known(self, delivery: Delivery) -> float:
        others = [item for item in self._of_supplier(delivery) if item.period != delivery.period]
        nearest = sorted(others, key=lambda item: (_distance(item, delivery), _order(item)))[:4]
        return self.identifiers.share_known(delivery, nearest)

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


def _distance(one: Delivery, other: Delivery) -> int:
    if one.period_start is None or other.period_start is None:
        return 0
    return abs((one.period_start - other.period_start).days)


def _shrinks(before: Delivery, now: Delivery, share: float, deviations: float) -> bool:
    """Whether the delivery, or one of its tables, is smaller by more than `share` (0-1)."""
    landed = now.landed_rows_by_table()
    counts = [(before.landed_row_count, now.landed_row_count)]
    counts += [(rows, landed.get(name, 0)) for name, rows in before.landed_rows_by_table().items()]
    return any(
        rows >= FEWEST_ROWS and rows - left > max(share * rows, deviations * sqrt(rows + left))
        for rows, left in counts
    )


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
