"""The ledger's entry for one delivery: what arrived, what became of it, and how many rows.

The ledger is the set of these, one `delivery.json` in each folder of landing; reading them all
belongs in `register.feeds.ledger`.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from register.feeds.contract import load_contracts

ENTRY_NAME = "delivery.json"
UNKNOWN_FEED_FOLDER = "unknown_feed"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"

Outcome = Literal["accepted", "accepted_with_quarantine", "rejected"]


def folder_in_landing(feed: str, delivery_id: str) -> str:
    """Where a delivery is kept, relative to landing: an unknown feed names no folder."""
    return f"{feed if feed in load_contracts() else UNKNOWN_FEED_FOLDER}/{delivery_id}"


class TableCount(BaseModel):
    """Physical records of one file: received = landed + quarantined."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table_name: str
    file_name: str
    received_row_count: int
    landed_row_count: int
    quarantined_row_count: int

    @model_validator(mode="after")
    def _conserves_rows(self) -> TableCount:
        if self.received_row_count != self.landed_row_count + self.quarantined_row_count:
            raise ValueError(f"table {self.table_name}: received is not landed plus quarantined")
        return self


class Delivery(BaseModel):
    """One delivery's entry. Rows of a rejected delivery are not counted: none were taken in.

    `received_at` is an ISO instant in UTC; `table_names` are the tables with a Parquet file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery_id: str
    feed: str
    supplier_code: str
    period: str
    period_start: date | None
    period_end: date | None
    received_at: str
    content_hash: str
    outcome: Outcome
    reject_rule_code: str | None = None
    is_held: bool = False
    hold_rule_code: str | None = None
    layout_name: str | None = None
    case_system: str | None = None
    source_form: Literal["csv", "xlsx", "xml", "mixed"] | None = None
    file_count: int
    received_row_count: int
    landed_row_count: int
    quarantined_row_count: int
    flag_count: int
    unknown_columns: tuple[str, ...] = ()
    table_names: tuple[str, ...] = ()
    tables: tuple[TableCount, ...] = ()
    code_version: str

    @model_validator(mode="after")
    def _conserves_rows(self) -> Delivery:
        if self.received_row_count != self.landed_row_count + self.quarantined_row_count:
            raise ValueError(f"{self.delivery_id}: received is not landed plus quarantined")
        if self.received_row_count != sum(table.received_row_count for table in self.tables):
            raise ValueError(f"{self.delivery_id}: the tables' records are not the delivery's")
        return self

    @property
    def is_accepted(self) -> bool:
        """Whether any of it was taken in."""
        return self.outcome != "rejected"

    @property
    def received(self) -> datetime:
        """`received_at` as an instant."""
        return datetime.strptime(self.received_at, INSTANT).replace(tzinfo=UTC)

    def landed_rows_by_table(self) -> dict[str, int]:
        """Landed rows of each table, files added up."""
        rows: dict[str, int] = {}
        for table in self.tables:
            rows[table.table_name] = rows.get(table.table_name, 0) + table.landed_row_count
        return rows


def write_entry(delivery: Delivery, folder: Path) -> None:
    """Write the entry into a folder that is not yet committed."""
    text = json.dumps(delivery.model_dump(mode="json"), indent=1, sort_keys=True)
    (folder / ENTRY_NAME).write_text(text + "\n", encoding="utf-8")


def read_entry(path: Path) -> Delivery:
    """Read one entry; raises pydantic's `ValidationError` if it is not one."""
    return Delivery.model_validate_json(path.read_bytes())


def as_instant(moment: datetime) -> str:
    """An instant as the ledger writes it, in UTC to the second."""
    return moment.astimezone(UTC).strftime(INSTANT)
