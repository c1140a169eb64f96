"""Checks of receipts for the operator: those that are missing, unsent or changed."""

from __future__ import annotations

from register.feeds.ledger import list_landed_folders
from register.feeds.messages import count_unsent
from register.feeds.receipt_keys import ReceiptKeyError, list_public_keys, load_receipt_keys
from register.feeds.receipts import ReceiptError, list_receipts, read_receipt, verify_receipt
from register.private_files import PrivateFileError
from register.settings import Settings


def find_missing_receipts(settings: Settings) -> list[str]:
    """Return the ids of landed deliveries that have no receipt."""
    present = set(list_receipts(settings))
    return [
        folder.name
        for folder in list_landed_folders(settings.landing)
        if folder.name not in present
    ]


def find_receipt_fault(settings: Settings) -> str | None:
    """Return why suppliers lack receipts or other messages, and what to do; None if none does."""
    missing, unsent_count = find_missing_receipts(settings), count_unsent(settings)
    if missing:
        try:
            load_receipt_keys(settings)
        except ReceiptKeyError as error:
            return str(error)
        return f"{len(missing):,} deliveries have no receipt: `register load` writes them"
    if unsent_count:
        return (
            f"the inbox did not take {unsent_count:,} messages to suppliers: check that the"
            " register may write there; the next load tries again"
        )
    return None


def find_changed_receipts(settings: Settings) -> list[str]:
    """Return the ids of deliveries whose receipt in the outbox is not what was signed."""
    delivery_ids = list_receipts(settings)
    public_keys = list_public_keys(settings) if delivery_ids else {}
    changed = []
    for delivery_id in delivery_ids:
        try:
            receipt = read_receipt(settings, delivery_id)
            if receipt is not None:
                verify_receipt(receipt.content, receipt.signature, public_keys, delivery_id)
        except (ReceiptError, PrivateFileError):
            changed.append(delivery_id)
    return changed
