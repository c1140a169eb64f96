"""Rows of erased persons: which rows of a delivery's tables they are, and the tables without them.

A row belongs to the person in its first column that numbers a person. Rows without such a person
are theirs if they refer to one of their records. Editing raw copies belongs in
`register.feeds.raw_editing`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.erased_persons import MARKER, REPORT_PREFIX, ErasedPersons
from register.feeds.contract import Table, load_contracts
from register.feeds.delivery import Delivery, folder_in_landing
from register.feeds.tables import LandedTable
from register.parquet_files import read_parquet
from register.settings import Settings

Mask = npt.NDArray[np.bool_]
# Rows without a person that refer to another table's record: column, then the record's column.
REFERENCES = {
    ("return_interviews", "miss_table_id"): ("ssd_missing", "miss_table_id"),
    ("ssd_cla_placement", "clap_cla_placement_id"): (
        "ssd_cla_episodes",
        "clae_cla_placement_id",
    ),
}
# What separates the values in the text of a quarantined record, in any form of file.
SEPARATORS = re.compile(r"""[,;|\t\r\n"'<>=]+""")


@dataclass(frozen=True)
class ErasureRule:
    """Which rows of a delivery are erased: those of these persons.

    A rejected delivery may be in the wrong folder, so it is searched for the persons of every
    supplier. If `has_markers`, rows that stand in a raw copy in place of an erased record are
    erased too.
    """

    persons: ErasedPersons
    feed: str
    supplier_code: str
    has_markers: bool = False
    is_rejected: bool = False

    @property
    def may_apply(self) -> bool:
        """Whether the delivery can have an erased row at all."""
        return self.has_markers or any(map(self.persons.concerns, self._suppliers))

    @property
    def _suppliers(self) -> Iterable[str]:
        """The suppliers whose persons the delivery may have."""
        return self.persons.codes_by_supplier if self.is_rejected else (self.supplier_code,)

    @property
    def suspects_unopened(self) -> bool:
        """Whether a file that cannot be opened counts as having an erased person."""
        return self.persons.concerns(self.supplier_code)

    def find_rows(self, tables: Sequence[tuple[str, pa.Table]]) -> list[Mask]:
        """Return a mask of the erased rows of each table, given with the tables' names."""
        contract = load_contracts()[self.feed].table_by_name
        masks = [self._find_own_rows(contract[name], rows) for name, rows in tables]
        for (name, column), (other, other_column) in REFERENCES.items():
            references = {
                text
                for (each, rows), mask in zip(tables, masks, strict=True)
                if each == other
                for text in rows[other_column].filter(pa.array(mask)).to_pylist()
                if text
            }
            if not references:
                continue
            for position, (each, rows) in enumerate(tables):
                if each == name:
                    masks[position] |= _refer_to(contract[name], rows, column, references)
        return masks

    def is_text_erased(self, text: str) -> bool:
        """Return whether the text of a record holds a marker or an erased person's reference."""
        if self.has_markers and MARKER in text:
            return True
        return any(self._is_word_erased(word) for word in set(SEPARATORS.split(text)))

    def find_texts(self, texts: Sequence[str]) -> list[int]:
        """Return the positions, counted from 1, of texts with an erased person's reference."""
        words = {word for text in texts for word in SEPARATORS.split(text)}
        erased = {word for word in words if self._is_word_erased(word)}
        return [
            number
            for number, text in enumerate(texts, start=1)
            if erased and not erased.isdisjoint(SEPARATORS.split(text))
        ]

    def _is_word_erased(self, word: str) -> bool:
        names = (word, f"{REPORT_PREFIX}{word.strip()}")
        return any(self.persons.contains(s, name) for s in self._suppliers for name in names)

    def _find_own_rows(self, table: Table, rows: pa.Table) -> Mask:
        mask = np.zeros(rows.num_rows, dtype=np.bool_)
        if self.has_markers:
            for column in table.columns:
                mask |= _is_in(rows[column], [MARKER])
        persons = list_persons(table, rows)
        if persons is not None and self.persons.concerns(self.supplier_code):
            erased = [
                person
                for person in pc.unique(persons).to_pylist()
                if self.persons.contains(self.supplier_code, person)
            ]
            mask |= _is_in(persons, erased)
        return mask


