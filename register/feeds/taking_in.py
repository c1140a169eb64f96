"""The content of one delivery read, checked and normalised, in memory: nothing is written here.

Every fault of the supplier's ends as a rejection or a finding.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from register.feeds.codes import is_known_supplier
from register.feeds.contract import load_contracts
from register.feeds.delivery_tables import DeliveryTables, read_tables
from register.feeds.inbox import InboxDelivery
from register.feeds.normalising import LandedTable, Normaliser
from register.feeds.periods import Period
from register.feeds.readers.raw_table import SourceFile
from register.feeds.rules import Finding, Rejection, Rule
from register.feeds.unpacking import unpack
from register.feeds.workplace import Workplace


class RowsLostError(RuntimeError):
    """Records went missing between reading and landing: a fault of ours, never of a supplier."""


@dataclass(frozen=True)
class Arrived:
    """One delivery as it was read from the inbox: its identity and its bytes."""

    item: InboxDelivery
    delivery_id: str
    content_hash: str
    period: Period | None
    files: list[SourceFile]


@dataclass
class TakenIn:
    """What became of the delivery's content; no tables when it was rejected."""

    rejection: Finding | None = None
    read: DeliveryTables | None = None
    tables: list[LandedTable] = field(default_factory=list)

    def findings(self) -> list[Finding]:
        """What is to be said to the supplier: of the delivery, of its files, of its records."""
        found = [self.rejection] if self.rejection else []
        found += self.read.findings if self.read else []
        for table in self.tables:
            found += [
                Finding(Rule.UNKNOWN_COLUMN, table.file, 1, name, table.table_name)
                for name in table.unknown_columns
            ]
        for table in self.tables:
            found += [record.finding for record in table.quarantined]
        return found + [flag for table in self.tables for flag in table.flags]


def take_in(place: Workplace, arrived: Arrived) -> TakenIn:
    """Read and normalise a delivery; raises `RowsLostError` if records do not add up."""
    taken_in = TakenIn()
    try:
        period = _check_place(place, arrived)
        taken_in.read = _read(place, arrived, period)
        taken_in.tables = _normalise(place, arrived, taken_in.read)
    except Rejection as rejection:
        taken_in.rejection = rejection.finding
    return taken_in


def _check_place(place: Workplace, arrived: Arrived) -> Period:
    """Raise `Rejection` for a feed, period or supplier that cannot be."""
    item, period = arrived.item, arrived.period
    if item.feed not in load_contracts():
        raise Rejection(Rule.UNKNOWN_FEED)
    if period is None:
        raise Rejection(Rule.MALFORMED_PERIOD)
    if period.start > place.now.date():
        raise Rejection(Rule.FUTURE_PERIOD)
    supplier = (item.feed, item.supplier_code)
    if not is_known_supplier(place.seeds, *supplier, period.start, period.end):
        raise Rejection(Rule.UNKNOWN_SUPPLIER)
    return period


def _read(place: Workplace, arrived: Arrived, period: Period) -> DeliveryTables:
    item = arrived.item
    password = place.zip_passwords.get(item.supplier_code)
    files = [
        inner
        for file in arrived.files
        for inner in (unpack(file, password) if file.suffix == ".zip" else [file])
    ]
    return read_tables(item.feed, item.supplier_code, period, files)


def _normalise(place: Workplace, arrived: Arrived, read: DeliveryTables) -> list[LandedTable]:
    tables = load_contracts()[arrived.item.feed].table_by_name
    normaliser = Normaliser(arrived.delivery_id, arrived.item.period, read.layout, place.seeds)
    landed = [normaliser.normalise(raw, tables[raw.table_name]) for raw in read.tables]
    for table in landed:
        if table.received_row_count != table.rows.num_rows + len(table.quarantined):
            raise RowsLostError(f"{arrived.delivery_id}: {table.file}: records do not add up")
    _require_something(landed)
    return landed


def _require_something(landed: list[LandedTable]) -> None:
    """A delivery of which nothing lands must not take the place of an earlier one."""
    refused = [record.finding for table in landed for record in table.quarantined]
    if refused and not any(table.rows.num_rows for table in landed):
        first = refused[0]
        raise Rejection(Rule.NOTHING_LANDED, first.file, first.line, first.column)
