"""The ledger: what has been landed, and what people decided about deliveries.

The ledger is the set of `delivery.json` files; nothing else is kept, so that data and ledger
cannot disagree. Which delivery is current belongs in the dbt project.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from register.decision_files import DELIVERY_DECISION_COLUMNS, append_decisions
from register.durable import flush
from register.feeds.contract import load_contracts
from register.feeds.dates import as_instant
from register.feeds.delivery import UNKNOWN_FEED_FOLDER, Delivery
from register.feeds.holds import Holds
from register.feeds.judgements import FILE_NAME as HOLDS_FILE
from register.feeds.judgements import Decision, judgements, write_judgements
from register.settings import Settings

ENTRY_NAME = "delivery.json"
DECISIONS = "deliveries.csv"
WITHDRAW, REINSTATE = "withdraw", "reinstate"
# Decided apart from a hold: of each, the last decision counts.
ABOUT_WITHDRAWAL = (WITHDRAW, REINSTATE)


class LedgerError(ValueError):
    """A request to the ledger cannot be done; the message gives the reason."""


def read_ledger(settings: Settings) -> list[Delivery]:
    """Every delivery landed, as it is judged by `register.feeds.holds`, by receipt, then id.

    Raises `LedgerError` for a folder whose entry is missing or damaged: `register load` lands it
    again.
    """
    entries = [read_entry(folder / ENTRY_NAME) for folder in landed_folders(settings.landing)]
    return judge(settings, entries).entries()


def judge(settings: Settings, entries: Iterable[Delivery]) -> Holds:
    """Which of these deliveries are held, by what people have decided."""
    decided = decided_deliveries(settings.decisions)
    return Holds.of(settings, entries, decided, withdrawn_deliveries(settings.decisions))


def write_history(settings: Settings, entries: Iterable[Delivery]) -> None:
    """Write since when each of these deliveries is held, or is held no more."""
    nothing_known = Holds.of(settings, [], {}, ())
    decisions = read_decisions(settings.decisions)
    write_judgements(settings.landing, nothing_known, entries, decisions)


def is_history_derived(settings: Settings) -> bool:
    """Return whether the history of holds is what entries and decisions say.

    Decisions that were taken since a load are not in it yet: they come at the end.
    """
    nothing_known = Holds.of(settings, [], {}, ())
    decisions = read_decisions(settings.decisions)
    derived = judgements(nothing_known, read_ledger(settings), decisions)
    return derived.startswith((settings.landing / HOLDS_FILE).read_bytes())


def landed_folders(landing: Path) -> list[Path]:
    """The folder of every delivery, in order of feed and id, whether or not it has an entry."""
    return sorted(
        path
        for feed in (*load_contracts(), UNKNOWN_FEED_FOLDER)
        for path in (landing / feed).glob("[!.]*")
        if path.is_dir()
    )


def write_entry(delivery: Delivery, folder: Path) -> None:
    """Write the entry into a folder that is not yet committed."""
    text = json.dumps(delivery.model_dump(mode="json"), indent=1, sort_keys=True)
    (folder / ENTRY_NAME).write_text(text + "\n", encoding="utf-8")
    flush(folder / ENTRY_NAME)


def read_entry(path: Path) -> Delivery:
    """Read one entry; raises `LedgerError`, which names its folder, if it is not one."""
    folder = path.parent.name
    try:
        entry = Delivery.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        # Not as a cause: what pydantic says quotes the entry.
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
    who: str,
    why: str,
) -> None:
    """Append a person's decision on a held delivery.

    Raises `LedgerError` for a delivery that is not held, an unknown decision, or an empty name
    or reason.
    """
    if decision not in ("confirm", "refuse"):
        raise LedgerError("a decision is 'confirm' or 'refuse'")
    _check_author(who, why)
    if not _entry(settings, delivery_id).is_held:
        raise LedgerError(f"delivery {delivery_id} is not held: there is nothing to decide")
    _append(settings, delivery_id, decision, who, why)


def withdraw_delivery(settings: Settings, delivery_id: str, who: str, why: str) -> None:
    """Append that a delivery is set aside: it is not current until it is reinstated.

    Its rows stay landed; what it had superseded is current again. Raises `LedgerError` for a
    delivery that is in no register anyway, or for an empty name or reason.
    """
    _check_author(who, why)
    entry = _entry(settings, delivery_id)
    hold = decided_deliveries(settings.decisions).get(delivery_id)
    if not entry.is_accepted:
        raise LedgerError(f"delivery {delivery_id} was rejected: there is nothing to withdraw")
    if hold == "refuse" or (entry.is_held and hold is None):
        raise LedgerError(
            f"delivery {delivery_id} is held and not confirmed: refuse it instead of withdrawing it"
        )
    if delivery_id in withdrawn_deliveries(settings.decisions):
        raise LedgerError(f"delivery {delivery_id} is withdrawn already")
    _append(settings, delivery_id, WITHDRAW, who, why)


def reinstate_delivery(settings: Settings, delivery_id: str, who: str, why: str) -> None:
    """Append that a withdrawal is taken back.

    Raises `LedgerError` for a delivery that is not withdrawn, or for an empty name or reason.
    """
    _check_author(who, why)
    _entry(settings, delivery_id)
    if delivery_id not in withdrawn_deliveries(settings.decisions):
        raise LedgerError(f"delivery {delivery_id} is not withdrawn: there is nothing to take back")
    _append(settings, delivery_id, REINSTATE, who, why)


def decided_deliveries(decisions: Path) -> dict[str, str]:
    """The last decision on each held delivery: `confirm` or `refuse`."""
    return {
        delivery_id: decision
        for _, delivery_id, decision in read_decisions(decisions)
        if decision not in ABOUT_WITHDRAWAL
    }


def withdrawn_deliveries(decisions: Path) -> frozenset[str]:
    """The deliveries that are withdrawn: the last that was decided about it is to withdraw it."""
    last = {
        delivery_id: decision
        for _, delivery_id, decision in read_decisions(decisions)
        if decision in ABOUT_WITHDRAWAL
    }
    return frozenset(name for name, decision in last.items() if decision == WITHDRAW)


def read_decisions(decisions: Path) -> list[Decision]:
    """When, about which delivery and what was decided, in the order of writing."""
    path = decisions / DECISIONS
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != DELIVERY_DECISION_COLUMNS:
            raise LedgerError(f"{DECISIONS} does not have the columns that it should")
        return [(row["decided_at"], row["delivery_id"], row["decision"]) for row in rows]


def _check_author(who: str, why: str) -> None:
    if not who.strip() or not why.strip():
        raise LedgerError("a decision needs a name and a reason")


def _entry(settings: Settings, delivery_id: str) -> Delivery:
    entry = next((item for item in read_ledger(settings) if item.delivery_id == delivery_id), None)
    if entry is None:
        raise LedgerError(f"no delivery {delivery_id} in the ledger")
    return entry


def _append(settings: Settings, delivery_id: str, decision: str, who: str, why: str) -> None:
    row = [as_instant(datetime.now(UTC)), who.strip(), delivery_id, decision, why.strip()]
    append_decisions(settings, DECISIONS, [row], LedgerError)
