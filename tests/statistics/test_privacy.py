"""What must be in no public file is found wherever it is: in text, cells, properties and names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from official_statistics.checks.document_checks import REQUIRED_DOCUMENTS, find_document_faults
from official_statistics.documents import ReleaseFacts, read_public_files
from official_statistics.documents.opendocument import write_opendocument
from official_statistics.documents.page_links import find_page_problems
from official_statistics.releases import Version
from tests.statistics.documents.conftest import default_release, facts, make_release

__all__ = ["default_release", "facts", "make_release"]

NAME, BORN, POSTCODE, REFERENCE = "Zephyrinda", "2013-08-17", "QX9 9QX", "CANARY77421"
CANARIES = (NAME, BORN, POSTCODE, REFERENCE)
Plant = Callable[[Path, str], Path]


def _as_text(name: str) -> Plant:
    def plant(public: Path, word: str) -> Path:
        path = public / name
        path.write_text(f"Figures. {word.upper()}, and so on\n", encoding="utf-8")
        return path

    return plant


def _in_a_cell(public: Path, word: str) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Figures", f"of {word}"])
    book.save(public / "missing_children.xlsx")
    return public / "missing_children.xlsx"


def _in_a_property(public: Path, word: str) -> Path:
    book = openpyxl.Workbook()
    book.properties.keywords = f"drafts of {word}"
    book.save(public / "missing_children.xlsx")
    return public / "missing_children.xlsx"


def _in_a_sheet_name(public: Path, word: str) -> Path:
    book = openpyxl.Workbook()
    book.create_sheet(word)
    book.save(public / "missing_children.xlsx")
    return public / "missing_children.xlsx"


def _in_opendocument(public: Path, word: str) -> Path:
    facts = ReleaseFacts(f"Figures of {word}", "missing_children", 2026, 1, "draft", "a@b")
    path = public / "missing_children.ods"
    write_opendocument(facts, read_public_files(public), path)
    return path


def _in_parquet(public: Path, word: str) -> Path:
    path = public / "table.parquet"
    pq.write_table(pa.table({"figures": ["1", f"of {word}"]}), path)
    return path


def _in_parquet_metadata(public: Path, word: str) -> Path:
    field = pa.field("figures", pa.int64(), metadata={"title": f"of {word}"})
    path = public / "table.parquet"
    pq.write_table(pa.table([[1]], schema=pa.schema([field])), path)
    return path


def _as_a_name(public: Path, word: str) -> Path:
    path = public / f"notes of {word.lower()}.png"
    path.write_bytes(b"\x89PNG")
    return path


PLACES: dict[str, Plant] = {
    "page": _as_text("index.html"),
    "statement": _as_text("quality.html"),
    "data": _as_text("revisions.csv"),
    "description": _as_text("ties.yaml"),
    "picture": _as_text("chart.svg"),
    "cell": _in_a_cell,
    "property": _in_a_property,
    "sheet name": _in_a_sheet_name,
    "opendocument": _in_opendocument,
    "package": _as_text("datapackage.json"),
    "notebook": _as_text("headlines.ipynb"),
    "parquet": _in_parquet,
    "parquet metadata": _in_parquet_metadata,
    "file name": _as_a_name,
}


@pytest.fixture
def version(make_release: Callable[..., Path], tmp_path: Path) -> Version:
    """A version whose public files are there and say nothing private."""
    folder = tmp_path / "v1"
    public = make_release(name="v1/public")
    for name in REQUIRED_DOCUMENTS:
        (public / name).write_text("Figures\n", encoding="utf-8")
    return Version(2026, 1, folder)


def test_a_release_without_the_planted_child_passes(version: Version) -> None:
    """Prevents a check that always finds something, and so is not read."""
    assert list(find_document_faults(version, CANARIES)) == []


@pytest.mark.parametrize("place", sorted(PLACES))
@pytest.mark.parametrize("word", CANARIES)
def test_a_planted_child_is_found_wherever_it_is(version: Version, place: str, word: str) -> None:
    """Prevents a name, birth date, postcode or reference of a child in any file of a release."""
    path = PLACES[place](version.public, word)
    number = CANARIES.index(word) + 1
    faults = list(find_document_faults(version, CANARIES))
    assert f"{path.name} has canary {number} in it" in faults
    # The fault says where it is, and not what it is.
    assert not any(word in fault.replace(path.name, "") for fault in faults)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("C" + "0A" * 12, "a key of the register"),
        ("police_reports-E23000001-2026-10", "the id of a delivery"),
        ("20261127T041916-050141", "the id of a generation"),
        ("see /home/pat/drafts", "a path of a machine"),
        ("lives at LS1 4AP", "a postcode"),
        ("A12345678901B", "a unique pupil number"),
    ],
)
def test_what_names_a_child_or_a_delivery_by_its_form_is_found(
    version: Version, text: str, what: str
) -> None:
    """Prevents keys, postcodes and paths in public files, whoever they are of."""
    (version.public / "quality.html").write_text(f"Quality, {text}.\n", encoding="utf-8")
    assert list(find_document_faults(version)) == [f"quality.html has {what} in it"]


def test_a_document_that_is_missing_loads_or_leads_wrongly_is_found(version: Version) -> None:
    """Prevents a page that needs a network, a dead link, and a release without its statement."""
    (version.public / "confidentiality.html").unlink()
    (version.public / "quality.html").write_text('See <a href="nothing.html">this</a>.\n')
    (version.public / "notes.md").write_text("# Notes\n", encoding="utf-8")
    page = version.public / "index.html"
    page.write_text('<img src="https://example.org/a.png"> <a href="quality.html">b</a>\n')
    assert list(find_document_faults(version)) == [
        "confidentiality.html is not there",
        "index.html loads something from outside",
        "notes.md is Markdown, which readers would see unformatted",
    ]
    assert find_page_problems(version.public) == [
        "index.html links to something outside the release",
        "quality.html links to nothing.html, which is not there",
    ]
