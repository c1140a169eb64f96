"""When an accepted delivery is held: it is much smaller than the supplier's last one.

One of whose dates none can be read is held by itself (`ParsedDelivery.hold_rule`).

Holding keeps the data and the ledger entry; only a person's decision lets it into the register.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt

from register.feeds.delivery import Delivery

# A table of fewer rows than this may lose any share of them by chance.
FEWEST_ROWS = 20
# Reports in a month and absences in a year vary by chance, more than a Poisson count does since a
# few children give many: a fall counts only beyond four standard deviations of the difference of
# two Poisson counts. Snapshots and resubmissions have no such excuse.
DEVIATIONS = 4.0


@dataclass
class LastDeliveries:
    """The accepted deliveries that a new one is compared with, by supplier and feed."""

    decisions: dict[str, str]
    withdrawn: frozenset[str] = frozenset()
    by_supplier: dict[tuple[str, str], list[Delivery]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        ledger: Iterable[Delivery],
        decisions: dict[str, str],
        withdrawn: frozenset[str] = frozenset(),
    ) -> LastDeliveries:
        """Those of a ledger; `decisions` and withdrawals are people's, by delivery."""
        last = cls(decisions, withdrawn)
        for delivery in ledger:
            last.add(delivery)
        return last

    def add(self, delivery: Delivery) -> None:
        """Take a landed delivery into account, unless it was rejected, held or withdrawn."""
        if delivery.delivery_id in self.withdrawn:
            return
        is_confirmed = self.decisions.get(delivery.delivery_id) == "confirm"
        if delivery.is_accepted and (is_confirmed or not delivery.is_held):
            key = (delivery.feed, delivery.supplier_code)
            self.by_supplier.setdefault(key, []).append(delivery)

    def has_shrunk(self, delivery: Delivery, share: float) -> bool:
        """Whether the delivery, or one of its tables, is smaller by more than `share` (0-1).

        It is compared with the last one of the same period; without one, with the last of the
        period before. An extract is a snapshot, so that none of its fall is chance.
        """
        earlier = [
            item
            for item in self.by_supplier.get((delivery.feed, delivery.supplier_code), [])
            if item.received_at <= delivery.received_at
        ]
        same = [item for item in earlier if item.period == delivery.period]
        if same:
            return _shrinks(_latest(same), delivery, share, deviations=0.0)
        before = [item for item in earlier if _start(item) <= _start(delivery)]
        if not before:
            return False
        start = max(_start(item) for item in before)
        last = _latest([item for item in before if _start(item) == start])
        is_snapshot = delivery.feed == "authority_extract"
        return _shrinks(last, delivery, share, 0.0 if is_snapshot else DEVIATIONS)


def _latest(deliveries: list[Delivery]) -> Delivery:
    return max(deliveries, key=lambda item: (item.received_at, item.delivery_id))


def _start(delivery: Delivery) -> str:
    return delivery.period_start.isoformat() if delivery.period_start else ""


def _shrinks(before: Delivery, now: Delivery, share: float, deviations: float) -> bool:
    landed = now.landed_rows_by_table()
    counts = [(before.landed_row_count, now.landed_row_count)]
    counts += [(rows, landed.get(name, 0)) for name, rows in before.landed_rows_by_table().items()]
    return any(
        rows >= FEWEST_ROWS and rows - left > max(share * rows, deviations * sqrt(rows + left))
        for rows, left in counts
    )
