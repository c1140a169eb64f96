"""The statutory return as one XML file, read into the same tables as its CSV modules.

The reader counts all elements, and afterwards each must be accounted for. A record is a HEADER,
EPISODE, AMISSING or UASC element of a CHILD. A field that is repeated in the element begins another
record. A record's number is that of its element in the document, where the root is 1.

Misspelt or misplaced elements are quarantined as records of their own, and so are fields that are
repeated in a HEADER. Files with entities or document types are rejected (defusedxml). Parsing dates
and codes belongs in `register.feeds.normalise`.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, InputSource

from defusedxml import sax as safe_sax
from defusedxml.common import DefusedXmlException

from register.feeds.contract import Contract
from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.readers.record_table import Fields, RecordTable
from register.feeds.tables import RawTable

CHILD, HEADER, UASC = "CHILD", "HEADER", "UASC"
RECORD_TABLES = {HEADER: "header", "EPISODE": "episodes", "AMISSING": "missing", UASC: "uasc"}
# In the XML form, the child's number is CHILDID. It becomes the column CHILD of the CSV form. In
# XML, CHILD is the element that contains the child's records.
CHILD_NUMBER = {"CHILDID": CHILD}
# The texts of a <UASC> field in a header: the child was, or was not, an unaccompanied asylum
# seeker.
MARKED, UNMARKED = "1", ("", "0")
# For each table of the CSV form, the fields that it takes from the child or its header in the XML
# form.
SHARED_FIELDS = {
    "header": (CHILD,),
    "episodes": (CHILD,),
    "missing": (CHILD, "DOB"),
    "uasc": (CHILD, "SEX", "DOB", "DUC"),
}
DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# Limits for XML files. A real return has four levels and about seventy kinds of element.
MAX_DEPTH = 50
MAX_KINDS = 500
# The most elements of one child, which are in memory together. A child usually has at most two
# hundred.
MAX_IN_MEMORY = 200_000


class XmlField(NamedTuple):
    """A field: its name as in the CSV modules, its text, and the number of its XML element."""

    name: str
    text: str
    number: int


class ElementsLostError(RuntimeError):
    """Elements of a document were not accounted for, which is a fault of this program."""


@dataclass(frozen=True)
class ReturnDocument:
    """The tables of a return, and the number of records in each module without a table."""

    tables: list[RawTable]
    module_counts: Counter[str]

    @property
    def has_records(self) -> bool:
        """Whether the document contains any record of a return."""
        return bool(self.module_counts) or any(item.received_row_count for item in self.tables)


def read_return_xml(source: SourceFile, contract: Contract, max_elements: int) -> ReturnDocument:
    """Read a return from an XML file.

    A file with a fault of form is read as far as possible, to find its other faults. Raises
    `Rejection` if it has no record until then, for entities, or for too many elements, levels or
    kinds of element. Raises `ElementsLostError` if an element was not accounted for.
    """
    if not source.data.strip():
        raise Rejection(Rule.EMPTY_FILE, source.path)
    document = InputSource()
    document.setByteStream(io.BytesIO(source.data))
    records = _Records(source.path, contract)
    fault = _parse_document(source, document, _Reader(source.path, records, max_elements))
    if fault is not None and fault.finding.rule is Rule.WRONG_ENCODING:
        document.setCharacterStream(io.StringIO(_decode_loosely(source.data)))
        records = _Records(source.path, contract)
        _parse_document(source, document, _Reader(source.path, records, max_elements))
    faults = [fault.finding] if fault else []
    tables = [replace(table.build_raw_table(), faults=faults) for table in records.tables.values()]
    read = ReturnDocument(tables, records.module_counts)
    if fault is not None and not read.has_records:
        raise fault
    return read


def _parse_document(source: SourceFile, document: InputSource, reader: _Reader) -> Rejection | None:
    """Parse a document up to its end or to its first fault of form, and return the fault."""
    parser = safe_sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(reader)
    try:
        parser.parse(document)
    except DefusedXmlException as error:
        raise Rejection(Rule.XML_ENTITIES, source.path) from error
    except SAXParseException as error:
        rule = (
            Rule.MALFORMED_XML
            if _has_declared_encoding(source, str(error))
            else Rule.WRONG_ENCODING
        )
        return Rejection(rule, source.path, error.getLineNumber())
    except LookupError:
        # The file declares an encoding that does not exist.
        return Rejection(Rule.WRONG_ENCODING, source.path, 1)
    reader.require_all_elements()
    return None


def _decode_loosely(data: bytes) -> str:
    """Return the text of a document whose encoding is not the one that it declares."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _has_declared_encoding(source: SourceFile, message: str) -> bool:
    """Return whether a document that cannot be parsed really has the encoding that it declares."""
    declared = DECLARED_ENCODING.search(source.data[:200])
    encoding = declared[1].decode("ascii") if declared else "utf-8"
    try:
        source.data.decode(encoding)
    except (UnicodeError, LookupError):
        return source.data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "encoding" not in message


