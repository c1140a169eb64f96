"""The statutory return as one XML file: the same tables as its CSV modules.

Elements are counted before anything is read, and every one of them must then be accounted for. A
record is a HEADER, EPISODE, AMISSING or UASC element of a CHILD, or a further set of fields in it;
its position is the number of its element in the document, the root being 1. What is misspelt,
repeated or in another place is set aside as a record of its own. Declared entities and document
types are refused (defusedxml). What dates and codes mean belongs in `register.feeds.normalise`.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import sax as safe_sax
from defusedxml.common import DefusedXmlException

from register.feeds.contract import Contract
from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.readers.record_table import Fields, RecordTable
from register.feeds.tables import RawTable

CHILD, HEADER, UASC = "CHILD", "HEADER", "UASC"
RECORD_TABLES = {HEADER: "header", "EPISODE": "episodes", "AMISSING": "missing", UASC: "uasc"}
# The child's number in the XML form, where CHILD is the element around the child's records.
CHILD_NUMBER = {"CHILDID": CHILD}
# <UASC> as a field of the header marks a child who was unaccompanied; any other text is none.
MARKED, UNMARKED = "1", ("", "0")
# What the CSV modules repeat of the header.
SHARED_FIELDS = {
    "header": (CHILD,),
    "episodes": (CHILD,),
    "missing": (CHILD, "DOB"),
    "uasc": (CHILD, "SEX", "DOB", "DUC"),
}
DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# A return has four levels and some seventy kinds of element.
DEPTH_AT_MOST = 50
KINDS_AT_MOST = 500
# Elements of one child, who has a hundred or two: as many are in memory at once.
HELD_AT_MOST = 200_000


class Field(NamedTuple):
    """A field: its name as in the CSV modules, its text, and the number of its element."""

    name: str
    text: str
    number: int


class ElementsLostError(RuntimeError):
    """Elements of a document were not accounted for: a fault of ours, never of a supplier."""


@dataclass(frozen=True)
class ReturnDocument:
    """A return's tables, and how many records it has of each module that no table takes."""

    tables: list[RawTable]
    kept_counts: Counter[str]

    @property
    def has_records(self) -> bool:
        """Whether the document has any record of a return."""
        return bool(self.kept_counts) or any(item.received_row_count for item in self.tables)


def read_return_xml(
    source: SourceFile, contract: Contract, elements_at_most: int
) -> ReturnDocument:
    """Read a return.

    Raises `Rejection` for entities, XML that is not well formed, or more elements, levels or kinds
    of element than allowed; `ElementsLostError` if an element was not accounted for.
    """
    if not source.data.strip():
        raise Rejection(Rule.EMPTY_FILE, source.path)
    census = _Census(source.path, elements_at_most)
    _parse(source, census)
    records = _Records(source.path, contract)
    _parse(source, _Reader(source.path, records))
    if records.seen != census.counts:
        raise ElementsLostError(f"{source.path}: elements do not add up")
    tables = [table.as_raw_table() for table in records.tables.values()]
    return ReturnDocument(tables, records.kept_counts)


def _parse(source: SourceFile, handler: ContentHandler) -> None:
    parser = safe_sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    try:
        parser.parse(io.BytesIO(source.data))
    except DefusedXmlException as error:
        raise Rejection(Rule.XML_ENTITIES, source.path) from error
    except SAXParseException as error:
        rule = Rule.MALFORMED_XML if _is_decodable(source, str(error)) else Rule.WRONG_ENCODING
        raise Rejection(rule, source.path, error.getLineNumber()) from error
    except LookupError as error:
        # The encoding that the first line declares does not exist.
        raise Rejection(Rule.WRONG_ENCODING, source.path, 1) from error


def _is_decodable(source: SourceFile, message: str) -> bool:
    """Whether a document that cannot be parsed is in the encoding that it declares."""
    declared = DECLARED_ENCODING.search(source.data[:200])
    encoding = declared[1].decode("ascii") if declared else "utf-8"
    try:
        source.data.decode(encoding)
    except (UnicodeError, LookupError):
        return source.data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "encoding" not in message


def _tag(name: str) -> str:
    """The name of an element, in capitals and without its prefix."""
    return name.rpartition(":")[2].upper()


