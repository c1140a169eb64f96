"""The ledger: landed deliveries, and people's decisions about them.

The ledger consists of the files `delivery.json`, each beside its delivery's data, so data and
ledger cannot disagree. The dbt project decides which delivery is current.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from register.decision_columns import DELIVERY_DECISION_COLUMNS
from register.decision_files import append_decisions
from register.decision_history import read_decision_file
from register.durable import flush
from register.feeds.contract import load_contracts
from register.feeds.dates import format_instant
from register.feeds.delivery import UNKNOWN_FEED_FOLDER, Delivery
from register.feeds.hold_history import FILE_NAME as HOLDS_FILE
from register.feeds.hold_history import Decision, format_hold_history, write_hold_history
from register.feeds.holds import Holds
from register.settings import Settings

ENTRY_NAME = "delivery.json"
DECISIONS = "deliveries.csv"
WITHDRAW, REINSTATE = "withdraw", "reinstate"
# Withdrawals and holds are decided separately. For each, the last decision counts.
WITHDRAWAL_DECISIONS = (WITHDRAW, REINSTATE)


class LedgerError(ValueError):
    """A ledger entry is damaged, or a decision cannot be recorded; the message says why."""


def read_ledger(settings: Settings) -> list[Delivery]:
    """Return all landed deliveries with their current holds, in order of receipt and then of id.

    Raises `LedgerError` if the entry of a folder is missing or damaged; the next load repairs it.
    """
    entries = [read_entry(folder / ENTRY_NAME) for folder in list_landed_folders(settings.landing)]
    return judge_deliveries(settings, entries).list_entries()


def judge_deliveries(settings: Settings, entries: Iterable[Delivery]) -> Holds:
    """Return the holds of these deliveries, with people's decisions applied."""
    decisions, withdrawals = (
        read_hold_decisions(settings),
        read_withdrawals(settings),
    )
    return Holds.from_entries(settings, entries, decisions, withdrawals)


def write_history(settings: Settings, entries: Iterable[Delivery]) -> None:
    """Write when each delivery became held and when it was released."""
    empty_holds = Holds.from_entries(settings, [], {}, ())
    decisions = read_decisions(settings)
    write_hold_history(settings.landing, empty_holds, entries, decisions)


def is_history_derived(settings: Settings) -> bool:
    """Return whether the written history of holds follows from the entries and decisions.

    Decisions since the last load are not in the history yet; they belong at its end.
    """
    empty_holds = Holds.from_entries(settings, [], {}, ())
    decisions = read_decisions(settings)
    derived = format_hold_history(empty_holds, read_ledger(settings), decisions)
    return derived.startswith((settings.landing / HOLDS_FILE).read_bytes())


def list_landed_folders(landing: Path) -> list[Path]:
    """Return the folder of every delivery, with or without an entry, by feed and id."""
    return sorted(
        path
        for feed in (*load_contracts(), UNKNOWN_FEED_FOLDER)
        for path in (landing / feed).glob("[!.]*")
        if path.is_dir()
    )


def write_entry(delivery: Delivery, folder: Path) -> None:
    """Write a delivery's ledger entry into its folder, before the folder is committed."""
    text = json.dumps(delivery.model_dump(mode="json"), indent=1, sort_keys=True)
    (folder / ENTRY_NAME).write_text(text + "\n", encoding="utf-8")
    flush(folder / ENTRY_NAME)


def read_entry(path: Path) -> Delivery:
    """Read a ledger entry. Raises `LedgerError`, which names the folder, if it is invalid."""
    folder = path.parent.name
    try:
        entry = Delivery.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        # The original error is suppressed, because pydantic's message quotes the entry.
        raise LedgerError(
            f"the ledger's entry of {folder} is missing or damaged: `register load` lands it again"
        ) from None
    if entry.delivery_id != folder:
        raise LedgerError(
            f"the ledger's entry in {folder} is another delivery's: `register load` lands it again"
        )
    return entry


def decide_delivery(
    settings: Settings,
    delivery_id: str,
    decision: Literal["confirm", "refuse"],
    by: str,
    reason: str,
) -> None:
    """Append a person's decision about a held delivery.

    Raises `LedgerError` for a delivery that is not held, an unknown decision, or an empty name or
    reason.
    """
    if decision not in ("confirm", "refuse"):
        raise LedgerError("a decision is 'confirm' or 'refuse'")
    _check_author(by, reason)
    if not _find_entry(settings, delivery_id).is_held:
        raise LedgerError(f"delivery {delivery_id} is not held: there is nothing to decide")
    _append_decision(settings, delivery_id, decision, by, reason)


