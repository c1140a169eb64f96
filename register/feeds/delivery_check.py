"""The check of a delivery before it is sent: it shows what would land, and writes nothing.

It leaves out the rules that compare a delivery with other deliveries. The rules of the statutory
return are SQL models; running them belongs in `orchestration.return_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from register.feeds.contract import load_contracts
from register.feeds.delivery import (
    InboxDelivery,
    LandingContext,
    Outcome,
    ParsedDelivery,
    RawDelivery,
)
from register.feeds.delivery_rules import Breach, Finding, Rule
from register.feeds.feedback import FeedbackLine, build_feedback_line
from register.feeds.finding_list import list_findings
from register.feeds.inbox import list_single_delivery, read_delivery
from register.feeds.inbox_storage import LocalInbox
from register.feeds.memory_inbox import MemoryInbox
from register.feeds.parse_delivery import parse_delivery
from register.feeds.seeds import load_delivery_rules, load_return_rules
from register.feeds.tables import LandedTable, build_landed_schema
from register.settings import Settings


@dataclass(frozen=True)
class CheckedDelivery:
    """A delivery that was read in the same way as a load reads it."""

    raw: RawDelivery
    parsed: ParsedDelivery
    seeds: Path

    @property
    def outcome(self) -> Outcome:
        """The outcome of the delivery, judged without comparison with other deliveries."""
        return self.parsed.outcome

    @property
    def verdict(self) -> str:
        """The outcome, or `held` for an accepted delivery that a load would hold."""
        is_held = self.outcome != "rejected" and self.parsed.hold_rule is not None
        return "held" if is_held else self.outcome

    @property
    def received_row_count(self) -> int:
        """The number of records in the delivery's files; 0 if the delivery would be rejected."""
        return sum(table.received_row_count for table in self.parsed.tables)

    @property
    def read_row_count(self) -> int:
        """The number of records that were read, even if the delivery would be rejected."""
        source = self.parsed.source
        return sum(table.received_row_count for table in source.tables) if source else 0

    @property
    def landed_row_count(self) -> int:
        """The number of records that would land."""
        return sum(table.rows.num_rows for table in self.parsed.tables)

    @property
    def _tables(self) -> list[LandedTable]:
        return self.parsed.tables or self.parsed.unlanded

    def read_landed_rows(self, table_name: str) -> pa.Table:
        """Return the rows of one table that would land, were the delivery not rejected."""
        tables = [item.rows for item in self._tables if item.table_name == table_name]
        schema = build_landed_schema(load_contracts()[self.raw.item.feed].table_by_name[table_name])
        return pa.concat_tables([schema.empty_table(), *tables])

    def list_unread_columns(self) -> list[str | None]:
        """Return the columns that were not read well; None for a file, or for many records."""
        rules = load_delivery_rules(self.seeds)
        read_files = {table.file for table in self._tables}
        return [
            item.column if item.rule is not Rule.NOTHING_LANDED else None
            for item in list_findings(self.parsed)
            if rules[item.rule].outcome == "rejected"
            # A file in another encoding was read as far as its faults need.
            and not (item.rule is Rule.WRONG_ENCODING and item.file in read_files)
        ]

    def list_flags(self) -> list[Finding]:
        """Return the findings about records that would land with a flag."""
        return [flag for table in self._tables for flag in table.flags]

    def build_feedback(self, breaches: Iterable[Breach] = ()) -> list[FeedbackLine]:
        """Return feedback for the supplier: landing's findings, then the given `breaches`."""
        source = self.parsed.source
        layout = source.layout if source else self.parsed.layout
        by_code = load_delivery_rules(self.seeds) | load_return_rules(self.seeds)
        findings: list[tuple[str, Finding | Breach]] = [
            *((finding.rule.value, finding) for finding in list_findings(self.parsed)),
            *((breach.rule_code, breach) for breach in breaches),
        ]
        return [
            build_feedback_line(self.raw.delivery_id, by_code[code], place, self.seeds, layout)
            for code, place in findings
        ]


def check_delivery(  # noqa: PLR0913, PLR0917 - with the parts of a place in the inbox
    settings: Settings, path: Path, feed: str, supplier_code: str, period: str, now: datetime
) -> CheckedDelivery:
    """Read a file, or a folder of files, as a supplier's delivery for a period.

    Raises `LayoutError` if the supplier's layout cannot be used.
    """
    path = path.resolve()
    folder = path if path.is_dir() else path.parent
    context = replace(LandingContext.from_settings(settings, now), inbox=LocalInbox(folder))
    return _check_item(settings, context, list_single_delivery(path, feed, supplier_code, period))


def check_files(  # noqa: PLR0913, PLR0917 - with the parts of a place in the inbox
    settings: Settings,
    files: Mapping[str, bytes],
    feed: str,
    supplier_code: str,
    period: str,
    now: datetime,
) -> CheckedDelivery:
    """Read files in memory, by name, as a supplier's delivery for a period.

    Raises `LayoutError` if the supplier's layout cannot be used.
    """
    inbox = MemoryInbox(files, int(now.timestamp() * 1e9))
    context = replace(LandingContext.from_settings(settings, now), inbox=inbox)
    item = InboxDelivery(".", False, feed, supplier_code, period, tuple(inbox.list_files()))
    return _check_item(settings, context, item)


def _check_item(
    settings: Settings, context: LandingContext, item: InboxDelivery
) -> CheckedDelivery:
    raw = read_delivery(context, item)
    parsed = ParsedDelivery(raw.unread, None) if raw.unread else parse_delivery(context, raw)
    return CheckedDelivery(raw, parsed, settings.seeds)