class _Census(ContentHandler):
    """Counts the elements of a document by name; raises `Rejection` beyond what is allowed."""

    def __init__(self, path: str, elements_at_most: int) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self._path = path
        self._elements_left = elements_at_most
        self._depth = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX's name
        del attrs
        self._depth += 1
        self._elements_left -= 1
        self.counts[_tag(name)] += 1
        is_too_wide = self._elements_left < 0 or len(self.counts) > KINDS_AT_MOST
        if is_too_wide or self._depth > DEPTH_AT_MOST:
            raise Rejection(Rule.XML_TOO_LARGE, self._path)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        del name
        self._depth -= 1


@dataclass(slots=True)
class _Element:
    """An element with its number in the document, its texts, its attributes and its elements."""

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
        """Whether it is a field: it has no elements, nor a record's name but for <UASC>."""
        return not self.inner and (self.tag == UASC or self.tag not in RECORD_TABLES)

    def within(self) -> Iterator[_Element]:
        """The element and all that are in it, in the document's order, but for another CHILD's."""
        yield self
        for element in self.inner:
            if element.tag != CHILD:
                yield from element.within()


class _Reader(ContentHandler):
    """Builds one CHILD after another, and each record outside of them, and hands it on."""

    def __init__(self, path: str, records: _Records) -> None:
        super().__init__()
        self._path = path
        self._records = records
        self._open: list[_Element] = []
        self._children_open = 0
        self._number = 0
        self._held = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX's name
        self._number += 1
        self._held += 1
        if self._held > HELD_AT_MOST:
            raise Rejection(Rule.XML_TOO_LARGE, self._path)
        element = _Element(_tag(name), self._number)
        for attribute in attrs.getNames():
            if ":" not in attribute and not attribute.lower().startswith("xml"):
                element.attributes[attribute.upper()] = attrs.getValue(attribute)
        self._open.append(element)
        self._children_open += element.tag == CHILD

    def characters(self, content: str) -> None:
        self._open[-1].texts.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        del name
        element = self._open.pop()
        self._children_open -= element.tag == CHILD
        is_root = not self._open
        if self._children_open or (element.is_field and not is_root):
            self._open[-1].inner.append(element)
            return
        if element.tag == CHILD:
            self._records.read_child(element)
        else:
            self._records.set_aside_stray(element)
        self._held = len(self._open) + sum(len(item.inner) for item in self._open)


@dataclass
class _Scope:
    """What the records of one CHILD share; `shared` changes with each further HEADER.

    `unknown` are fields of the CHILD that no module has: the header's, in columns of their own.
    """

    own: Fields
    shared: Fields
    unknown: Fields
    has_uasc: bool


