"""The outbox: for each supplier, after each load, what is new of what it should put right.

Landing's feedback is joined with what only the built register finds: rules of the statutory return,
absences that cannot be. A line names the record by the supplier's own id, so that an outbox is sent
as safely as the delivery was. What the rules are belongs in the dbt project.
"""

from __future__ import annotations

import csv
import hashlib
import io
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow.parquet as pq

from register.durable import write_whole
from register.feeds.contract import load_contracts
from register.feeds.delivery import Delivery, folder_in_landing
from register.feeds.delivery_rules import Breach
from register.feeds.feedback import COLUMNS, Line, feedback_line, read_feedback, safe_cells
from register.feeds.layout import Layout, LayoutError, layout_named
from register.feeds.ledger import read_ledger
from register.feeds.seeds import load_delivery_rules, load_return_rules, load_suppliers
from register.settings import Settings

LOGGER = logging.getLogger(__name__)
FEEDBACK_COLUMNS = (*COLUMNS[:-1], "record_id", COLUMNS[-1])
# The statuses of deliveries about which a supplier can still do something.
TOLD_STATUSES = ("current", "held", "rejected")
TOLD = ".told"
UNKNOWN = "unknown"
PLACE = ("table_name", "file", "line", "element")
IDENTITY = ("delivery_id", "rule_code", *PLACE, "column")
PRIVATE = 0o600


def joined_feedback(
    settings: Settings, delivery: Delivery, breaches: Iterable[Breach]
) -> list[Line]:
    """All feedback on a delivery, each line with the id that the supplier gave the record.

    `breaches` are the published ones of this delivery; what landing told already is told once.
    """
    folder = settings.landing / folder_in_landing(delivery.feed, delivery.delivery_id)
    return _with_record_ids(folder, delivery, _joined(settings, folder, delivery, breaches))


def fill_outbox(
    settings: Settings, generation_id: str, breaches: Iterable[Breach], statuses: Mapping[str, str]
) -> dict[str, int]:
    """Write each supplier's new feedback as `outbox/<supplier>/<generation>.csv`.

    `statuses` are those of deliveries in the generation. Returns the new lines by supplier; a
    supplier without any gets no file. What was told is remembered after it is written, so that a
    load that ends between the two tells it again rather than never.
    """
    by_delivery: dict[str, list[Breach]] = {}
    for breach in breaches:
        by_delivery.setdefault(breach.delivery_id, []).append(breach)
    known = {term.supplier_code for term in load_suppliers(settings.seeds)}
    told: dict[str, list[Delivery]] = {}
    for delivery in _open_deliveries(read_ledger(settings), statuses):
        supplier = delivery.supplier_code if delivery.supplier_code in known else UNKNOWN
        told.setdefault(supplier, []).append(delivery)
    counts = {}
    for supplier, deliveries in sorted(told.items()):
        memory = settings.outbox / TOLD / f"{supplier}.txt"
        before = set(memory.read_text(encoding="utf-8").split()) if memory.exists() else set()
        fresh: dict[str, None] = {}
        lines: list[Line] = []
        for delivery in deliveries:
            folder = settings.landing / folder_in_landing(delivery.feed, delivery.delivery_id)
            found = _joined(settings, folder, delivery, by_delivery.get(delivery.delivery_id, ()))
            new = [line for line in found if _sign(line) not in before]
            fresh.update((_sign(line), None) for line in new)
            lines += _with_record_ids(folder, delivery, new)
        if lines:
            counts[supplier] = len(lines)
            _write(settings.outbox / supplier / f"{generation_id}.csv", as_csv(lines).encode())
            _write(memory, "\n".join([*sorted(before), *fresh, ""]).encode())
    return counts


def as_csv(lines: Iterable[Line]) -> str:
    """Lines of feedback as a CSV file that people open."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FEEDBACK_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(safe_cells(line) for line in lines)
    return text.getvalue()


def _open_deliveries(ledger: Iterable[Delivery], statuses: Mapping[str, str]) -> list[Delivery]:
    """Deliveries about which something can be done: no rejected one that was sent again since."""
    entries = list(ledger)
    last_accepted: dict[tuple[str, str, str], str] = {}
    for item in entries:
        key = (item.feed, item.supplier_code, item.period)
        if item.is_accepted:
            last_accepted[key] = max(last_accepted.get(key, ""), item.received_at)
    return [
        item
        for item in entries
        if statuses.get(item.delivery_id) in TOLD_STATUSES
        and (
            item.is_accepted
            or last_accepted.get((item.feed, item.supplier_code, item.period), "")
            < item.received_at
        )
    ]


def _joined(
    settings: Settings, folder: Path, delivery: Delivery, breaches: Iterable[Breach]
) -> list[Line]:
    """Landing's feedback, then the breaches that it has not, in order of file and place."""
    rules = load_delivery_rules(settings.seeds) | load_return_rules(settings.seeds)
    layout = _layout_of(settings, delivery)
    lines = _told_at_landing(folder)
    told = {_sign(line) for line in lines}
    for breach in sorted(breaches, key=_order):
        rule = rules[breach.rule_code]
        line = feedback_line(delivery.delivery_id, rule, breach, settings.seeds, layout)
        if _sign(line) not in told:
            lines.append(line)
    return lines


def _told_at_landing(folder: Path) -> list[Line]:
    try:
        return read_feedback(folder)
    except FileNotFoundError:
        # What the register found is told all the same, of this delivery and of the others.
        LOGGER.warning("%s: its feedback file is missing from landing", folder.name)
        return []


def _layout_of(settings: Settings, delivery: Delivery) -> Layout | None:
    """The layout that the delivery was read by; without it columns have the contract's names."""
    try:
        name = delivery.layout_name
        return layout_named(name, settings.layouts) if name else None
    except LayoutError:
        # It was removed or broken since: what was found by it is told all the same.
        return None


def _order(breach: Breach) -> tuple[str, str, int, str]:
    return (breach.table or "", breach.file, breach.line or 0, breach.rule_code)


def _sign(line: Line) -> str:
    """What makes a line of feedback the same as one that was told."""
    return hashlib.sha256("\0".join(line[name] for name in IDENTITY).encode()).hexdigest()[:24]


def _with_record_ids(folder: Path, delivery: Delivery, lines: list[Line]) -> list[Line]:
    """The lines with `record_id`, empty where no record landed."""
    ids: dict[tuple[str, str, int], str] = {}
    for table in {line["table_name"] for line in lines if line["line"] or line["element"]}:
        ids |= _record_ids(folder, delivery.feed, table)
    return [
        {**line, "record_id": ids.get((line["table_name"], line["file"], _number(line)), "")}
        for line in lines
    ]


def _record_ids(folder: Path, feed: str, table_name: str) -> dict[tuple[str, str, int], str]:
    """The supplier's id of each landed record: the first column that every record must have."""
    path = folder / f"{table_name}.parquet"
    table = load_contracts()[feed].table_by_name.get(table_name)
    key = (
        next((column.name for column in table.properties if column.required), None)
        if table
        else None
    )
    if key is None or not path.exists():
        return {}
    rows = pq.read_table(path, columns=[key, "_file", "_row_number"])
    columns = (rows.column(name).to_pylist() for name in ("_file", "_row_number", key))
    return {(table_name, file, number): value for file, number, value in zip(*columns, strict=True)}


def _number(line: Line) -> int:
    """The number of the line or of the element."""
    digits = line["line"] or line["element"].removeprefix("(//*)[").removesuffix("]")
    return int(digits) if digits else 0


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, content, mode=PRIVATE)
