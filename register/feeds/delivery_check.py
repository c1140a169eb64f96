"""Check: a delivery as it would land, read and judged without a home; nothing is written.

What needs other deliveries (holds, rules about last year's return) is not known here. The rules of
the statutory return are SQL models: running them belongs in `orchestration.return_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from register.feeds.contract import load_contracts
from register.feeds.delivery import LandingContext, Outcome, ParsedDelivery, RawDelivery
from register.feeds.delivery_rules import Breach, Finding, Rule
from register.feeds.feedback import Line, feedback_line
from register.feeds.inbox import delivery_in, read_delivery
from register.feeds.parse_delivery import parse_delivery
from register.feeds.seeds import load_delivery_rules, load_return_rules
from register.feeds.tables import landed_schema
from register.settings import Settings


@dataclass(frozen=True)
class CheckedDelivery:
    """A delivery as it would land."""

    raw: RawDelivery
    parsed: ParsedDelivery
    seeds: Path

    @property
    def outcome(self) -> Outcome:
        """What would become of it, by itself."""
        return self.parsed.outcome

    @property
    def received_row_count(self) -> int:
        """Records in its files; none if it would be rejected."""
        return sum(table.received_row_count for table in self.parsed.tables)

    @property
    def landed_row_count(self) -> int:
        """The records that would land."""
        return sum(table.rows.num_rows for table in self.parsed.tables)

    def landed(self, table_name: str) -> pa.Table:
        """The rows of one table of the feed that would land."""
        tables = [item.rows for item in self.parsed.tables if item.table_name == table_name]
        schema = landed_schema(load_contracts()[self.raw.item.feed].table_by_name[table_name])
        return pa.concat_tables([schema.empty_table(), *tables])

    def flags(self) -> list[Finding]:
        """What landing would flag in the records that land."""
        return [flag for table in self.parsed.tables for flag in table.flags]

    def _findings(self) -> list[Finding]:
        """Why it would be rejected, and then what else is wrong: columns first, then records."""
        found = [*self.parsed.findings(), *self.parsed.more]
        swapped = {(item.file, item.column) for item in found if item.rule is Rule.SWAPPED_COLUMNS}
        # The values of a column that is another's are not wrong by themselves.
        return [
            item
            for item in dict.fromkeys(found)
            if item.rule is Rule.SWAPPED_COLUMNS or (item.file, item.column) not in swapped
        ]

    def lines(self, breaches: Iterable[Breach] = ()) -> list[Line]:
        """What its supplier would be told: findings of landing, then breaches of other rules."""
        source = self.parsed.source
        layout = source.layout if source else self.parsed.layout
        by_code = load_delivery_rules(self.seeds) | load_return_rules(self.seeds)
        found: list[tuple[str, Finding | Breach]] = [
            *((finding.rule.value, finding) for finding in self._findings()),
            *((breach.rule_code, breach) for breach in breaches),
        ]
        return [
            feedback_line(self.raw.delivery_id, by_code[code], place, self.seeds, layout)
            for code, place in found
        ]


def check_delivery(  # noqa: PLR0913, PLR0917 - what a delivery's place in the inbox says
    settings: Settings, path: Path, feed: str, supplier_code: str, period: str, now: datetime
) -> CheckedDelivery:
    """Read a file, or a folder of files, as a delivery of this supplier for this period.

    Raises `LayoutError` if the supplier's layout cannot be used.
    """
    path = path.resolve()
    inbox = path if path.is_dir() else path.parent
    context = replace(LandingContext.of(settings, now), inbox=inbox)
    raw = read_delivery(context, delivery_in(path, feed, supplier_code, period))
    parsed = ParsedDelivery(raw.unread, None) if raw.unread else parse_delivery(context, raw)
    return CheckedDelivery(raw, parsed, settings.seeds)
