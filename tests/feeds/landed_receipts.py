"""Receipts of invented deliveries, as they are in the outbox and as they were sent."""

from __future__ import annotations

import json
from typing import Any

from register.feeds import SignedReceipt, read_receipt
from tests.feeds.deliveries import COMPACT, MONTH, Home, police_csv, report

REPORTS = [report(n, sex="F", category="Missing") for n in range(1, 6)]
GOOD = police_csv("compact", REPORTS)


def read_signed(home: Home, delivery_id: str) -> SignedReceipt:
    """Read a receipt of the outbox, which must be there."""
    receipt = read_receipt(home.settings, delivery_id)
    assert receipt is not None
    return receipt


def land_with_receipt(home: Home, data: bytes = GOOD, period: str = MONTH) -> dict[str, Any]:
    """Land a force's file, and return the content of its receipt."""
    home.put_reports(data, period=period)
    (delivery,) = home.load().landed
    content: dict[str, Any] = json.loads(read_signed(home, delivery.delivery_id).content)
    return content


def list_sent(home: Home) -> dict[str, bytes]:
    """The messages beside the force's deliveries."""
    folder = home.settings.inbox / "police_reports" / COMPACT / "from_register"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}


def list_written(home: Home) -> dict[str, bytes]:
    """The receipts of the outbox."""
    return {path.name: path.read_bytes() for path in home.settings.outbox.glob("*/receipts/*")}
