"""From a published id to the delivered line, whatever the file's form."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from register.publishing.generations import publish
from register.publishing.raw import RawLineError, read_raw_line
from register.publishing.trace import SourceLine, trace_id
from register.settings import Settings
from tests.publishing.builds import DELIVERY_ID, build, land_delivery


def _line(file_name: str, row_number: int) -> SourceLine:
    return SourceLine(
        row_id="R1",
        feed="police_reports",
        supplier_code="E23000099",
        supplier_name="Invented Police",
        period="2026-10",
        received_at="2026-11-01 00:00:00",
        delivery_status="current",
        delivery_id=DELIVERY_ID,
        file_name=file_name,
        row_number=row_number,
    )


@pytest.fixture
def raw(settings: Settings) -> Path:
    """The kept copy of one delivery, in every form."""
    folder = land_delivery(settings) / "raw"
    (folder / "old.csv").write_bytes("ref;name\r\n1;Zoë\r\n".encode("cp1252"))
    broken = 'ref,address\r\n1,"Flat 2\r\nElm Street"\r\n2,"unclosed\r\n3,x\r\n'
    (folder / "broken.csv").write_text(broken, encoding="utf-8", newline="")
    (folder / "return.xml").write_text(
        "<R>\n<C>\n<AMISSING><MISSING>M</MISSING>\n<MIS_START/>\n</AMISSING></C>\n</R>\n",
        encoding="utf-8",
    )
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("inner/reports.csv", "ref\nzipped line\n")
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["ref", "name"])
    book.active.append([7, None])
    book.save(folder / "sheet.xlsx")
    return folder


@pytest.mark.usefixtures("raw")
@pytest.mark.parametrize(
    ("file_name", "row_number", "text"),
    [
        ("reports.csv", 2, "INVENTED/1,Sample"),
        ("broken.csv", 2, '1,"Flat 2\nElm Street"'),
        ("broken.csv", 4, '2,"unclosed'),
        ("old.csv", 2, "1;Zoë"),
        ("all.zip/inner/reports.csv", 2, "zipped line"),
        ("sheet.xlsx", 2, "7 | "),
        ("return.xml", 3, "<AMISSING><MISSING>M</MISSING>\n<MIS_START />\n</AMISSING>"),
        ("return.xml", 4, "<AMISSING><MISSING>M</MISSING>\n<MIS_START />\n</AMISSING>"),
    ],
)
def test_a_delivered_line_is_shown_as_it_came(
    settings: Settings, file_name: str, row_number: int, text: str
) -> None:
    """Prevents an auditor from being shown another line than the one that was counted."""
    assert read_raw_line(settings, _line(file_name, row_number)) == text


@pytest.mark.usefixtures("raw")
@pytest.mark.parametrize(
    ("file_name", "row_number"),
    [
        ("../delivery.json", 1),
        ("gone.csv", 1),
        ("all.zip/gone.csv", 1),
        ("reports.csv", 99),
        ("return.xml", 99),
    ],
)
def test_what_was_not_delivered_is_not_shown(
    settings: Settings, file_name: str, row_number: int
) -> None:
    """Prevents a trace from reading outside the delivery, or from showing something near it."""
    with pytest.raises(RawLineError, match=DELIVERY_ID):
        read_raw_line(settings, _line(file_name, row_number))


def test_text_that_is_no_id_is_refused(settings: Settings) -> None:
    """Prevents a query made of a person's typing."""
    generation = publish(settings, build(settings, 1))
    with pytest.raises(ValueError, match="an id has"):
        trace_id(generation, "R1' or true --")
