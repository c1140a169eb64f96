"""Receipts: what became of each delivery, signed, for its supplier.

A receipt is made from the delivery's ledger entry and its feedback. So it has the same bytes
whenever it is written, unless records were erased in between, and by whatever way the delivery
came. It contains counts, codes, safe file names and hashes, and nothing about a child.
"""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from register.feeds.delivery import DeliveredFile, Delivery, SourceFile, folder_in_landing
from register.feeds.delivery_rules import MANIFEST_RULES, Rule
from register.feeds.feedback import FeedbackLine, read_feedback
from register.feeds.file_names import FileNames
from register.feeds.messages import Message, find_outbox_folder, send_messages
from register.feeds.raw_copies import read_raw_copies
from register.feeds.receipt_keys import (
    ReceiptKeyError,
    SignatureError,
    load_receipt_keys,
    sign_detached,
    verify_detached,
)
from register.feeds.seeds import OUTCOMES
from register.feeds.stage_delivery import list_delivered_files
from register.private_files import PrivateFileError, read_private
from register.settings import Settings
from register.supplier_names import name_supplier

LOGGER = logging.getLogger(__name__)
RECEIPTS = "receipts"
CONTENT_SUFFIX, SIGNATURE_SUFFIX = ".json", ".json.jws"
DELIVERY_ID = re.compile(r"[\w.+-]+")
ReceiptOutcome = Literal["accepted", "accepted with quarantine", "held", "rejected"]
NEXT_STEPS: dict[str, str] = {
    "accepted": "The next build of the register uses this delivery. There is nothing to do.",
    "accepted with quarantine": (
        "The next build of the register uses the records that landed. Correct the records in"
        " quarantine, and send the whole delivery again."
    ),
    "held": (
        "The register does not use this delivery yet: a person decides about it. Correct it and"
        " send it again, or tell the register's team that it is right."
    ),
    "rejected": (
        "The register uses nothing of this delivery. Correct what the reasons name, and send the"
        " whole delivery again."
    ),
}
SUPERSEDED = "A later delivery replaces this one, so the register does not use it."


class ReceiptError(ValueError):
    """A receipt cannot be verified; the message says why."""


class _Part(BaseModel):
    # A reader of receipts ignores keys that a later version adds.
    model_config = ConfigDict(frozen=True, extra="ignore")


class ReceivedFile(_Part):
    """A file as it was delivered."""

    name: str = Field(
        description="The file's name, or its position in the order of names if the name might"
        " contain a person's name."
    )
    bytes: int = Field(description="The size of the file.")
    sha256: str | None = Field(description="The SHA-256 of the file; null if it was not read.")


class RecordCounts(_Part):
    """Numbers of records. Received records landed, are on hold, in quarantine or erased."""

    received: int = Field(description="Records in the delivered files; 0 if it was rejected.")
    landed: int = Field(description="Records that the register uses.")
    on_hold: int = Field(description="Records that wait for a person's decision.")
    quarantined: int = Field(description="Records that cannot be used.")
    erased: int = Field(description="Records about children whose data were erased.")


class ReceivedTable(_Part):
    """The numbers of records of one table."""

    table: str = Field(description="The table of the feed's contract.")
    records: RecordCounts = Field(description="The numbers of records of the table.")


class Reason(_Part):
    """A broken rule. The feedback has the place of each case."""

    rule_code: str = Field(description="The code of the rule.")
    outcome: str = Field(description="What the rule does with a record or a delivery.")
    title: str = Field(description="What is wrong.")
    what_to_do: str = Field(description="How to correct it.")
    count: int = Field(description="The number of places where the rule is broken.")


class ManifestComparison(_Part):
    """The comparison of the supplier's manifest with the delivery."""

    result: Literal["agrees", "differs", "invalid"] = Field(
        description="Whether the delivery agrees with the manifest."
    )
    differences: int = Field(description="The number of differences, each of them in the feedback.")


class FeedbackPlace(_Part):
    """Where the supplier finds each broken rule with its place."""

    lines: int = Field(
        description="The number of lines of feedback about this delivery on receipt."
    )
    where: str = Field(description="Where the feedback is.")


