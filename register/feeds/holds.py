"""Holds: which accepted deliveries wait for a person's decision, and why.

A delivery is held for its own content (`ParsedDelivery.holds`) or after comparison with others. The
comparisons are repeated whenever the ledger is read. So they depend only on which deliveries exist,
not on the order of their arrival (decision 30). A held delivery keeps its data and its ledger
entry. A person's decision or later deliveries may release it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import sqrt
from statistics import median_high

from register.feeds.delivery import Delivery, IdentifierKeys, Overlap
from register.feeds.delivery_rules import MANIFEST_RULES, Finding, Rule
from register.feeds.overlaps import DeliveryIdentifiers
from register.settings import Settings

# In a snapshot, a table that had fewer than `MIN_ROWS` rows is not judged, since a few rows may go
# at any time. A whole snapshot or a resubmission is not judged if it lost fewer than
# `MIN_LOST_ROWS` rows, since the supplier may simply have corrected it.
MIN_ROWS = 20
MIN_LOST_ROWS = 3
# The number of records in a month or year varies by chance, by more than a Poisson count, since a
# few children have many absences. Square roots of counts have the same variance at every size
# (Anscombe 1948). So a fall is measured in standard deviations of the difference of square roots.
# Among 899 months and years of simulated nations, no difference exceeds 4.15 (decision 30). The
# sizes of snapshots and resubmissions do not vary by chance.
DEVIATIONS = 4.2
ANSCOMBE = 3 / 8
# The usual size of a supplier's delivery is the median of this many earlier periods.
PERIODS_BEFORE = 6
# If this many periods in a row are held, later periods are compared with these and not with older
# ones. So a lasting change of size does not hold deliveries for ever.
PERIODS_OF_LEVEL = 2
# A column has lost its values if the share of rows with a well-formed value fell by more than half.
# The fall must also exceed `DEVIATIONS` standard deviations of the difference of two shares.
LOST_SHARE = 0.5
# Rules that hold a delivery because of its own content, without comparing it with others.
CONTENT_RULES = frozenset(
    {
        Rule.UNREADABLE_DATES,
        Rule.DAY_MONTH_SWAPPED,
        Rule.UNKNOWN_CODES,
        Rule.EMPTY_COLUMN,
        Rule.OUTSIDE_PERIOD,
        Rule.MANY_QUARANTINED,
        Rule.UNUSABLE_NUMBERS,
        Rule.UNLINKED_PERSONS,
        *MANIFEST_RULES,
    }
)


@dataclass
class Holds:
    """The deliveries of a ledger and people's decisions about them, from which holds follow.

    A delivery may be smaller than usual by `share` (0-1) without being held. `decisions` are by
    delivery id.
    """

    share: float
    decisions: dict[str, str]
    withdrawn: set[str]
    identifiers: DeliveryIdentifiers
    by_supplier: dict[tuple[str, str], list[Delivery]] = field(default_factory=dict)
    by_period: dict[tuple[str, str], list[Delivery]] = field(default_factory=dict)
    by_id: dict[str, Delivery] = field(default_factory=dict)
    overlaps: dict[str, set[str]] = field(default_factory=dict)
    _findings: dict[str, Finding | None] = field(default_factory=dict)

    @classmethod
    def from_entries(
        cls,
        settings: Settings,
        entries: Iterable[Delivery],
        decisions: Mapping[str, str],
        withdrawn: Iterable[str],
    ) -> Holds:
        """Create the holds from the ledger's entries and people's decisions."""
        identifiers = DeliveryIdentifiers(settings.landing, settings.seeds, settings.data_keys)
        holds = cls(settings.hold_shrink_share, dict(decisions), set(withdrawn), identifiers)
        for entry in entries:
            holds.add(entry)
        return holds

    def add(self, delivery: Delivery) -> None:
        """Add a delivery, which may change the holds of other deliveries."""
        self.by_id[delivery.delivery_id] = delivery
        for other in delivery.overlaps:
            self.overlaps.setdefault(delivery.delivery_id, set()).add(other.delivery_id)
            self.overlaps.setdefault(other.delivery_id, set()).add(delivery.delivery_id)
        if self._is_counted(delivery):
            key = (delivery.feed, delivery.supplier_code)
            self.by_supplier.setdefault(key, []).append(delivery)
            self.by_period.setdefault((delivery.feed, delivery.period), []).append(delivery)
        self._findings.clear()

    def decide(self, delivery_id: str, decision: str) -> None:
        """Apply a person's decision about a delivery: confirm, refuse, withdraw or reinstate."""
        if decision == "withdraw":
            self.withdrawn.add(delivery_id)
        elif decision == "reinstate":
            self.withdrawn.discard(delivery_id)
        else:
            self.decisions[delivery_id] = decision
        delivery = self.by_id[delivery_id]
        for group in (
            self._list_same_supplier(delivery),
            self.by_period.get((delivery.feed, delivery.period), []),
        ):
            group[:] = [item for item in group if item.delivery_id != delivery_id]
        self.add(delivery)

    def list_affected_groups(self, delivery: Delivery) -> Iterator[list[Delivery]]:
        """Yield the groups of deliveries whose holds may change because of this delivery.

        The first group is all deliveries of the ledger that overlap with another supplier's. Each
        further group is this supplier's deliveries of one period, from the period of this delivery
        on.
        """
        yield [self.by_id[name] for name in sorted(self.overlaps) if name in self.by_id]
        spans: dict[tuple[str, str, str], list[Delivery]] = {_period_key(delivery): [delivery]}
        for other in self._list_same_supplier(delivery):
            if (
                _period_key(other) >= _period_key(delivery)
                and other.delivery_id != delivery.delivery_id
            ):
                spans.setdefault(_period_key(other), []).append(other)
        for span in sorted(spans):
            yield spans[span]

    def list_entries(self) -> list[Delivery]:
        """Return all deliveries with their current holds, in order of receipt and then of id."""
        return sorted(
            (self.apply_current_hold(item) for item in self.by_id.values()), key=_receipt_order
        )

    def apply_current_hold(self, delivery: Delivery) -> Delivery:
        """Return the entry of a delivery, with the current hold in place of the hold on arrival."""
        hold = self.find_hold(delivery)
        rule = hold.rule.value if hold else None
        if (delivery.is_held, delivery.hold_rule_code) == (hold is not None, rule):
            return delivery
        return delivery.model_copy(update={"is_held": hold is not None, "hold_rule_code": rule})

    def find_hold(self, delivery: Delivery) -> Finding | None:
        """Return the reason why a delivery needs a person's decision, or None if it needs none.

        The reason is also returned if a person has already decided.
        """
        if delivery.delivery_id not in self._findings:
            self._findings[delivery.delivery_id] = self._judge(delivery)
        return self._findings[delivery.delivery_id]

    def is_waiting(self, delivery: Delivery) -> bool:
        """Return whether a delivery is held and no person has confirmed it."""
        return not self._is_confirmed(delivery) and self.find_hold(delivery) is not None

    def is_superseded(self, delivery: Delivery) -> bool:
        """Return whether a later delivery replaces this one.

        A delivery is replaced by a later one of the same period. An extract is also replaced by one
        of a later period. A delivery that waits for a person's decision replaces none.
        """
        is_extract = delivery.feed == "authority_extract"
        return any(
            other.delivery_id != delivery.delivery_id
            and (
                _period_key(other) > _period_key(delivery)
                if is_extract and other.period != delivery.period
                else other.period == delivery.period
                and _receipt_order(other) > _receipt_order(delivery)
            )
            and not self.is_waiting(other)
            for other in self._list_same_supplier(delivery)
        )

    def find_overlaps(
        self, new: Delivery, identifiers: tuple[IdentifierKeys, ...]
    ) -> tuple[Overlap, ...]:
        """Return the overlaps of a new delivery with current deliveries of other suppliers.

        `identifiers` has the keys of the new delivery, which is not in landing yet.
        """
        if not new.is_accepted:
            return ()
        self.identifiers.keys_by_delivery[new.delivery_id] = identifiers
        if new.feed == "authority_extract":
            suppliers = [group for (feed, _), group in self.by_supplier.items() if feed == new.feed]
            others = [max(group, key=_extract_order) for group in suppliers if group]
        else:
            # Compare within one period only. A file of another period is recognised by its own
            # dates.
            others = self.by_period.get((new.feed, new.period), [])
        return self.identifiers.find_overlaps(new, filter(self._is_latest, others))

    def _judge(self, delivery: Delivery) -> Finding | None:
        if not delivery.is_accepted:
            return None
        if delivery.hold_rule_code in CONTENT_RULES:
            return Finding(Rule(delivery.hold_rule_code))
        baselines, is_by_chance = self._list_baselines(delivery)
        if _has_shrunk(baselines, delivery, self.share, is_by_chance=is_by_chance):
            return Finding(Rule.SHRUNK_DELIVERY)
        for before in baselines[:1]:
            for name in _find_lost_columns(before, delivery):
                table, column = name.split(".")
                return Finding(Rule.LOST_VALUES, None, None, column, table)
        if self._repeats_another_supplier(delivery):
            return Finding(Rule.OVERLAPPING_DELIVERY)
        return None

    def _list_baselines(self, delivery: Delivery) -> tuple[list[Delivery], bool]:
        """Return the deliveries to compare with, latest first, and whether sizes vary by chance.

        These are earlier deliveries of the same period or, if there are none, deliveries of the
        periods before. Deliveries before the last one that a person confirmed are left out.
        """
        same = [
            item
            for item in self._list_same_supplier(delivery)
            if item.period == delivery.period
            and _receipt_order(item) < _receipt_order(delivery)
            and not self.is_waiting(item)
        ]
        same.sort(key=_receipt_order, reverse=True)
        if same:
            confirmed = (n for n, item in enumerate(same, start=1) if self._is_confirmed(item))
            return same[: next(confirmed, len(same))], False
        return self._list_period_baselines(delivery), delivery.feed != "authority_extract"

    def _list_period_baselines(self, delivery: Delivery) -> list[Delivery]:
        """Return the last usable delivery of each recent period before this delivery's period.

        The search goes back to a confirmed delivery, or to held periods that set a new usual size.
        """
        last: dict[tuple[str, str, str], Delivery | None] = {}
        for item in sorted(self._list_same_supplier(delivery), key=_receipt_order):
            if _period_key(item) < _period_key(delivery):
                is_broken = item.hold_rule_code in CONTENT_RULES and not self._is_confirmed(item)
                last[_period_key(item)] = last.get(_period_key(item)) if is_broken else item
        usual: list[Delivery] = []
        waiting: list[Delivery] = []
        for span in sorted(last, reverse=True)[:PERIODS_BEFORE]:
            candidate = last[span]
            if candidate is None:
                continue
            if not self.is_waiting(candidate):
                usual.append(candidate)
                waiting = []
                if self._is_confirmed(candidate):
                    break
            elif len(waiting := [*waiting, candidate]) == PERIODS_OF_LEVEL:
                return [*usual, *waiting]
        return usual

    def _repeats_another_supplier(self, delivery: Delivery) -> bool:
        """Return whether a delivery shares records with one that another supplier delivered first.

        Only the latest delivery of each supplier counts, and the other delivery only if it does not
        wait for a person's decision. A resubmission of either delivery does not change which
        supplier was first.
        """
        if not self._is_latest(delivery):
            return False
        return any(
            self._is_latest(other)
            and self._find_first_overlap(other, delivery)
            < self._find_first_overlap(delivery, other)
            and not self._is_kept_out(other)
            for name in self.overlaps.get(delivery.delivery_id, ())
            if (other := self.by_id.get(name)) is not None
        )

    def _find_first_overlap(
        self, delivery: Delivery, other: Delivery
    ) -> tuple[bool, tuple[str, str]]:
        """Return a sort key for when a supplier first delivered records that both deliveries share.

        An entry lists the overlaps that existed when it was landed, so the entry of the first
        supplier lists none. If this does not decide, the time of receipt does.
        """
        shared = [
            (self._names_supplier(item, other), _receipt_order(item))
            for item in self._list_same_supplier(delivery)
            if item.period == delivery.period or delivery.feed == "authority_extract"
            for name in self.overlaps.get(item.delivery_id, ())
            if name in self.by_id and self.by_id[name].supplier_code == other.supplier_code
        ]
        return min(shared, default=(True, _receipt_order(delivery)))

    def _names_supplier(self, delivery: Delivery, other: Delivery) -> bool:
        """Return whether an entry lists an overlap with any delivery of the other supplier."""
        overlapping = (self.by_id.get(overlap.delivery_id) for overlap in delivery.overlaps)
        return any(
            item is not None and item.supplier_code == other.supplier_code for item in overlapping
        )

    def _is_kept_out(self, delivery: Delivery) -> bool:
        """Return whether a delivery is left out because it waits for a person's decision.

        For an extract, only a hold for its own content counts. Extracts of any two periods may
        overlap, so otherwise their holds could depend on each other.
        """
        if delivery.feed == "authority_extract":
            is_broken = delivery.hold_rule_code in CONTENT_RULES
            return is_broken and not self._is_confirmed(delivery)
        return self.is_waiting(delivery)

    def _is_latest(self, delivery: Delivery) -> bool:
        """Return whether a delivery is usable and the latest of its period.

        For an extract, the result is whether it is the latest of all periods.
        """
        others = self._list_same_supplier(delivery)
        if delivery.feed == "authority_extract":
            last = max(others, key=_extract_order, default=None)
        else:
            same = [item for item in others if item.period == delivery.period]
            last = max(same, key=_receipt_order, default=None)
        return last is not None and last.delivery_id == delivery.delivery_id

    def _list_same_supplier(self, delivery: Delivery) -> list[Delivery]:
        return self.by_supplier.get((delivery.feed, delivery.supplier_code), [])

    def _is_counted(self, delivery: Delivery) -> bool:
        name = delivery.delivery_id
        is_refused = self.decisions.get(name) == "refuse"
        return delivery.is_accepted and name not in self.withdrawn and not is_refused

    def _is_confirmed(self, delivery: Delivery) -> bool:
        return self.decisions.get(delivery.delivery_id) == "confirm"


