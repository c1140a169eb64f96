"""The outbox: after each load, new feedback for each supplier.

Findings of landing are joined with findings about the built register, such as breaches of the
statutory return's rules. Lines name records by the supplier's own ids, so the files must be sent as
securely as the delivery was. In a home with data keys they are encrypted until they are exported.
The rules belong in the dbt project.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from register.data_keys import KeyRing
from register.durable import write_whole
from register.feeds.contract import load_contracts
from register.feeds.delivery import Delivery, folder_in_landing
from register.feeds.delivery_rules import Breach
from register.feeds.feedback import (
    COLUMNS,
    FeedbackLine,
    build_feedback_line,
    read_feedback,
)
from register.feeds.layout import Layout, LayoutError, load_named_layout
from register.feeds.ledger import read_ledger
from register.feeds.seeds import load_delivery_rules, load_return_rules, load_suppliers
from register.parquet_files import read_parquet
from register.private_files import write_private
from register.settings import Settings
from register.spreadsheet import format_csv

LOGGER = logging.getLogger(__name__)
FEEDBACK_COLUMNS = (*COLUMNS[:-1], "record_id", COLUMNS[-1])
# Statuses of deliveries that a supplier can still correct.
OPEN_STATUSES = ("current", "held", "rejected")
SENT_FOLDER = ".told"
UNKNOWN = "unknown"
PLACE = ("table_name", "file", "line", "element")
IDENTITY = ("delivery_id", "rule_code", *PLACE, "column")
PRIVATE = 0o600


def join_feedback(
    settings: Settings, delivery: Delivery, breaches: Iterable[Breach]
) -> list[FeedbackLine]:
    """Return all feedback about a delivery, each line with the supplier's id of the record.

    `breaches` are the published breaches of this delivery. Breaches that landing has already
    reported are left out.
    """
    folder = settings.landing / folder_in_landing(delivery.feed, delivery.delivery_id)
    return _add_record_ids(
        settings.data_keys, folder, delivery, _join_lines(settings, folder, delivery, breaches)
    )


def fill_outbox(
    settings: Settings, generation_id: str, breaches: Iterable[Breach], statuses: Mapping[str, str]
) -> dict[str, int]:
    """Write each supplier's new feedback as `outbox/<supplier>/<generation>.csv`.

    `statuses` has the status of each delivery in the generation. Returns the number of new lines by
    supplier; a supplier without new lines gets no file. Lines are recorded as sent only after they
    are written. So if a load is killed in between, lines are repeated and none is lost.
    """
    by_delivery: dict[str, list[Breach]] = {}
    for breach in breaches:
        by_delivery.setdefault(breach.delivery_id, []).append(breach)
    known = {term.supplier_code for term in load_suppliers(settings.seeds)}
    by_supplier: dict[str, list[Delivery]] = {}
    for delivery in _list_open_deliveries(read_ledger(settings), statuses):
        supplier = delivery.supplier_code if delivery.supplier_code in known else UNKNOWN
        by_supplier.setdefault(supplier, []).append(delivery)
    counts = {}
    for supplier, deliveries in sorted(by_supplier.items()):
        sent_file = settings.outbox / SENT_FOLDER / f"{supplier}.txt"
        sent = set(sent_file.read_text(encoding="utf-8").split()) if sent_file.exists() else set()
        fresh: dict[str, None] = {}
        lines: list[FeedbackLine] = []
        for delivery in deliveries:
            folder = settings.landing / folder_in_landing(delivery.feed, delivery.delivery_id)
            all_lines = _join_lines(
                settings, folder, delivery, by_delivery.get(delivery.delivery_id, ())
            )
            new = [line for line in all_lines if _hash_line(line) not in sent]
            fresh.update((_hash_line(line), None) for line in new)
            lines += _add_record_ids(settings.data_keys, folder, delivery, new)
        if lines:
            counts[supplier] = len(lines)
            path = settings.outbox / supplier / f"{generation_id}.csv"
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(settings.data_keys, path, format_feedback(lines).encode())
            sent_file.parent.mkdir(mode=0o700, exist_ok=True)
            write_whole(sent_file, "\n".join([*sorted(sent), *fresh, ""]).encode(), PRIVATE)
    return counts


def format_feedback(lines: Iterable[Mapping[str, str]]) -> str:
    """Return lines of feedback as the text of a CSV file."""
    rows = ([line.get(name, "") for name in FEEDBACK_COLUMNS] for line in lines)
    return format_csv([FEEDBACK_COLUMNS, *rows])


def _list_open_deliveries(
    ledger: Iterable[Delivery], statuses: Mapping[str, str]
) -> list[Delivery]:
    """Return the deliveries that suppliers should correct.

    A rejected delivery is left out if a later one was accepted.
    """
    entries = list(ledger)
    last_accepted: dict[tuple[str, str, str], str] = {}
    for item in entries:
        key = (item.feed, item.supplier_code, item.period)
        if item.is_accepted:
            last_accepted[key] = max(last_accepted.get(key, ""), item.received_at)
    return [
        item
        for item in entries
        if statuses.get(item.delivery_id) in OPEN_STATUSES
        and (
            item.is_accepted
            or last_accepted.get((item.feed, item.supplier_code, item.period), "")
            < item.received_at
        )
    ]


def _join_lines(
    settings: Settings, folder: Path, delivery: Delivery, breaches: Iterable[Breach]
) -> list[FeedbackLine]:
    """Return landing's feedback, then the breaches that it lacks, by table, file and line."""
    rules = load_delivery_rules(settings.seeds) | load_return_rules(settings.seeds)
    layout = _load_delivery_layout(settings, delivery)
    lines = _read_landing_feedback(folder)
    reported = {_hash_line(line) for line in lines}
    for breach in sorted(breaches, key=_sort_key):
        rule = rules[breach.rule_code]
        line = build_feedback_line(delivery.delivery_id, rule, breach, settings.seeds, layout)
        if _hash_line(line) not in reported:
            lines.append(line)
    return lines