class Receipt(_Part):
    """The register's receipt for a delivery."""

    receipt_version: Literal[1] = Field(default=1, description="The version of this form.")
    delivery_id: str = Field(description="The id of the delivery; the same bytes keep their id.")
    feed: str = Field(description="The feed of the delivery.")
    supplier_code: str = Field(description="The code of the supplier.")
    supplier_name: str = Field(description="The name of the supplier.")
    period: str = Field(description="The period of the delivery.")
    received_at: str = Field(description="When the delivery was received, in UTC.")
    outcome: ReceiptOutcome = Field(description="What became of the delivery on receipt.")
    next_step: str = Field(description="What happens next, and what the supplier should do.")
    files: tuple[ReceivedFile, ...] = Field(
        description="The delivered files; empty if they are no longer known."
    )
    records: RecordCounts = Field(description="The numbers of records of the delivery.")
    tables: tuple[ReceivedTable, ...] = Field(description="The same numbers by table.")
    reasons: tuple[Reason, ...] = Field(description="The broken rules, the gravest first.")
    manifest: ManifestComparison | None = Field(description="Null without a manifest.")
    feedback: FeedbackPlace = Field(description="Where each broken rule is listed with its place.")


@dataclass(frozen=True)
class SignedReceipt:
    """A receipt as it was written: its exact bytes, and their detached signature."""

    content: bytes
    signature: bytes

    def parse(self) -> Receipt:
        """Return the receipt's content."""
        return Receipt.model_validate_json(self.content)


def build_receipt(settings: Settings, entry: Delivery) -> Receipt:
    """Build the receipt of a delivery from its ledger entry, as it was on receipt."""
    folder = settings.landing / folder_in_landing(entry.feed, entry.delivery_id)
    try:
        lines = read_feedback(folder)
    except FileNotFoundError:
        lines = []
    outcome: ReceiptOutcome = "held" if entry.is_held else _name_outcome(entry)
    differences = sum(line["rule_code"] in MANIFEST_RULES for line in lines)
    is_superseded = any(line["rule_code"] == Rule.SUPERSEDED_ON_ARRIVAL for line in lines)
    feed_file = "the first file of feedback that the register sends you after this receipt"
    return Receipt(
        delivery_id=entry.delivery_id,
        feed=entry.feed,
        supplier_code=entry.supplier_code,
        supplier_name=name_supplier(settings.seeds, entry.supplier_code),
        period=entry.period,
        received_at=entry.received_at,
        outcome=outcome,
        next_step=SUPERSEDED if is_superseded else NEXT_STEPS[outcome],
        files=tuple(
            ReceivedFile(name=file.name, bytes=file.bytes, sha256=file.sha256)
            for file in entry.delivered_files or _read_delivered_files(settings, folder, entry)
        ),
        records=RecordCounts(**_count_records(entry, entry.is_held)),
        tables=tuple(_count_tables(entry)),
        reasons=tuple(_list_reasons(lines)),
        manifest=ManifestComparison(result=entry.manifest, differences=differences)
        if entry.manifest
        else None,
        feedback=FeedbackPlace(
            lines=len(lines), where=feed_file if lines else "there is no feedback"
        ),
    )


def format_receipt(receipt: Receipt) -> bytes:
    """Return the bytes of a receipt, which are signed."""
    text = json.dumps(receipt.model_dump(mode="json"), indent=1, ensure_ascii=False)
    return f"{text}\n".encode()


def build_receipt_schema() -> bytes:
    """Return the JSON Schema of receipts, as `receipt.schema.json` has it."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Receipt.model_json_schema(mode="serialization"),
    }
    return json.dumps(schema, indent=1).encode() + b"\n"


def write_receipts(
    settings: Settings, entries: Iterable[Delivery], repeated: Collection[str] = ()
) -> int:
    """Write and send each receipt that is missing, and return their number.

    The ids of deliveries that were sent again unchanged are in `repeated`: their receipts are sent
    again. Without a key there are no receipts, and the log says so.
    """
    try:
        key = load_receipt_keys(settings)[0]
    except ReceiptKeyError as error:
        LOGGER.warning("%s", error)
        return 0
    present = _list_present(settings)
    messages: list[Message] = []
    missing_count = 0
    for entry in entries:
        is_missing = entry.delivery_id not in present
        if not is_missing and entry.delivery_id not in repeated:
            continue
        missing_count += is_missing
        # The content of a receipt stays as it is, even if only its signature is lost.
        content = _read_content(settings, entry) or format_receipt(build_receipt(settings, entry))
        signature = sign_detached(key, content)
        place = (entry.feed, entry.supplier_code)
        name = f"{RECEIPTS}/{entry.delivery_id}"
        messages += [
            Message(*place, f"{name}{CONTENT_SUFFIX}", content),
            Message(*place, f"{name}{SIGNATURE_SUFFIX}", signature),
        ]
    send_messages(settings, messages)
    if missing_count:
        LOGGER.info("%d receipts written", missing_count)
    return missing_count


def read_receipt(settings: Settings, delivery_id: str) -> SignedReceipt | None:
    """Return the receipt of a delivery, or None if it has none."""
    if not DELIVERY_ID.fullmatch(delivery_id):
        return None
    for folder in settings.outbox.glob(f"[!.]*/{RECEIPTS}"):
        content, signature = (
            folder / f"{delivery_id}{suffix}" for suffix in (CONTENT_SUFFIX, SIGNATURE_SUFFIX)
        )
        if content.is_file() and signature.is_file():
            ring = settings.data_keys
            return SignedReceipt(read_private(ring, content), read_private(ring, signature))
    return None


def list_receipts(settings: Settings) -> list[str]:
    """Return the ids of deliveries that have a receipt, in their order."""
    return sorted(_list_present(settings))


def verify_receipt(
    content: bytes, signature: bytes, public_keys: dict[str, Any], delivery_id: str
) -> Receipt:
    """Return a delivery's receipt. Raises `ReceiptError` unless one of the keys signed it."""
    try:
        verify_detached(public_keys, content, signature)
        receipt = Receipt.model_validate_json(content)
    except SignatureError as error:
        raise ReceiptError(str(error)) from None
    except ValidationError:
        raise ReceiptError("the signed file is no receipt") from None
    if receipt.delivery_id != delivery_id:
        raise ReceiptError(f"this is the receipt of another delivery, {receipt.delivery_id}")
    return receipt


