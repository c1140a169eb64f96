"""A table that grows record by record, as a reader extracts records from an XML document.

Recognising records belongs in the reader.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from register.feeds.delivery_rules import Finding, Rule
from register.feeds.tables import QuarantinedRecord, RawTable

# Convert records to columns in portions of this size: as single texts they need several times the
# memory.
PORTION = 20_000

Fields = dict[str, str]


class RecordTable:
    """The records of one table, converted to columns portion by portion."""

    def __init__(self, path: str, name: str, headings: list[str]) -> None:
        self._path, self._name = path, name
        self._chunks: dict[str, list[pa.Array]] = {heading: [] for heading in headings}
        self._numbers: list[int] = []
        self._portion: list[Fields] = []
        self._quarantined: list[QuarantinedRecord] = []

    def add(self, number: int, fields: Fields) -> None:
        """Add a record with its number and fields."""
        self._numbers.append(number)
        self._portion.append(fields)
        if len(self._portion) == PORTION:
            self._convert_portion()

    def quarantine(self, rule: Rule, number: int, fields: Fields) -> None:
        """Quarantine a record under a rule, so that it does not land."""
        finding = Finding(rule, self._path, number, table=self._name)
        text = "\n".join(f"{name}={value}" for name, value in fields.items())
        self._quarantined.append(QuarantinedRecord(finding, text))

    def _convert_portion(self) -> None:
        lengths = [len(chunk) for chunk in next(iter(self._chunks.values()))]
        for heading in dict.fromkeys(name for fields in self._portion for name in fields):
            if heading not in self._chunks:
                self._chunks[heading] = [pa.nulls(count, pa.string()) for count in lengths]
        for name, chunks in self._chunks.items():
            texts = [fields.get(name) for fields in self._portion]
            chunks.append(pa.array(texts, pa.string()))
        self._portion = []

    def build_raw_table(self) -> RawTable:
        """Return all records as a raw table."""
        self._convert_portion()
        columns = {name: pa.concat_arrays(chunks) for name, chunks in self._chunks.items()}

        def record_text(position: int) -> str:
            cells = ((name, column[position].as_py()) for name, column in columns.items())
            return "\n".join(f"{name}={text}" for name, text in cells if text is not None)

        return RawTable(
            file=self._path,
            table_name=self._name,
            headings=list(columns),
            columns=list(columns.values()),
            row_numbers=np.array(self._numbers, dtype=np.int64),
            record_text=record_text,
            quarantined=self._quarantined,
            is_sparse=True,
        )
