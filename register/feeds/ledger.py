"""The ledger: what has been landed, and what people decided about held deliveries.

The ledger is the set of `delivery.json` files; nothing else is kept, so that data and ledger
cannot disagree. Which delivery is current belongs in the dbt project.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from register.feeds.dates import as_instant
from register.feeds.delivery import Delivery
from register.home import DELIVERY_DECISION_COLUMNS, prepare_home
from register.settings import Settings

ENTRY_NAME = "delivery.json"
DECISIONS = "deliveries.csv"


class LedgerError(ValueError):
    """A request to the ledger cannot be done; the message gives the reason."""


def read_ledger(settings: Settings) -> list[Delivery]:
    """Every delivery landed, in order of receipt, then of id."""
    entries = [read_entry(path) for path in settings.landing.glob(f"[!.]*/[!.]*/{ENTRY_NAME}")]
    return sorted(entries, key=lambda entry: (entry.received_at, entry.delivery_id))


def write_entry(delivery: Delivery, folder: Path) -> None:
    """Write the entry into a folder that is not yet committed."""
    text = json.dumps(delivery.model_dump(mode="json"), indent=1, sort_keys=True)
    (folder / ENTRY_NAME).write_text(text + "\n", encoding="utf-8")


def read_entry(path: Path) -> Delivery:
    """Read one entry; raises pydantic's `ValidationError` if it is not one."""
    return Delivery.model_validate_json(path.read_bytes())


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
    if not who.strip() or not why.strip():
        raise LedgerError("a decision needs a name and a reason")
    entry = next((item for item in read_ledger(settings) if item.delivery_id == delivery_id), None)
    if entry is None:
        raise LedgerError(f"no delivery {delivery_id} in the ledger")
    if not entry.is_held:
        raise LedgerError(f"delivery {delivery_id} is not held: there is nothing to decide")
    prepare_home(settings)
    decided_at = as_instant(datetime.now(UTC))
    with (settings.decisions / DECISIONS).open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([decided_at, who.strip(), delivery_id, decision, why.strip()])


def decided_deliveries(decisions: Path) -> dict[str, str]:
    """The last decision on each delivery: `confirm` or `refuse`."""
    path = decisions / DECISIONS
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != DELIVERY_DECISION_COLUMNS:
            raise LedgerError(f"{DECISIONS} does not have the columns that it should")
        return {row["delivery_id"]: row["decision"] for row in rows}