def _read_landing_feedback(folder: Path) -> list[FeedbackLine]:
    try:
        return read_feedback(folder)
    except FileNotFoundError:
        # The feedback file is lost, but the register's own findings are still reported.
        LOGGER.warning("%s: its feedback file is missing from landing", folder.name)
        return []


def _load_delivery_layout(settings: Settings, delivery: Delivery) -> Layout | None:
    """Return the layout of a delivery, or None if it is unknown or cannot be used.

    Without a layout, feedback uses the contract's column names.
    """
    try:
        name = delivery.layout_name
        return load_named_layout(name, settings.layouts) if name else None
    except LayoutError:
        # The layout was removed or damaged after landing; the findings are still reported.
        return None


def _sort_key(breach: Breach) -> tuple[str, str, int, str]:
    return (breach.table or "", breach.file, breach.line or 0, breach.rule_code)


def _hash_line(line: FeedbackLine) -> str:
    """Return a hash of a line of feedback, by which it is recognised if it was already sent."""
    return hashlib.sha256("\0".join(line[name] for name in IDENTITY).encode()).hexdigest()[:24]


def _add_record_ids(
    ring: KeyRing | None, folder: Path, delivery: Delivery, lines: list[FeedbackLine]
) -> list[FeedbackLine]:
    """Return the lines with `record_id` filled in; it is empty if the record did not land."""
    ids: dict[tuple[str, str, int], str] = {}
    for table in {line["table_name"] for line in lines if line["line"] or line["element"]}:
        ids |= _read_record_ids(ring, folder, delivery.feed, table)
    return [
        {**line, "record_id": ids.get((line["table_name"], line["file"], _parse_number(line)), "")}
        for line in lines
    ]


def _read_record_ids(
    ring: KeyRing | None, folder: Path, feed: str, table_name: str
) -> dict[tuple[str, str, int], str]:
    """Return the supplier's id of each landed record: its value in the first required column."""
    path = folder / f"{table_name}.parquet"
    table = load_contracts()[feed].table_by_name.get(table_name)
    key = (
        next((column.name for column in table.properties if column.required), None)
        if table
        else None
    )
    if key is None or not path.exists():
        return {}
    rows = read_parquet(ring, path, columns=[key, "_file", "_row_number"])
    columns = (rows.column(name).to_pylist() for name in ("_file", "_row_number", key))
    return {(table_name, file, number): value for file, number, value in zip(*columns, strict=True)}


def _parse_number(line: FeedbackLine) -> int:
    """Return the line's number in the file or, in an XML file, the element's number."""
    digits = line["line"] or line["element"].removeprefix("(//*)[").removesuffix("]")
    return int(digits) if digits else 0