@lru_cache(maxsize=MAX_KINDS)
def _normalise_tag(name: str) -> str:
    """Return an element's name in upper case, without its namespace prefix."""
    return name.rpartition(":")[2].upper()


@dataclass(slots=True)
class _Element:
    """An XML element: its number in the document, texts, attributes and inner elements."""

    tag: str
    number: int
    texts: list[str] = field(default_factory=list)
    attributes: Fields = field(default_factory=dict)
    inner: list[_Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts).strip()

    @property
    def is_field(self) -> bool:
        """Whether the element is a field and not a record.

        A field has no inner elements, and its name is not a record's. Only UASC may be either a
        field or a record.
        """
        return not self.inner and (self.tag == UASC or self.tag not in RECORD_TABLES)

    def iterate(self) -> Iterator[_Element]:
        """Yield the element and all elements inside it in order, but none of another CHILD."""
        yield self
        for element in self.inner:
            if element.tag != CHILD:
                yield from element.iterate()


class _Reader(ContentHandler):
    """Parser that reads one CHILD, or one record outside a CHILD, at a time, for `records`.

    `counts` has the elements by name. Raises `Rejection` for too many elements, levels or kinds.
    """

    def __init__(self, path: str, records: _Records, max_elements: int) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self._path = path
        self._records = records
        self._max_elements = max_elements
        self._open_elements: list[_Element] = []
        self._open_children = 0
        self._number = 0
        self._in_memory = 0

    def require_all_elements(self) -> None:
        """Raise `ElementsLostError` unless every element is accounted for."""
        if self._records.counts != self.counts:
            raise ElementsLostError(f"{self._path}: elements do not add up")

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX's name
        self._number += 1
        self._in_memory += 1
        element = _Element(_normalise_tag(name), self._number)
        self.counts[element.tag] += 1
        if (
            self._number > self._max_elements
            or self._in_memory > MAX_IN_MEMORY
            or len(self.counts) > MAX_KINDS
            or len(self._open_elements) == MAX_DEPTH
        ):
            raise Rejection(Rule.XML_TOO_LARGE, self._path)
        for attribute in attrs.getNames():
            if ":" not in attribute and not attribute.lower().startswith("xml"):
                element.attributes[attribute.upper()] = attrs.getValue(attribute)
        self._open_elements.append(element)
        self._open_children += element.tag == CHILD

    def characters(self, content: str) -> None:
        self._open_elements[-1].texts.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        del name
        element = self._open_elements.pop()
        self._open_children -= element.tag == CHILD
        is_root = not self._open_elements
        if self._open_children or (element.is_field and not is_root):
            self._open_elements[-1].inner.append(element)
            return
        if element.tag == CHILD:
            self._records.read_child(element)
        else:
            self._records.quarantine_stray(element)
        self._in_memory = len(self._open_elements) + sum(
            len(item.inner) for item in self._open_elements
        )


