"""What a supplier delivered, and what became of it: deliveries, feedback and messages of its own.

A delivery or a message of another supplier answers as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from interfaces.web.pages import NotFoundError
from register import feeds
from register.private_files import read_private
from register.settings import Settings

State = Literal["accepted", "accepted_with_quarantine", "held", "refused", "rejected", "withdrawn"]
NO_DELIVERY = "There is no such delivery of yours."
NO_RECEIPT = "There is no receipt of this delivery yet."
NO_MESSAGE = "There is no such message for you."


@dataclass(frozen=True)
class OwnDelivery:
    """A delivery of a supplier, with its state today."""

    entry: feeds.Delivery
    state: State


@dataclass(frozen=True)
class Message:
    """A file for a supplier in the outbox."""

    supplier_code: str
    name: str
    path: Path


def list_own_history(settings: Settings, supplier_codes: Sequence[str]) -> list[OwnDelivery]:
    """List the deliveries of these suppliers, the latest first."""
    decided, withdrawn = feeds.read_hold_decisions(settings), feeds.read_withdrawals(settings)
    own = [
        OwnDelivery(entry, _name_state(entry, decided.get(entry.delivery_id), withdrawn))
        for entry in feeds.read_ledger(settings)
        if entry.supplier_code in supplier_codes
    ]
    return sorted(own, key=lambda each: (each.entry.received_at, each.entry.delivery_id))[::-1]


def find_own_delivery(
    settings: Settings, supplier_codes: Sequence[str], delivery_id: str
) -> OwnDelivery:
    """Return a delivery of one of these suppliers. Raises `NotFoundError` if there is none."""
    for each in list_own_history(settings, supplier_codes):
        if each.entry.delivery_id == delivery_id:
            return each
    raise NotFoundError(NO_DELIVERY)


def list_expected_periods(
    settings: Settings, supplier_codes: Sequence[str]
) -> list[feeds.DeliverablePeriod]:
    """List the periods that these suppliers may deliver, late ones first, then what is due."""
    ledger, today = feeds.read_ledger(settings), datetime.now(UTC).date()
    periods = [
        period
        for code in supplier_codes
        for period in feeds.list_deliverable_periods(settings.seeds, ledger, code, today)
    ]
    return sorted(periods, key=feeds.rank_period)


def read_own_feedback(settings: Settings, entry: feeds.Delivery) -> list[dict[str, str]]:
    """Return what a supplier should put right in a delivery, with its own ids of records."""
    return feeds.join_feedback(settings, entry, ())


def read_own_receipt(
    settings: Settings, supplier_codes: Sequence[str], delivery_id: str
) -> feeds.SignedReceipt:
    """Return the receipt of a delivery of one of these suppliers.

    Raises `NotFoundError` if there is no such delivery, or no receipt of it.
    """
    own = find_own_delivery(settings, supplier_codes, delivery_id)
    receipt = feeds.read_receipt(settings, own.entry.delivery_id)
    if receipt is None:
        raise NotFoundError(NO_RECEIPT)
    return receipt


def list_messages(settings: Settings, supplier_codes: Sequence[str]) -> list[Message]:
    """List the files for these suppliers in the outbox, the last name first."""
    messages = [
        Message(code, path.name, path)
        for code in supplier_codes
        for path in (settings.outbox / code).glob("[!.]*")
        if path.is_file()
    ]
    return sorted(messages, key=lambda each: (each.name, each.supplier_code), reverse=True)


def read_message(settings: Settings, supplier_codes: Sequence[str], name: str) -> bytes:
    """Return the content of a message. No path is built from the name, for safety."""
    for message in list_messages(settings, supplier_codes):
        if message.name == name:
            return read_private(settings.data_keys, message.path)
    raise NotFoundError(NO_MESSAGE)


def _name_state(entry: feeds.Delivery, decision: str | None, withdrawn: frozenset[str]) -> State:
    if entry.delivery_id in withdrawn:
        return "withdrawn"
    if entry.is_held and decision != "confirm":
        return "refused" if decision == "refuse" else "held"
    return entry.outcome