def _list_present(settings: Settings) -> set[str]:
    names = {
        path.name
        for path in settings.outbox.glob(f"[!.]*/{RECEIPTS}/*")
        if not path.name.startswith(".")
    }
    signed = (name for name in names if name.endswith(SIGNATURE_SUFFIX))
    ids = {name.removesuffix(SIGNATURE_SUFFIX) for name in signed}
    return {delivery_id for delivery_id in ids if f"{delivery_id}{CONTENT_SUFFIX}" in names}


def _read_content(settings: Settings, entry: Delivery) -> bytes | None:
    folder = find_outbox_folder(settings, entry.supplier_code) / RECEIPTS
    try:
        path = folder / f"{entry.delivery_id}{CONTENT_SUFFIX}"
        return read_private(settings.data_keys, path)
    except (FileNotFoundError, PrivateFileError):
        return None


def _name_outcome(entry: Delivery) -> ReceiptOutcome:
    names: dict[str, ReceiptOutcome] = {
        "accepted": "accepted",
        "accepted_with_quarantine": "accepted with quarantine",
        "rejected": "rejected",
    }
    return names[entry.outcome]


def _count_tables(entry: Delivery) -> Iterator[ReceivedTable]:
    """Yield the counts of each table, those of all its files together."""
    counts: dict[str, Counter[str]] = {}
    for table in entry.tables:
        counts.setdefault(table.table_name, Counter()).update(_count_records(table, entry.is_held))
    for name, numbers in counts.items():
        yield ReceivedTable(table=name, records=RecordCounts(**numbers))


def _count_records(counted: Any, is_held: bool) -> dict[str, int]:
    landed = counted.landed_row_count
    return {
        "received": counted.received_row_count,
        "landed": 0 if is_held else landed,
        "on_hold": landed if is_held else 0,
        "quarantined": counted.quarantined_row_count,
        "erased": counted.erased_row_count,
    }


def _list_reasons(lines: Iterable[FeedbackLine]) -> list[Reason]:
    keys = ("rule_code", "outcome", "title", "what_to_fix")
    counts = Counter(tuple(line[key] for key in keys) for line in lines)
    reasons = [
        Reason(rule_code=code, outcome=outcome, title=title, what_to_do=what_to_fix, count=count)
        for (code, outcome, title, what_to_fix), count in counts.items()
    ]
    # `OUTCOMES` is in order of gravity, except for notes, which need no correction.
    order = {name: place for place, name in enumerate(("reported", *OUTCOMES[:-1]))}
    return sorted(reasons, key=lambda reason: (-order.get(reason.outcome, 0), reason.rule_code))


def _read_delivered_files(
    settings: Settings, folder: Path, entry: Delivery
) -> tuple[DeliveredFile, ...]:
    """Return the delivered files of an older entry from its raw copies, unless they changed."""
    if not entry.is_copy_kept or entry.copy_hash:
        return ()
    try:
        copies = read_raw_copies(settings.data_keys, folder)
    except (OSError, PrivateFileError):
        return ()
    names = FileNames.for_delivery(entry.feed, entry.supplier_code, entry.period)
    safe_names = names.make_safe([copy.path for copy in copies])
    files = (SourceFile(name, copy.data) for name, copy in zip(safe_names, copies, strict=True))
    return list_delivered_files(files)