def withdraw_delivery(settings: Settings, delivery_id: str, by: str, reason: str) -> None:
    """Append a decision that withdraws a delivery until it is reinstated.

    A withdrawn delivery is not current: its rows stay in landing, and the delivery that it replaced
    becomes current again. Raises `LedgerError` for an empty name or reason, and for a delivery that
    is in one of these states:

    - unknown
    - rejected or refused
    - held and not confirmed
    - already withdrawn
    """
    _check_author(by, reason)
    entry = _find_entry(settings, delivery_id)
    hold = read_hold_decisions(settings).get(delivery_id)
    if not entry.is_accepted:
        raise LedgerError(f"delivery {delivery_id} was rejected: there is nothing to withdraw")
    if hold == "refuse" or (entry.is_held and hold is None):
        raise LedgerError(
            f"delivery {delivery_id} is held and not confirmed: refuse it instead of withdrawing it"
        )
    if delivery_id in read_withdrawals(settings):
        raise LedgerError(f"delivery {delivery_id} is withdrawn already")
    _append_decision(settings, delivery_id, WITHDRAW, by, reason)


def reinstate_delivery(settings: Settings, delivery_id: str, by: str, reason: str) -> None:
    """Append a decision that reinstates a withdrawn delivery.

    Raises `LedgerError` for a delivery that is not withdrawn, or for an empty name or reason.
    """
    _check_author(by, reason)
    _find_entry(settings, delivery_id)
    if delivery_id not in read_withdrawals(settings):
        raise LedgerError(f"delivery {delivery_id} is not withdrawn: there is nothing to take back")
    _append_decision(settings, delivery_id, REINSTATE, by, reason)


def read_hold_decisions(settings: Settings) -> dict[str, str]:
    """Return the last decision about each held delivery: `confirm` or `refuse`."""
    return {
        delivery_id: decision
        for _, delivery_id, decision in read_decisions(settings)
        if decision not in WITHDRAWAL_DECISIONS
    }


def read_withdrawals(settings: Settings) -> frozenset[str]:
    """Return the ids of deliveries that were withdrawn and not reinstated afterwards."""
    last = {
        delivery_id: decision
        for _, delivery_id, decision in read_decisions(settings)
        if decision in WITHDRAWAL_DECISIONS
    }
    return frozenset(name for name, decision in last.items() if decision == WITHDRAW)


def select_used_deliveries(settings: Settings, entries: Iterable[Delivery]) -> list[Delivery]:
    """Return the entries that are accepted, not withdrawn, and not held unless confirmed."""
    decided = read_hold_decisions(settings)
    withdrawn = read_withdrawals(settings)
    return [
        entry
        for entry in entries
        if entry.is_accepted
        and entry.delivery_id not in withdrawn
        and (not entry.is_held or decided.get(entry.delivery_id) == "confirm")
    ]


def read_decisions(settings: Settings) -> list[Decision]:
    """Return the time, the delivery and the decision of each row, in the order of the file."""
    if not (settings.decisions / DECISIONS).exists():
        return []
    rows = csv.DictReader(io.StringIO(read_decision_file(settings, DECISIONS).decode()))
    if tuple(rows.fieldnames or ()) != DELIVERY_DECISION_COLUMNS:
        raise LedgerError(f"{DECISIONS} does not have the columns that it should")
    return [(row["decided_at"], row["delivery_id"], row["decision"]) for row in rows]


def _check_author(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise LedgerError("a decision needs a name and a reason")


def _find_entry(settings: Settings, delivery_id: str) -> Delivery:
    entry = next((item for item in read_ledger(settings) if item.delivery_id == delivery_id), None)
    if entry is None:
        raise LedgerError(f"no delivery {delivery_id} in the ledger")
    return entry


def _append_decision(
    settings: Settings, delivery_id: str, decision: str, by: str, reason: str
) -> None:
    row = [format_instant(datetime.now(UTC)), by.strip(), delivery_id, decision, reason.strip()]
    append_decisions(settings, DECISIONS, [row], LedgerError)
