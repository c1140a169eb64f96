"""Records whose person is not among the persons of the same delivery.

Such a record lands, but its child is not the child of the delivery's table of persons: the register
would have two children in place of one. If most records of a table are so, the cause is common to
all of them, such as leading zeros that one file has lost, and the delivery is held.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from register.feeds.contract import load_contracts
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.tables import LandedTable

# Fewer records than this do not show that a whole table is wrong.
MIN_UNLINKED = 3
MAX_UNLINKED_SHARE = 0.5


@dataclass(frozen=True)
class PersonLinks:
    """The records of a table that name a person, and how many of them name an unknown one."""

    file: str
    table_name: str
    column_name: str
    record_count: int
    unlinked_count: int

    @property
    def is_broken(self) -> bool:
        """Whether so many records name unknown persons that the whole table is wrong."""
        is_most = self.unlinked_count > MAX_UNLINKED_SHARE * self.record_count
        return is_most and self.unlinked_count >= MIN_UNLINKED


def count_person_links(feed: str, tables: Iterable[LandedTable]) -> list[PersonLinks]:
    """Count the links from each table to the delivery's table of persons.

    There is nothing to count if the delivery has no such table.
    """
    files_by_table: dict[str, list[LandedTable]] = {}
    for landed in tables:
        files_by_table.setdefault(landed.table_name, []).append(landed)
    links = []
    for table in load_contracts()[feed].tables:
        for column in table.properties:
            if column.custom.number_of != "person":
                continue
            files = files_by_table.get(table.name, [])
            values = _collect_values(files, column.name)
            for target, target_column in (item.place for item in column.relationships):
                persons = _collect_values(files_by_table.get(target, []), target_column)
                if len(persons) and len(values):
                    linked = pc.sum(pc.is_in(values, value_set=persons.combine_chunks())).as_py()
                    unlinked = len(values) - linked
                    place = (files[0].file, table.name, column.name)
                    links.append(PersonLinks(*place, len(values), unlinked))
    return links


def find_unlinked_persons(feed: str, tables: Iterable[LandedTable]) -> list[Finding]:
    """Return a finding about each table of which most records name an unknown person."""
    return [
        Finding(Rule.UNLINKED_PERSONS, each.file, None, each.column_name, each.table_name)
        for each in count_person_links(feed, tables)
        if each.is_broken
    ]


def _collect_values(files: Iterable[LandedTable], column: str) -> pa.ChunkedArray:
    """Return the values of a column in all files of a table, without nulls."""
    chunks = [chunk for landed in files for chunk in landed.rows[column].drop_null().chunks]
    return pa.chunked_array(chunks, pa.string())