@dataclass
class _Scope:
    """The fields that the records of one CHILD share. `shared` changes with each HEADER.

    `unknown` has fields of the CHILD that no module defines; they become columns of the header.
    """

    own: Fields
    shared: Fields
    unknown: Fields
    has_uasc: bool


class _Records:
    """The records of a document by table. `counts` has the elements accounted for so far."""

    def __init__(self, path: str, contract: Contract) -> None:
        tables = contract.table_by_name
        columns = [column for table in tables.values() for column in table.properties]
        headings = {name: [c.upper() for c in table.columns] for name, table in tables.items()}
        tables_with = Counter(name for names in headings.values() for name in names)
        self.tables = {name: RecordTable(path, name, names) for name, names in headings.items()}
        self.counts: Counter[str] = Counter()
        self.module_counts: Counter[str] = Counter()
        self._names = {item.xml_name: item.name.upper() for item in columns} | CHILD_NUMBER
        self._known = frozenset(tables_with)
        # For each field that only one table has: that table.
        self._owner = {
            name: table
            for table, names in headings.items()
            for name in names
            if tables_with[name] == 1
        }
        self._unlanded = {
            name: item.name for item in contract.custom.unlanded_modules for name in item.fields
        }

    def read_child(self, child: _Element) -> None:
        """Add the records of a CHILD, each with the fields of the last HEADER before it.

        Records before the first HEADER get the fields of the first HEADER.
        """
        self.counts[CHILD] += 1
        fields = self._drop_unlanded(self._list_fields(child))
        header = next((item for item in child.iterate() if item.tag == HEADER), None)
        has_uasc = any(item.tag == UASC and not item.is_field for item in child.iterate())
        own = _take_first_of_each(fields)
        scope = _Scope(own, own, {}, has_uasc)
        if header is not None:
            scope.shared = own | _take_first_of_each(self._list_fields(header))
            scope.unknown = {name: own[name] for name in own if name not in self._known}
        # Directly in a CHILD element, only the child's number and fields that no table has are in
        # place. If the element has no records, its number is misplaced too.
        number = next((item for item in fields if item.name == CHILD), None)
        is_empty = all(item.is_field for item in child.inner)
        placed = [] if is_empty else [number]
        placed += [item for item in fields if item.text == scope.unknown.get(item.name)]
        self._quarantine_by_owner([item for item in fields if item.text and item not in placed])
        self._read_parts(child, scope)

    def quarantine_stray(self, element: _Element) -> None:
        """Quarantine a record outside a CHILD.

        The envelope of a message is no record and is ignored.
        """
        self.counts[element.tag] += 1
        self.counts.update(item.tag for item in element.inner)
        fields = self._drop_unlanded(self._list_fields(element))
        table = RECORD_TABLES.get(element.tag)
        has_data = any(item.name in self._known for item in fields)
        if has_data or (table is not None and element.tag != HEADER):
            self._quarantine(fields, element.number, table)

    def _list_fields(self, element: _Element) -> list[XmlField]:
        """Return the fields of an element: attributes, inner elements, and text between them."""
        inner_fields = [item for item in element.inner if item.is_field]
        tags = {item.tag for item in inner_fields}
        fields = [
            XmlField(
                f"@{name}" if name in tags else self._names.get(name, name), text, element.number
            )
            for name, text in element.attributes.items()
        ]
        fields += [XmlField(self._names.get(i.tag, i.tag), i.text, i.number) for i in inner_fields]
        if element.text:
            fields.append(XmlField(f"#{element.tag}", element.text, element.number))
        return fields

    def _drop_unlanded(self, fields: list[XmlField]) -> list[XmlField]:
        """Return the fields without those of modules that have no table.

        Each of these modules counts one more record if one of its fields is among `fields`.
        """
        modules = {self._unlanded[item.name] for item in fields if item.name in self._unlanded}
        self.module_counts.update(modules)
        return [item for item in fields if item.name not in self._unlanded]

    def _read_parts(self, element: _Element, scope: _Scope) -> None:
        for part in element.inner:
            if part.tag == CHILD and not part.is_field:
                self.read_child(part)
                continue
            self.counts[part.tag] += 1
            if not part.is_field:
                self._read_record(part, scope)
                self._read_parts(part, scope)

    def _read_record(self, element: _Element, scope: _Scope) -> None:
        delivered = self._list_fields(element)
        fields = self._drop_unlanded(delivered)
        table = RECORD_TABLES.get(element.tag)
        if table is None:
            # An element of a module that has no table here may repeat fields of the header. If it
            # has no other fields, it is not a misplaced record.
            is_unlanded = len(fields) < len(delivered)
            misplaced = (
                [item for item in fields if item.name in self._owner] if is_unlanded else fields
            )
            if misplaced:
                self._quarantine(misplaced, element.number)
            return
        if element.tag == HEADER:
            scope.shared = scope.own | _take_first_of_each(fields)
            fields = self._take_uasc_marks(fields, scope)
        is_own = [self._owner.get(item.name, table) == table for item in fields]
        self._quarantine_by_owner(
            [item for item, own in zip(fields, is_own, strict=True) if not own]
        )
        shared = scope.shared
        common = {name: shared[name] for name in SHARED_FIELDS[table] if shared.get(name)}
        if element.tag == HEADER:
            common |= scope.unknown
        own_fields = [item for item, own in zip(fields, is_own, strict=True) if own]
        for place, (number, record) in enumerate(_split_sets(own_fields, element.number)):
            if place and element.tag == HEADER:
                self.tables[table].quarantine(Rule.MISPLACED_RECORD, number, record)
            else:
                self.tables[table].add(number, common | record)

    def _take_uasc_marks(self, fields: list[XmlField], scope: _Scope) -> list[XmlField]:
        """Return a header's fields without marks that say whether the child was unaccompanied.

        If a mark says that the child was, and the CHILD has no UASC record, a record of `uasc` is
        added.
        """
        marks, others = [], []
        for item in fields:
            if item.name == "DUC" or (item.name == UASC and item.text in (MARKED, *UNMARKED)):
                marks.append(item)
            else:
                others.append(item)
        true_marks = [item for item in marks if item.text not in UNMARKED]
        if true_marks and not scope.has_uasc:
            shared = scope.shared
            record = {name: shared[name] for name in SHARED_FIELDS["uasc"] if name in shared}
            self.tables["uasc"].add(true_marks[0].number, record)
        return others

    def _quarantine_by_owner(self, fields: list[XmlField]) -> None:
        by_table: dict[str, list[XmlField]] = {}
        for item in fields:
            by_table.setdefault(self._owner.get(item.name, "header"), []).append(item)
        for table, own in by_table.items():
            self._quarantine(own, own[0].number, table)

    def _quarantine(self, fields: list[XmlField], number: int, table: str | None = None) -> None:
        """Quarantine fields as records of `table`, by default the table that owns most of them.

        If no table owns any of the fields, it is the header's table.
        """
        owners = Counter(self._owner[item.name] for item in fields if item.name in self._owner)
        name = table or next((owner for owner, _ in owners.most_common(1)), "header")
        for position, record in _split_sets(fields, number):
            self.tables[name].quarantine(Rule.MISPLACED_RECORD, position, record)


def _take_first_of_each(fields: list[XmlField]) -> Fields:
    return {item.name: item.text for item in reversed(fields)}


def _split_sets(fields: list[XmlField], number: int) -> list[tuple[int, Fields]]:
    """Split the fields of an element into sets. A field that occurs again begins the next set."""
    sets: list[tuple[int, Fields]] = [(number, {})]
    for name, text, position in fields:
        if name in sets[-1][1]:
            sets.append((position, {}))
        sets[-1][1][name] = text
    return sets
