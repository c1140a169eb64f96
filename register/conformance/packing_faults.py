"""Faults of archives, of the place to which a delivery is sent, and of returns in XML."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape

from register.conformance.fault_list import declare_fault
from register.conformance.sample_delivery import ExpectedFinding, Sample, SampleDelivery, Setting
from register.feeds import RECORD_TABLES
from register.reproducible_zip import pack_files

# The name of an archive has a word that every feed allows.
ARCHIVE = "part.zip"
DOCUMENT = "return.xml"
# More than may come out of an archive that is packed so tightly.
BOMB_BYTES = 17 << 20
ENCRYPTED = 0x1
RETURN = "authority_return"
# Periods that have the wrong form, and that have not begun.
MALFORMED = {"month": "2026-13", "quarter": "2026-Q5", "year": "2025-27", "release": "20"}
FUTURE = {"month": "2090-01", "quarter": "2090-Q1", "year": "2090-91", "release": "2090"}


def _pack_delivery(setting: Setting) -> bytes:
    return pack_files(setting.invent_delivery().render_files())


def _send_archive(rule_code: str, data: bytes, name: str = ARCHIVE) -> Sample:
    return Sample({name: data}, (ExpectedFinding(rule_code, name),))


@declare_fault("unread_archive", is_of_layout=False)
def _send_other_archive(_: Setting) -> Sample:
    return _send_archive("unread_archive", b"7z\xbc\xaf\x27\x1c no files", "part.7z")


@declare_fault("not_a_zip", is_of_layout=False)
def _send_text_as_archive(_: Setting) -> Sample:
    return _send_archive("not_a_zip", b"no archive\n")


@declare_fault("truncated_zip", is_of_layout=False)
def _cut_archive(setting: Setting) -> Sample:
    data = _pack_delivery(setting)
    return _send_archive("truncated_zip", data[: len(data) // 2])


@declare_fault("unsupported_zip", is_of_layout=False)
def _pack_twice(setting: Setting) -> Sample:
    return _send_archive("unsupported_zip", pack_files({"inner.zip": _pack_delivery(setting)}))


@declare_fault("wrong_password", is_of_layout=False)
def _encrypt_archive(setting: Setting) -> Sample:
    """Return an archive that is marked as encrypted. No password opens it."""
    data = bytearray(_pack_delivery(setting))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(mark)
        while start >= 0:
            data[start + place] |= ENCRYPTED
            start = data.find(mark, start + 1)
    return _send_archive("wrong_password", bytes(data))


@declare_fault("path_traversal", is_of_layout=False)
def _leave_folder(setting: Setting) -> Sample:
    files = setting.invent_delivery().render_files()
    outside = {f"../{name}": data for name, data in files.items()}
    return _send_archive("path_traversal", pack_files(outside))


@declare_fault("zip_bomb", is_of_layout=False)
def _pack_bomb(setting: Setting) -> Sample:
    name = next(iter(setting.invent_delivery().render_files()))
    return _send_archive("zip_bomb", pack_files({name: b"0" * BOMB_BYTES}, zipfile.ZIP_DEFLATED))


def _find_kind(period: str) -> str:
    if "Q" in period:
        return "quarter"
    if "-" not in period:
        return "release"
    first, last = period.split("-")
    return "year" if int(last) == (int(first) + 1) % 100 else "month"


def _send_elsewhere(setting: Setting, rule_code: str, **place: Any) -> Sample:
    files = setting.invent_delivery().render_files()
    return replace(Sample(files, (ExpectedFinding(rule_code),)), **place)


@declare_fault("unknown_supplier", is_of_layout=False)
def _name_other_supplier(setting: Setting) -> Sample:
    code = "E23999999" if setting.supplier_code.startswith("E") else "999"
    return _send_elsewhere(setting, "unknown_supplier", supplier_code=code)


@declare_fault("unknown_feed", is_of_layout=False)
def _name_other_feed(setting: Setting) -> Sample:
    return _send_elsewhere(setting, "unknown_feed", feed="hospital_visits")


@declare_fault("malformed_period", is_of_layout=False)
def _misspell_period(setting: Setting) -> Sample:
    period = MALFORMED[_find_kind(setting.period)]
    return _send_elsewhere(setting, "malformed_period", period=period)


@declare_fault("future_period", is_of_layout=False)
def _name_future_period(setting: Setting) -> Sample:
    return _send_elsewhere(setting, "future_period", period=FUTURE[_find_kind(setting.period)])


def write_return_document(delivery: SampleDelivery) -> list[str]:
    """Return the lines of a return in XML. Each child has their records of all tables."""
    children: dict[str, list[str]] = {}
    for element, name in RECORD_TABLES.items():
        sample = delivery.tables[name]
        for row in sample.rows:
            record = dict(zip(sample.table.columns.values(), row, strict=True))
            number = next(text for column, text in record.items() if column.name == "child")
            fields = [
                f"<{_name_field(column.xml_name)}>{escape(text)}</{_name_field(column.xml_name)}>"
                for column, text in record.items()
                if text and (column.name != "child" or element == "HEADER")
            ]
            children.setdefault(number, []).append(f"<{element}>{''.join(fields)}</{element}>")
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<MESSAGE>"]
    for records in children.values():
        lines += ["<CHILD>", *records, "</CHILD>"]
    return [*lines, "</MESSAGE>"]


def _name_field(xml_name: str) -> str:
    return "CHILDID" if xml_name == "CHILD" else xml_name


def _encode(lines: list[str]) -> bytes:
    return "\n".join([*lines, ""]).encode()


def invent_return_document(setting: Setting) -> Sample | None:
    """Return a good return in XML; None for another feed."""
    if setting.layout.feed != RETURN:
        return None
    delivery = setting.invent_delivery()
    count = sum(len(delivery.tables[name].rows) for name in RECORD_TABLES.values())
    return Sample({DOCUMENT: _encode(write_return_document(delivery))}, (), count)


def _send_document(setting: Setting, rule_code: str, lines: list[str], line: str = "") -> Sample:
    return Sample({DOCUMENT: _encode(lines)}, (ExpectedFinding(rule_code, DOCUMENT, line),))


@declare_fault("xml_entities")
def _declare_type(setting: Setting) -> Sample | None:
    if setting.layout.feed != RETURN:
        return None
    first, *lines = write_return_document(setting.invent_delivery())
    return _send_document(setting, "xml_entities", [first, "<!DOCTYPE MESSAGE>", *lines])


@declare_fault("malformed_xml")
def _leave_element_open(setting: Setting) -> Sample | None:
    if setting.layout.feed != RETURN:
        return None
    lines = write_return_document(setting.invent_delivery())
    del lines[-2]
    # The end of the child is missing, so the end of the document is out of place.
    return _send_document(setting, "malformed_xml", lines, str(len(lines)))


@declare_fault("xml_too_large")
def _nest_elements(setting: Setting) -> Sample | None:
    if setting.layout.feed != RETURN:
        return None
    lines = write_return_document(setting.invent_delivery())
    lines.insert(-1, "<PART>" * 60 + "</PART>" * 60)
    return _send_document(setting, "xml_too_large", lines)


@declare_fault("misplaced_record")
def _misplace_record(setting: Setting) -> Sample | None:
    if setting.layout.feed != RETURN:
        return None
    delivery = setting.invent_delivery()
    lines = write_return_document(delivery)
    record = next(line for line in lines if line.startswith("<AMISSING>"))
    # Elements are counted by their starts, in the order of the document.
    number = sum(line.count("<") - line.count("</") for line in lines[1:]) + 1
    lines.insert(-1, record)
    finding = ExpectedFinding(
        "misplaced_record",
        DOCUMENT,
        element=f"(//*)[{number}]",
        table="missing",
        is_quarantined=True,
    )
    count = sum(len(delivery.tables[name].rows) for name in RECORD_TABLES.values())
    return Sample({DOCUMENT: _encode(lines)}, (finding,), count)


@declare_fault("module_in_two_forms")
def _send_both_forms(setting: Setting) -> Sample | None:
    if setting.layout.feed != RETURN:
        return None
    delivery = setting.invent_delivery(1)
    name = delivery.name_file("missing")
    document = _encode(write_return_document(delivery))
    delivery.change_record("missing", 0, child="2001")
    files = {DOCUMENT: document, name: delivery.render_file("missing")}
    finding = ExpectedFinding("module_in_two_forms", name, table="missing")
    return Sample(files, (finding,))
