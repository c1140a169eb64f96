"""The statutory return as one XML file: the same tables as its CSV modules.

Each HEADER, EPISODE, AMISSING and UASC element is a record; its line is that of its start tag.
Declared entities and document types are refused (defusedxml).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

import numpy as np
import pyarrow as pa
from defusedxml import sax as safe_sax
from defusedxml.common import DefusedXmlException

from register.feeds.contract import Contract
from register.feeds.delivery import SourceFile
from register.feeds.rules import Rejection, Rule
from register.feeds.tables import RawTable

RECORD_ELEMENTS = {
    "HEADER": "header",
    "EPISODE": "episodes",
    "AMISSING": "missing",
    "UASC": "uasc",
}
# The child's number in the XML form, where CHILD is the element around the child's records.
RENAMED = {"CHILDID": "CHILD"}
UASC_FIELDS = ("CHILD", "SEX", "DOB", "DUC")
# What the CSV modules repeat of the header.
SHARED_FIELDS = {"missing": ("CHILD", "DOB"), "uasc": ("CHILD", "SEX", "DOB")}

Record = tuple[int, dict[str, str]]


def read_return_xml(source: SourceFile, contract: Contract) -> list[RawTable]:
    """Read a return. Raises `Rejection` for entities or XML that is not well formed."""
    if not source.data.strip():
        raise Rejection(Rule.EMPTY_FILE, source.path)
    parser = safe_sax.make_parser()
    parser.forbid_dtd = True
    columns = [column for table in contract.tables for column in table.properties]
    renamed = {column.xml_name: column.name.upper() for column in columns}
    handler = _ReturnHandler(renamed | RENAMED)
    parser.setContentHandler(handler)
    try:
        parser.parse(io.BytesIO(source.data))
    except DefusedXmlException as error:
        raise Rejection(Rule.XML_ENTITIES, source.path) from error
    except SAXParseException as error:
        raise Rejection(Rule.MALFORMED_XML, source.path, error.getLineNumber()) from error
    return [
        _raw_table(source, name, handler.records[name], list(table.columns))
        for name, table in contract.table_by_name.items()
    ]


class _ReturnHandler(ContentHandler):
    """Collects the records of one CHILD after another."""

    def __init__(self, renamed: dict[str, str]) -> None:
        super().__init__()
        self._renamed = renamed
        self.records: dict[str, list[Record]] = {name: [] for name in RECORD_ELEMENTS.values()}
        self._locator: Locator | None = None
        self._path: list[str] = []
        self._text: list[str] = []
        self._shared: dict[str, str] = {}
        self._open: list[tuple[str, int, dict[str, str]]] = []
        self._child: list[tuple[str, Record]] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX's name
        del attrs
        tag = name.upper()
        self._path.append(tag)
        self._text = []
        if tag == "CHILD" and not self._open:
            self._shared, self._child = {}, []
        elif self._is_record(tag):
            self._open.append((tag, self._line(), {}))

    def characters(self, content: str) -> None:
        self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        tag = self._path.pop()
        text = "".join(self._text).strip()
        self._text = []
        if self._open and self._open[-1][0] == tag:
            _, line, fields = self._open.pop()
            if self._open and not fields:
                # Some systems write <UASC>1</UASC> in the header: a field, not a record.
                self._open[-1][2][tag] = text
                return
            self._child.append((RECORD_ELEMENTS[tag], (line, fields)))
            if tag == "HEADER":
                self._shared.update(fields)
        elif self._open:
            self._open[-1][2][self._renamed.get(tag, tag)] = text
        elif tag == "CHILD":
            self._end_child()
        elif self._path and self._path[-1] == "CHILD":
            self._shared[self._renamed.get(tag, tag)] = text

    def _is_record(self, tag: str) -> bool:
        # The missing type of a period is <MISSING> inside <AMISSING>: a field, not a record.
        return tag in RECORD_ELEMENTS and "CHILD" in self._path[:-1]

    def _line(self) -> int:
        return int(self._locator.getLineNumber() or 0) if self._locator else 0

    def _end_child(self) -> None:
        """File the child's records, each with what it shares with the header."""
        has_uasc = any(table == "uasc" for table, _ in self._child)
        for table, (line, fields) in self._child:
            if table == "header" and fields.get("DUC") and not has_uasc:
                self.records["uasc"].append((line, _chosen(fields, UASC_FIELDS)))
            own = {key: text for key, text in fields.items() if table != "header" or key != "DUC"}
            shared = _chosen(self._shared, SHARED_FIELDS.get(table, ("CHILD",)))
            self.records[table].append((line, {**shared, **own}))
        self._child = []


def _chosen(fields: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: fields[name] for name in names if name in fields}


def _raw_table(
    source: SourceFile, table_name: str, records: list[Record], columns: list[str]
) -> RawTable:
    known = [name.upper() for name in columns]
    extra = sorted({key for _, fields in records for key in fields} - set(known))
    headings = known + extra

    def record_text(position: int) -> str:
        return "\n".join(f"{key}={value}" for key, value in records[position][1].items())

    return RawTable(
        file=source.path,
        table_name=table_name,
        headings=headings,
        columns=[
            pa.array([fields.get(name) for _, fields in records], pa.string()) for name in headings
        ],
        row_numbers=np.array([line for line, _ in records], dtype=np.int64),
        record_text=record_text,
        is_sparse=True,
    )