def _receipt_order(delivery: Delivery) -> tuple[str, str]:
    return delivery.received_at, delivery.delivery_id


def _period_key(delivery: Delivery) -> tuple[str, str, str]:
    return str(delivery.period_end or ""), str(delivery.period_start or ""), delivery.period


def _extract_order(delivery: Delivery) -> tuple[tuple[str, str, str], tuple[str, str]]:
    return _period_key(delivery), _receipt_order(delivery)


def _has_shrunk(
    baselines: list[Delivery], now: Delivery, share: float, *, is_by_chance: bool
) -> bool:
    """Return whether a delivery or one of its tables is smaller than usual by more than `share`.

    `share` is between 0 and 1. A size that varies by chance is compared with the median of the
    baselines, any other size with the largest.
    """
    tables = [item.count_landed_rows_by_table() for item in baselines]
    left = now.count_landed_rows_by_table()
    is_resubmission = any(item.period == now.period for item in baselines)
    for name in (None, *dict.fromkeys(name for rows in tables for name in rows)):
        before = [
            item.landed_row_count if name is None else rows.get(name, 0)
            for item, rows in zip(baselines, tables, strict=True)
        ]
        rows_now = now.landed_row_count if name is None else left.get(name, 0)
        most = max(before, default=0)
        if is_by_chance:
            is_fall = _is_beyond_chance(before, rows_now, share)
        elif name is None or is_resubmission:
            is_fall = most - rows_now >= MIN_LOST_ROWS and most - rows_now > share * most
        else:
            is_fall = most >= MIN_ROWS and most - rows_now > share * most
        if is_fall:
            return True
    return False


def _is_beyond_chance(before: list[int], now: int, share: float) -> bool:
    if not before:
        return False
    usual = median_high(before)
    fall = 2 * (sqrt(usual + ANSCOMBE) - sqrt(now + ANSCOMBE))
    return usual - now > share * usual and fall > DEVIATIONS * sqrt(1 + 1 / len(before))


def _find_lost_columns(before: Delivery, now: Delivery) -> Iterator[str]:
    """Yield the columns (`<table>.<column>`) that lost most of their well-formed values."""
    rows_before, rows_now = (
        before.count_received_rows_by_table(),
        now.count_received_rows_by_table(),
    )
    for name, valid in before.valid_counts.items():
        table = name.split(".")[0]
        first, second = rows_before.get(table, 0), rows_now.get(table, 0)
        if not now.valid_counts or min(first, second) < MIN_ROWS or not valid:
            continue
        left = now.valid_counts.get(name, 0)
        pooled = (valid + left) / (first + second)
        error = sqrt(pooled * (1 - pooled) * (1 / first + 1 / second))
        fall = valid / first - left / second
        if fall > LOST_SHARE * valid / first and fall > DEVIATIONS * error:
            yield name