class _Records:
    """The records of a document by table; `seen` counts every element that was accounted for."""

    def __init__(self, path: str, contract: Contract) -> None:
        tables = contract.table_by_name
        columns = [column for table in tables.values() for column in table.properties]
        headings = {name: [c.upper() for c in table.columns] for name, table in tables.items()}
        tables_with = Counter(name for found in headings.values() for name in found)
        self.tables = {name: RecordTable(path, name, found) for name, found in headings.items()}
        self.seen: Counter[str] = Counter()
        self.kept_counts: Counter[str] = Counter()
        self._names = {item.xml_name: item.name.upper() for item in columns} | CHILD_NUMBER
        self._known = frozenset(tables_with)
        # The table that alone has a field.
        self._owner = {
            name: table
            for table, found in headings.items()
            for name in found
            if tables_with[name] == 1
        }
        self._kept = {name: item.name for item in contract.kept_modules for name in item.fields}

    def read_child(self, child: _Element) -> None:
        """File the records of a CHILD, each with what the header before it says, or the first."""
        self.seen[CHILD] += 1
        fields = self._without_kept(self._fields(child))
        header = next((item for item in child.within() if item.tag == HEADER), None)
        has_uasc = any(item.tag == UASC and not item.is_field for item in child.within())
        own = _first_of_each(fields)
        scope = _Scope(own, own, {}, has_uasc)
        if header is not None:
            scope.shared = own | _first_of_each(self._fields(header))
            scope.unknown = {name: own[name] for name in own if name not in self._known}
        # Of what is in the child itself, its number alone is in its place.
        number = next((item for item in fields if item.name == CHILD), None)
        is_empty = all(item.is_field for item in child.inner)
        placed = [] if is_empty else [number]
        placed += [item for item in fields if item.text == scope.unknown.get(item.name)]
        self._set_aside_by_owner([item for item in fields if item.text and item not in placed])
        self._read_parts(child, scope)

    def set_aside_stray(self, element: _Element) -> None:
        """Set aside a record outside a CHILD, but not what a message has around its data."""
        self.seen[element.tag] += 1
        self.seen.update(item.tag for item in element.inner)
        fields = self._without_kept(self._fields(element))
        table = RECORD_TABLES.get(element.tag)
        has_data = any(item.name in self._known for item in fields)
        if has_data or (table is not None and element.tag != HEADER):
            self._set_aside(fields, element.number, table)

    def _fields(self, element: _Element) -> list[Field]:
        """The fields of an element in order: attributes, elements, and text between elements."""
        within = [item for item in element.inner if item.is_field]
        tags = {item.tag for item in within}
        found = [
            Field(f"@{name}" if name in tags else self._names.get(name, name), text, element.number)
            for name, text in element.attributes.items()
        ]
        found += [Field(self._names.get(i.tag, i.tag), i.text, i.number) for i in within]
        if element.text:
            found.append(Field(f"#{element.tag}", element.text, element.number))
        return found

    def _without_kept(self, fields: list[Field]) -> list[Field]:
        """The fields but for those of a module that no table takes, which are counted."""
        modules = {self._kept[item.name] for item in fields if item.name in self._kept}
        self.kept_counts.update(modules)
        return [item for item in fields if item.name not in self._kept]

    def _read_parts(self, element: _Element, scope: _Scope) -> None:
        for part in element.inner:
            if part.tag == CHILD and not part.is_field:
                self.read_child(part)
                continue
            self.seen[part.tag] += 1
            if not part.is_field:
                self._read_record(part, scope)
                self._read_parts(part, scope)

    def _read_record(self, element: _Element, scope: _Scope) -> None:
        delivered = self._fields(element)
        fields = self._without_kept(delivered)
        table = RECORD_TABLES.get(element.tag)
        if table is None:
            # What a module that is kept repeats of the header is no record of its own.
            is_kept = len(fields) < len(delivered)
            lost = [item for item in fields if item.name in self._owner] if is_kept else fields
            if lost:
                self._set_aside(lost, element.number)
            return
        if element.tag == HEADER:
            scope.shared = scope.own | _first_of_each(fields)
            fields = self._without_marks(fields, scope)
        is_own = [self._owner.get(item.name, table) == table for item in fields]
        self._set_aside_by_owner(
            [item for item, own in zip(fields, is_own, strict=True) if not own]
        )
        shared = scope.shared
        common = {name: shared[name] for name in SHARED_FIELDS[table] if shared.get(name)}
        if element.tag == HEADER:
            common |= scope.unknown
        own_fields = [item for item, own in zip(fields, is_own, strict=True) if own]
        for place, (number, found) in enumerate(_sets(own_fields, element.number)):
            if place and element.tag == HEADER:
                self.tables[table].set_aside(Rule.MISPLACED_RECORD, number, found)
            else:
                self.tables[table].add(number, common | found)

    def _without_marks(self, fields: list[Field], scope: _Scope) -> list[Field]:
        """The fields of a header but for those that make a record of `uasc`, which is filed."""
        marks, others = [], []
        for item in fields:
            if item.name == "DUC" or (item.name == UASC and item.text in (MARKED, *UNMARKED)):
                marks.append(item)
            else:
                others.append(item)
        telling = [item for item in marks if item.text not in UNMARKED]
        if telling and not scope.has_uasc:
            shared = scope.shared
            found = {name: shared[name] for name in SHARED_FIELDS["uasc"] if name in shared}
            self.tables["uasc"].add(telling[0].number, found)
        return others

    def _set_aside_by_owner(self, fields: list[Field]) -> None:
        by_table: dict[str, list[Field]] = {}
        for item in fields:
            by_table.setdefault(self._owner.get(item.name, "header"), []).append(item)
        for table, own in by_table.items():
            self._set_aside(own, own[0].number, table)

    def _set_aside(self, fields: list[Field], number: int, table: str | None = None) -> None:
        """Set records aside with the table whose fields they have; with the header's, if any's."""
        owners = Counter(self._owner[item.name] for item in fields if item.name in self._owner)
        name = table or next((owner for owner, _ in owners.most_common(1)), "header")
        for position, found in _sets(fields, number):
            self.tables[name].set_aside(Rule.MISPLACED_RECORD, position, found)


def _first_of_each(fields: list[Field]) -> Fields:
    return {item.name: item.text for item in reversed(fields)}


def _sets(fields: list[Field], number: int) -> list[tuple[int, Fields]]:
    """The sets of fields in an element: one that occurs again begins the next, at its number."""
    sets: list[tuple[int, Fields]] = [(number, {})]
    for name, text, position in fields:
        if name in sets[-1][1]:
            sets.append((position, {}))
        sets[-1][1][name] = text
    return sets
