"""Raw texts to a landed table: canonical columns, nulls, ISO dates, and what is wrong with them.

Values are trimmed, never corrected; codes stay as delivered. What makes a value wrong is checked
by `register.feeds.checks`; conformed codes belong in the dbt project.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.checks import FieldChecks, FieldTexts, refuse_swapped_columns
from register.feeds.contract import Column, Table
from register.feeds.headings import field_columns
from register.feeds.landed_files import QuarantinedRecord, landed_schema
from register.feeds.layout import Layout
from register.feeds.readers.raw_table import RawTable
from register.feeds.rules import Finding, Rule

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LandedTable:
    """One file's rows as they land, and what did not land or was flagged."""

    file: str
    table_name: str
    rows: pa.Table
    quarantined: list[QuarantinedRecord]
    flags: list[Finding]
    unknown_columns: list[str]
    received_row_count: int


@dataclass(frozen=True)
class Normaliser:
    """Turns raw tables of one delivery into landed ones."""

    delivery_id: str
    period: str
    layout: Layout
    seeds: Path

    def normalise(self, raw: RawTable, table: Table) -> LandedTable:
        """The landed form of one file.

        Raises `Rejection` for missing, doubled or swapped columns.
        """
        found, unknown = field_columns(raw, table, self.layout, self.period)
        checks = FieldChecks(self.layout, self.seeds)
        fields: dict[str, FieldTexts] = {}
        for name, parts in found.items():
            column = table.columns[name]
            texts = self._texts(parts)
            fields[name] = checks.check(column, self._prepared(texts, column))
        refuse_swapped_columns(raw.file, table, fields, checks)
        return self._split(raw, table, fields, unknown)

    def _texts(self, parts: list[pa.Array]) -> pa.Array:
        """Trimmed texts, null where they are a null marker; a date and its time joined."""
        texts = [self._without_nulls(pc.utf8_trim_whitespace(part)) for part in parts]
        if len(texts) == 1:
            return texts[0]
        day, time = texts
        joined = pc.binary_join_element_wise(day, time, " ")
        # A time without its date is kept as it stands, so that it is flagged and not lost.
        return pc.coalesce(joined, day, time)

    def _without_nulls(self, texts: pa.Array) -> pa.Array:
        is_null = pc.is_in(texts, value_set=pa.array(self.layout.null_texts))
        if texts.null_count == len(texts) or not pc.any(is_null).as_py():
            return texts
        return pc.if_else(is_null, pa.scalar(None, pa.string()), texts)

    def _prepared(self, texts: pa.Array, column: Column) -> pa.Array:
        if not column.is_repeatable or texts.null_count == len(texts):
            return texts
        separator = self.layout.alias_separator
        if separator.strip() != "|":
            texts = pc.replace_substring(texts, "|", " ")
            texts = pc.replace_substring(texts, separator, "|")
        return pc.replace_substring_regex(texts, r"\s*\|\s*", "|")

    def _split(
        self, raw: RawTable, table: Table, fields: dict[str, FieldTexts], unknown: list[str]
    ) -> LandedTable:
        """Separate rows that lack a required value from those that land."""
        count = len(raw.row_numbers)
        quarantined = list(raw.quarantined)
        refused = self._refused(raw, table, fields, quarantined)
        flags = [
            raw.finding(item.broken_rule, int(raw.row_numbers[position]), name)
            for name, item in fields.items()
            for position in np.flatnonzero(item.is_broken & ~refused)
        ]
        flags.sort(key=lambda flag: (flag.line or 0, flag.column or ""))
        rows = self._rows(raw, table, fields, count)
        if refused.any():
            rows = rows.filter(pa.array(~refused))
        quarantined.sort(key=lambda record: record.finding.line or 0)
        return LandedTable(
            file=raw.file,
            table_name=table.name,
            rows=rows,
            quarantined=quarantined,
            flags=flags,
            unknown_columns=unknown,
            received_row_count=raw.received_row_count,
        )

    def _refused(
        self,
        raw: RawTable,
        table: Table,
        fields: dict[str, FieldTexts],
        quarantined: list[QuarantinedRecord],
    ) -> Mask:
        """Which rows lack a required value; the first reason of each is put in `quarantined`."""
        refused = np.zeros(len(raw.row_numbers), dtype=np.bool_)
        for column in table.properties:
            if not column.required or column.name not in fields:
                continue
            item = fields[column.name]
            lacks = item.values.is_null().to_numpy(zero_copy_only=False) & ~refused
            for position in np.flatnonzero(lacks):
                is_broken = item.is_broken[position]
                rule = item.broken_rule if is_broken else Rule.MISSING_REQUIRED_VALUE
                finding = raw.finding(rule, int(raw.row_numbers[position]), column.name)
                record = QuarantinedRecord(finding, raw.record_text(int(position)))
                quarantined.append(record)
            refused |= lacks
        return refused

    def _rows(
        self, raw: RawTable, table: Table, fields: dict[str, FieldTexts], count: int
    ) -> pa.Table:
        absent = pa.nulls(count, pa.string())
        arrays = [fields[name].values if name in fields else absent for name in table.columns]
        arrays += [
            pa.repeat(pa.scalar(self.delivery_id), count),
            pa.repeat(pa.scalar(raw.file), count),
            pa.array(raw.row_numbers, pa.int64()),
        ]
        return pa.Table.from_arrays(arrays, schema=landed_schema(table))


def first_value(raw: RawTable, heading: str) -> str | None:
    """The first value under a heading, trimmed: for what must be known before a layout is."""
    names = [name.casefold() for name in raw.headings]
    if heading not in names or len(raw.row_numbers) == 0:
        return None
    text = raw.columns[names.index(heading)][0].as_py()
    return text.strip() or None if text else None
