"""The history of holds for dbt: when each delivery became held, and when it was released.

Each load builds the whole history anew from ledger entries and decisions. With it, a register as
known at an earlier time applies only the holds that were known then. The rules for holds belong in
`register.feeds.holds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from register.durable import write_whole
from register.feeds.delivery import Delivery
from register.feeds.holds import PERIODS_BEFORE, Holds
from register.spreadsheet import format_csv

FILE_NAME = "holds.csv"
COLUMNS = ("judgement_number", "delivery_id", "known_from", "hold_rule_code")
# A decision on a delivery: its time, the delivery's id, and the decision itself.
Decision = tuple[str, str, str]


def write_hold_history(
    landing: Path, holds: Holds, entries: Iterable[Delivery], decisions: Iterable[Decision]
) -> None:
    """Write the history of holds of these entries to landing.

    `holds` must be empty at first, because the history is derived by adding one entry after
    another.
    """
    write_whole(landing / FILE_NAME, format_hold_history(holds, entries, decisions))


def format_hold_history(
    holds: Holds, entries: Iterable[Delivery], decisions: Iterable[Decision]
) -> bytes:
    """Return the history of holds of these entries as a CSV file.

    `holds` must be empty at first, because the history is derived by adding one entry after
    another.
    """
    changes = enumerate(_list_changes(holds, entries, decisions), start=1)
    return format_csv([COLUMNS, *((number, *change) for number, change in changes)]).encode()


def _list_changes(
    holds: Holds, entries: Iterable[Delivery], decisions: Iterable[Decision]
) -> Iterator[tuple[str, str, str]]:
    """Yield the delivery, time and rule of each change of a hold, in order of time.

    An empty rule means that the delivery was released.
    """
    rules: dict[str, str] = {}
    # At the same second, deliveries are sorted before decisions.
    events: list[tuple[str, int, str, Delivery | str]] = [
        *((entry.received_at, 0, entry.delivery_id, entry) for entry in entries),
        *((decided_at, 1, name, decision) for decided_at, name, decision in decisions),
    ]
    for instant, _, name, event in sorted(events, key=lambda item: item[:2]):
        if isinstance(event, Delivery):
            holds.add(event)
        elif name in holds.by_id:
            holds.decide(name, event)
        else:
            continue
        for changed, rule in _update_rules(holds, holds.by_id[name], rules):
            yield changed, instant, rule


def _update_rules(
    holds: Holds, delivery: Delivery, rules: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Update `rules`, the rule that holds each delivery, after an event about one delivery.

    Yields each delivery whose rule changed, with the new rule.
    """
    unchanged_groups = 0
    for group in holds.list_affected_groups(delivery):
        changes = {}
        for other in group:
            finding = holds.find_hold(other)
            rule = finding.rule.value if finding else ""
            if rule != rules.get(other.delivery_id, ""):
                changes[other.delivery_id] = rule
        rules |= changes
        yield from changes.items()
        unchanged_groups = 0 if changes else unchanged_groups + 1
        # The first two groups are the overlapping deliveries and the delivery's own period. Each
        # further group is a later period, for which this delivery is one of the earlier periods.
        if unchanged_groups >= PERIODS_BEFORE + 2:
            return