def find_person_column(table: Table) -> str | None:
    """Return the column with the person whom a row is about, or None if there is none."""
    return next((c.name for c in table.properties if c.custom.number_of == "person"), None)


def list_persons(table: Table, rows: pa.Table) -> pa.ChunkedArray | None:
    """Return each row's person, as the dbt project identifies them; None for other tables."""
    column = find_person_column(table)
    if column is None:
        return None
    persons = rows[column]
    if table.name != "reports":
        return persons
    reports = pc.binary_join_element_wise(REPORT_PREFIX, rows["report_ref"], "")
    return pc.coalesce(persons, reports)


def list_landed_persons(settings: Settings, entry: Delivery) -> set[str]:
    """Return the persons whom the landed rows of a delivery are about."""
    folder = settings.landing / folder_in_landing(entry.feed, entry.delivery_id)
    persons: set[str] = set()
    for name in entry.table_names:
        table = load_contracts()[entry.feed].table_by_name[name]
        column = list_persons(table, read_parquet(settings.data_keys, folder / f"{name}.parquet"))
        if column is not None:
            persons.update(text for text in pc.unique(column).to_pylist() if text)
    return persons


def drop_erased_rows(rule: ErasureRule, tables: list[LandedTable]) -> list[LandedTable]:
    """Return the landed tables without rows, quarantined records and flags of erased persons."""
    if not rule.may_apply:
        return tables
    masks = rule.find_rows([(table.table_name, table.rows) for table in tables])
    return [_drop_rows(rule, table, mask) for table, mask in zip(tables, masks, strict=True)]


def _drop_rows(rule: ErasureRule, table: LandedTable, mask: Mask) -> LandedTable:
    numbers = table.rows["_row_number"].filter(pa.array(mask)).to_pylist()
    remaining = [r for r in table.quarantined if not rule.is_text_erased(r.record_text)]
    dropped = {id(record) for record in table.quarantined} - {id(record) for record in remaining}
    lines = [r.finding.line or 0 for r in table.quarantined if id(r) in dropped]
    erased = frozenset([*numbers, *lines])
    if not erased:
        return table
    return replace(
        table,
        rows=table.rows.filter(pa.array(~mask)),
        quarantined=remaining,
        flags=[flag for flag in table.flags if flag.line not in erased],
        further=[finding for finding in table.further if finding.line not in erased],
        erased_row_count=len(numbers) + len(lines),
        erased_lines=erased,
    )


def _refer_to(table: Table, rows: pa.Table, column: str, references: Iterable[str]) -> Mask:
    erased_values = set(references)
    person_column = find_person_column(table)
    persons = rows[person_column].to_pylist() if person_column else [None] * rows.num_rows
    return np.array(
        [
            person is None
            and bool(erased_values & {part.strip() for part in (text or "").split("|")})
            for person, text in zip(persons, rows[column].to_pylist(), strict=True)
        ],
        dtype=np.bool_,
    )


def _is_in(values: pa.ChunkedArray, erased_values: Sequence[str]) -> Mask:
    matches = pc.is_in(values, value_set=pa.array(erased_values, pa.string()))
    return np.asarray(matches.to_numpy(), dtype=np.bool_)


def group_lines(tables: Iterable[LandedTable]) -> Mapping[str, frozenset[int]]:
    """Return the lines of erased records by safe file name."""
    lines: dict[str, frozenset[int]] = {}
    for table in tables:
        if table.erased_lines:
            lines[table.file] = lines.get(table.file, frozenset()) | table.erased_lines
    return lines
