"""The spreadsheet as OpenDocument: every figure of the files, accessible, the same bytes twice."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

import fastexcel
import pytest
from defusedxml.ElementTree import fromstring

from official_statistics.data_sets import read_data_sets
from official_statistics.documents import ReleaseFacts, read_public_files
from official_statistics.documents.opendocument import write_opendocument
from official_statistics.documents.public_files import read_place
from tests.statistics.documents.conftest import MakeRelease, figure

PLACE_COLUMNS = 4
SPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
}
FIGURES = {
    figure(
        "episodes_by_duration",
        "episode_count",
        duration_band="48 hours or more",
        duration_measure="Hours recorded (to 8, 16, 24 and 48 hours)",
    ): "c",
    figure("missing_children_by_area", "episode_count"): "1234560",
    figure("missing_children_by_area", "child_percent"): "low",
    figure("agreement_coefficients", "category_kappa"): "-0.125",
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the tests of this module share."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture
def book(shared: Path, make_release: MakeRelease, facts: ReleaseFacts) -> Path:
    """The spreadsheet of a release, its data files beside it; made once."""
    path = shared / "public" / "book.ods"
    if not path.exists():
        public = shutil.copytree(make_release(FIGURES), path.parent)
        provisional = replace(facts, provisional_reason="Two have not delivered <yet> & may not.")
        write_opendocument(provisional, read_public_files(public), path)
    return path


@cache
def _part(book: Path, name: str) -> Element:
    with zipfile.ZipFile(book) as package:
        element: Element = fromstring(package.read(name))
    return element


def _name(prefixed: str) -> str:
    prefix, name = prefixed.split(":")
    return f"{{{SPACES[prefix]}}}{name}"


def _sheets(book: Path) -> Iterator[Element]:
    yield from _part(book, "content.xml").iterfind(".//table:table", SPACES)


def test_another_reader_finds_every_figure_of_the_files(book: Path) -> None:
    """Prevents a spreadsheet that says something else than the CSV files."""
    reader = fastexcel.read_excel(book)
    numbers = [str(one.number) for one in read_data_sets()]
    assert reader.sheet_names == ["Cover", "Contents", "Notes", *numbers]
    for file in read_public_files(book.parent).values():
        table = reader.load_sheet(str(file.data_set.number), header_row=None, dtypes="string")
        lines = table.to_arrow().to_pylist()
        rows = [list(line.values()) for line in lines]
        first = next(place for place, line in enumerate(rows) if line[0] == "Year")
        names = [*(one.name for one in file.data_set.filters)]
        names += [one.name for one in file.data_set.indicators]
        assert len(rows[first + 1 :]) == len(file.rows)
        for line, row in zip(rows[first + 1 :], file.rows, strict=True):
            assert line[0].removesuffix(" [p]") == row["time_period"]
            assert tuple(line[2:PLACE_COLUMNS]) == read_place(row)
            for value, name in zip(line[PLACE_COLUMNS:], names, strict=True):
                text = value.removeprefix("[").removesuffix("]")
                assert text == row[name] or float(text) == float(row[name])


def test_a_number_is_a_number_and_shown_with_its_decimals(book: Path) -> None:
    """Prevents figures that software takes for text, and 3 where the file says 3.0."""
    (by_area,) = (one for one in _sheets(book) if one.get(_name("table:name")) == "1")
    number_by_text = {}
    for cell in by_area.iterfind(".//table:table-cell", SPACES):
        text = "".join(cell.itertext())
        number_by_text[text] = cell.get(_name("office:value"))
    assert number_by_text["1,234,560"] == "1234560"
    assert number_by_text["50.0"] == "50.0"
    assert number_by_text["2025"] == "2025"
    assert number_by_text["2026 [p]"] is None
    assert number_by_text["[low]"] is None


def test_every_table_is_marked_and_headed(book: Path) -> None:
    """Prevents a table that a screen reader cannot find, or reads without its headings."""
    content = _part(book, "content.xml")
    ranges = {
        one.get(_name("table:name")): one.get(_name("table:target-range-address"))
        for one in content.iterfind(".//table:database-range", SPACES)
    }
    assert list(ranges) == [one.name for one in read_data_sets()]
    for data_set, sheet in zip(read_data_sets(), list(_sheets(book))[3:], strict=True):
        rows = list(sheet.iterfind(".//table:table-row", SPACES))
        (head,) = sheet.iterfind("table:table-header-rows/table:table-row", SPACES)
        first = rows.index(head) + 1
        place = re.fullmatch(r"'(\d+)'\.A(\d+):'(\d+)'\.([A-Z]+)(\d+)", str(ranges[data_set.name]))
        assert place is not None
        assert (int(place[2]), int(place[5])) == (first, len(rows))
        widths = {len(row) for row in rows[first - 1 :]}
        assert widths == {len(head)} == {ord(place[4]) - ord("A") + 1}


def test_the_document_is_accessible(book: Path) -> None:
    """Prevents merged or empty cells, styles that are not there, and no title or language."""
    meta, styles = _part(book, "meta.xml"), _part(book, "styles.xml")
    assert meta.findtext(".//dc:title", None, SPACES) == "Children who go missing in England: 2026"
    assert meta.findtext(".//dc:language", None, SPACES) == "en-GB"
    text = styles.find(".//style:default-style/style:text-properties", SPACES)
    assert text is not None
    assert (text.get(_name("fo:language")), text.get(_name("fo:country"))) == ("en", "GB")
    content = _part(book, "content.xml")
    known = {
        one.get(_name("style:name"))
        for part in (content, styles)
        for one in part.iterfind(".//style:style", SPACES)
    }
    used = {
        value
        for one in content.iter()
        for key, value in one.attrib.items()
        if key in {_name("table:style-name"), _name("style:parent-style-name")}
    }
    assert used <= known
    for cell in content.iterfind(".//table:table-cell", SPACES):
        assert "".join(cell.itertext()).strip()
        assert "\n" not in "".join(cell.itertext())
        assert cell.get(_name("table:number-columns-spanned")) is None


def test_the_contents_lead_to_every_sheet(book: Path) -> None:
    """Prevents a contents sheet whose links end nowhere."""
    contents = list(_sheets(book))[1]
    links = [one.get(_name("xlink:href")) for one in contents.iterfind(".//text:a", SPACES)]
    sheets = [str(one.get(_name("table:name"))) for one in _sheets(book)]
    assert links == ["#Notes.A1", *(f"#'{name}'.A1" for name in sheets[3:])]


def test_the_cover_says_what_the_workbook_says(book: Path) -> None:
    """Prevents symbols that nobody explains, and marks in a reason that break the document."""
    cover = next(_sheets(book))
    lines = ["".join(row.itertext()) for row in cover.iterfind(".//table:table-row", SPACES)]
    assert lines[:3] == ["Children who go missing in England: 2026", "Introduction", lines[2]]
    assert "Simulated data" in lines[2]
    assert "[p]: provisional. Two have not delivered <yet> & may not." in lines
    for symbol in ("[c]", "[z]", "[x]", "[low]", "[u]"):
        assert any(line.startswith(symbol) for line in lines)


def test_the_package_is_one_that_readers_know_and_the_same_twice(
    book: Path, facts: ReleaseFacts, tmp_path: Path
) -> None:
    """Prevents a format that is told by its name alone, and a draft that is never the same."""
    with zipfile.ZipFile(book) as package:
        first, *others = package.infolist()
        parts = {one.filename for one in others}
        listed = set(re.findall(r'full-path="([^"/]+\.xml)"', package.read(others[0]).decode()))
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert parts == listed | {"META-INF/manifest.xml"}
    files = read_public_files(book.parent)
    for name in ("one.ods", "two.ods"):
        write_opendocument(facts, files, tmp_path / name)
    assert (tmp_path / "one.ods").read_bytes() == (tmp_path / "two.ods").read_bytes()
    assert b"2026-11" not in (tmp_path / "one.ods").read_bytes()[:200]
