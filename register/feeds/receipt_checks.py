"""Checks of receipts for the operator: those that are missing, unsent or changed."""

from __future__ import annotations

from typing import Any

from register.feeds.ledger import list_landed_folders
from register.feeds.messages import count_unsent
from register.feeds.receipt_keys import ReceiptKeyError, list_public_keys, load_receipt_keys
from register.feeds.receipts import (
    RECEIPTS,
    ReceiptError,
    list_receipts,
    read_receipt,
    verify_receipt,
)
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
    """Return the ids of deliveries whose receipt is not what was signed, or has lost a file."""
    names = {path.name for path in settings.outbox.glob(f"[!.]*/{RECEIPTS}/[!.]*")}
    delivery_ids = {name.removesuffix(".jws").removesuffix(".json") for name in names}
    public_keys = list_public_keys(settings) if delivery_ids else {}
    return [
        delivery_id
        for delivery_id in sorted(delivery_ids)
        if not _is_intact(settings, delivery_id, public_keys)
    ]


def _is_intact(settings: Settings, delivery_id: str, public_keys: dict[str, Any]) -> bool:
    try:
        receipt = read_receipt(settings, delivery_id)
        if receipt is None:
            return False
        verify_receipt(receipt.content, receipt.signature, public_keys, delivery_id)
    except (ReceiptError, PrivateFileError):
        return False
    return True
