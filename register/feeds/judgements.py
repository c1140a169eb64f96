"""When each delivery came to be held, and when no more: written for the dbt project to read.

The whole history is made anew by each load, from entries and decisions alone, so that a look back
judges by what was known at its moment. How a delivery is judged belongs in `register.feeds.holds`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from register.durable import write_whole
from register.feeds.delivery import Delivery
from register.feeds.holds import PERIODS_BEFORE, Holds
from register.spreadsheet import safe_row

FILE_NAME = "holds.csv"
COLUMNS = ("judgement_number", "delivery_id", "known_from", "hold_rule_code")
# When a decision was made, about which delivery, and what was decided.
Decision = tuple[str, str, str]


def write_judgements(
    landing: Path, holds: Holds, entries: Iterable[Delivery], decisions: Iterable[Decision]
) -> None:
    """Write the history of the holds of these entries; `holds` knows none of them yet."""
    write_whole(landing / FILE_NAME, judgements(holds, entries, decisions))


def judgements(holds: Holds, entries: Iterable[Delivery], decisions: Iterable[Decision]) -> bytes:
    """Return the history of the holds of these entries, as a file; `holds` knows none of them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, change in enumerate(_changes(holds, entries, decisions), start=1):
        writer.writerow(safe_row([number, *change]))
    return text.getvalue().encode()


def _changes(
    holds: Holds, entries: Iterable[Delivery], decisions: Iterable[Decision]
) -> Iterator[tuple[str, str, str]]:
    """Delivery, instant and rule (empty: held no more) of each change, in order of time."""
    rules: dict[str, str] = {}
    # What was received and decided in one second was received first.
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
        for changed, rule in _rejudged(holds, holds.by_id[name], rules):
            yield changed, instant, rule


def _rejudged(holds: Holds, delivery: Delivery, rules: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The deliveries whose rule is another now, after an event about one of them."""
    unchanged = 0
    for group in holds.judged_by(delivery):
        changes = {}
        for other in group:
            found = holds.finding(other)
            rule = found.rule.value if found else ""
            if rule != rules.get(other.delivery_id, ""):
                changes[other.delivery_id] = rule
        rules |= changes
        yield from changes.items()
        unchanged = 0 if changes else unchanged + 1
        # What overlaps and its own period come first.
        if unchanged >= PERIODS_BEFORE + 2:
            return
