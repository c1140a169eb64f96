"""The attack reads every public file: what documents say of a count that the data files hide."""

from __future__ import annotations

import csv
import sys
import zipfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from suppression_attack import DescriptionError, attack
from suppression_attack.attacked_documents import find_in_documents
from suppression_attack.published_files import read_release

HEADS = (
    *("time_period", "geographic_level", "country_code", "country_name"),
    *("region_code", "region_name", "care_status", "child_count", "episode_count"),
)
PLACES = {
    ("National", "E92000001", "England"): {"Total": ("210", "530"), "Looked after": ("60", "c")},
    ("Regional", "E12000001", "North East"): {"Total": ("90", "240"), "Looked after": ("c", "c")},
    ("Regional", "E12000002", "North West"): {
        "Total": ("120", "290"),
        "Looked after": ("40", "90"),
    },
}
META = (
    ("care_status", "Filter", "Care status", ""),
    ("child_count", "Indicator", "Number of children", ""),
    ("episode_count", "Indicator", "Number of episodes", ""),
)
KEY = "r: children: 2026, Regional, E12000001, care_status=Looked after, child_count"
EPISODES = "r: children: 2026, National, E92000001, care_status=Looked after, episode_count"


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """The folder of a release with one file, in which three counts are hidden."""
    with (tmp_path / "children.meta.csv").open("w", encoding="utf-8", newline="") as stream:
        meta = csv.writer(stream)
        meta.writerow(["col_name", "col_type", "label", "filter_grouping_column"])
        meta.writerows(META)
    with (tmp_path / "children.csv").open("w", encoding="utf-8", newline="") as stream:
        data = csv.writer(stream)
        data.writerow(HEADS)
        for (level, code, name), rows in PLACES.items():
            region = (code, name) if level == "Regional" else ("", "")
            for item, figures in rows.items():
                data.writerow([2026, level, "E92000001", "England", *region, item, *figures])
    description = {
        "format": 1,
        "release": "r",
        "rounding": {"National": 10, "Regional": 10},
        "files": {"children": {"counts": ["child_count", "episode_count"]}},
    }
    (tmp_path / "ties.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")
    return tmp_path


def _keys(public: Path) -> dict[str, str]:
    return {each.key: each.kind for each in find_in_documents(read_release(public))}


TABLE = (
    "<h1>{}</h1><p>Of looked-after children.</p><table><caption>{}</caption>"
    "<thead><tr><th>Area</th><th>Year</th><th>Count</th><th>Department</th><th>Register</th>"
    "<th>Why</th></tr></thead><tbody>{}</tbody></table>"
)
ROW = "<tr><th>{}</th><td>2025-26</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>"


def _page(*rows: tuple[str, str, str, str, str]) -> str:
    return TABLE.format("Comparison", "Both", "".join(ROW.format(*row) for row in rows))


BAR = (
    '<h2>Looked after children by region, year ending 31 March 2026</h2><svg aria-label="Number of '
    'children looked after by region"><g class="mark-group role-axis"><text '
    'transform="translate(0,{})">North East</text></g><g class="mark-rect role-mark">'
    '<path d="M0,10h{}v20h-{}Z"/></g></svg>'
)
ROW_BAR = (
    '<h2>Looked after children by region, year ending 31 March 2026</h2><svg aria-label="Number of '
    'children looked after by region"><g class="names"><text x="90" y="{}">North East</text></g>'
    '<g class="marks"><rect x="99" y="10" width="{}" height="20"/></g></svg>'
)
GIVEN_AWAY = {
    "a row of the department beside a hidden count": (
        "compared.html",
        _page(("North East", "Children in the year", "10", "[c]", "They agree")),
    ),
    "a row that prints a hidden count": (
        "compared.html",
        _page(("North East", "Looked after children", "10", "20", "")),
    ),
    "a sentence": ("quality.md", "In the North East 6 children who were looked after ran away.\n"),
    "a sentence in free words": (
        "quality.md",
        "In North East just 6 of the children were in care.\n",
    ),
    "a sentence that compares": (
        "quality.md",
        "Of the regions, North East had fewest children looked after.\n",
    ),
    "a table of pipes": (
        "guidance.md",
        "## Number of children\n\n| Area | Looked after |\n|---|---|\n| North East | 6 |\n",
    ),
    "an alternative text": (
        "index.html",
        "<h2>Number of children</h2><img alt='North East, Looked after: 6'>",
    ),
    "a comment": ("index.html", "<!-- North East: children looked after: 6 -->"),
    "a chart's words": (
        "chart.svg",
        '<svg aria-label="Number of children"><desc>North East, Looked after: 6</desc></svg>',
    ),
    "a bar": ("index.html", BAR.format(20, 6, 6)),
    "a bar that is a rectangle": ("index.html", ROW_BAR.format(25, 6)),
    "an object of JSON": (
        "headlines.json",
        '[{"area": "North East", "care status": "Looked after", "number of children": 6}]',
    ),
    "a text within JSON": (
        "headlines.json",
        '{"notes": ["In the North East 6 children who were looked after ran away."]}',
    ),
    "a text of a notebook": (
        "headlines.ipynb",
        '{"cells": [{"cell_type": "markdown", "source": ["In the North East 6 children who were ",'
        ' "looked after ran away."]}]}',
    ),
    "an output of a notebook": (
        "headlines.ipynb",
        '{"cells": [{"cell_type": "code", "source": "1", "outputs": [{"data": {"text/html": '
        '"<h2>Number of children</h2><p>North East, Looked after: 6</p>"}}]}]}',
    ),
    "a table of another file": (
        "more.csv",
        "area,care_status,number of children\nNorth East,Looked after,6\n",
    ),
}


@pytest.mark.parametrize("name", GIVEN_AWAY)
def test_what_a_document_says_of_a_hidden_count_is_found(public: Path, name: str) -> None:
    """Prevents a page, a text or a chart from giving away what the data files hide."""
    file, text = GIVEN_AWAY[name]
    (public / file).write_text(text, encoding="utf-8")
    findings = find_in_documents(read_release(public))
    assert {each.file for each in findings} == {file}
    assert all("North East" in each.key + each.detail or each.key == KEY for each in findings)


NOTHING = {
    "shown counts beside the department's": (
        "compared.html",
        _page(
            ("North West", "Looked after children", "60", "40", "-20"),
            ("England", "Looked after children", "70", "60", "They agree"),
        ),
    ),
    "a sentence of shown counts": (
        "quality.md",
        "In the North West 40 of 120 children were looked after; England had 210 children.\n",
    ),
    "what cannot be told": (
        "quality.md",
        "The number of looked after children of North East is hidden (c).\n",
    ),
    "a table with a symbol": (
        "guidance.md",
        "## Number of children\n\n| Area | Looked after |\n|---|---|\n| North East | [c] |\n"
        "| North West | 40 |\n",
    ),
    "a label without a bar": ("index.html", BAR.format(50, 6, 6)),
    "a label without a rectangle": ("index.html", ROW_BAR.format(50, 6)),
    "a description of the files in JSON": (
        "datapackage.json",
        '{"resources": [{"name": "children", "bytes": 6, "title": "Looked after children",'
        ' "fields": [{"name": "child_count", "title": "Number of children"}]}]}',
    ),
    "a notebook that reads the files": (
        "headlines.ipynb",
        '{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["rows = read(children)"],'
        ' "outputs": [{"name": "stdout", "text": ["North West: 40 children looked after"]}]}]}',
    ),
    "notes on method": (
        "guidance.md",
        "# Looked after children in 2026\n\nA count of 1 to 7 children is hidden. 7 files have"
        " 90 rows.\n\n| file | rows |\n|---|---|\n| `looked_after` | 12 |\n",
    ),
}


@pytest.mark.parametrize("name", NOTHING)
def test_shown_counts_and_symbols_pass(public: Path, name: str) -> None:
    """Prevents findings of which none is true, so that nobody reads them any more."""
    file, text = NOTHING[name]
    (public / file).write_text(text, encoding="utf-8")
    assert find_in_documents(read_release(public)) == []


NUMBERED = {
    "a count of rows": ("`data/children.csv`, 1,860 rows about children.\n", set()),
    "a number alone": ("# Number of episodes\n\n1\n", set()),
    "the item with a count": ("# Number of episodes\n\n1: 40\n", {"quality.md"}),
}


@pytest.mark.parametrize("name", NUMBERED)
def test_an_item_that_is_a_number_is_no_count(public: Path, name: str) -> None:
    """Prevents the item *1 episode* from being found in every number of a page."""
    data = public / "children.csv"
    data.write_text(data.read_text(encoding="utf-8").replace("Looked after", "1"), encoding="utf-8")
    text, files = NUMBERED[name]
    (public / "quality.md").write_text(text, encoding="utf-8")
    assert {each.file for each in find_in_documents(read_release(public))} == files


def _workbook(path: Path, figure: str, comment: str = "") -> None:
    """A workbook with the table of the file, as far as North East."""
    heads = ("Year", "Level", "Area code", "Area", "Care status")
    rows = [
        (*heads, "Number of children", "Number of episodes"),
        ("2026", "Regional", "E12000001", "North East", "Total", "90", "240"),
        ("2026", "Regional", "E12000001", "North East", "Looked after", figure, "[c]"),
    ]
    cells = "".join(
        "<row>" + "".join(f"<c t='str'><v>{text}</v></c>" for text in row) + "</row>"
        for row in rows
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet>{cells}</worksheet>")
        archive.writestr("xl/comments1.xml", f"<comments><t>{comment}</t></comments>")


@pytest.mark.parametrize(("figure", "is_found"), [("[c]", False), ("6", True), ("", True)])
def test_a_sheet_is_held_to_its_file_figure_by_figure(
    public: Path, figure: str, is_found: bool
) -> None:
    """Prevents a spreadsheet that shows what its data file hides, on whatever sheet."""
    _workbook(public / "children.xlsx", figure)
    assert (KEY in _keys(public)) == is_found
    assert len(_keys(public)) == is_found


def test_a_comment_of_a_spreadsheet_is_read(public: Path) -> None:
    """Prevents a figure in a comment, which no table shows."""
    _workbook(public / "children.xlsx", "[c]", "North East: 6 children looked after")
    assert {each.file for each in find_in_documents(read_release(public))} == {"children.xlsx"}


def test_an_opendocument_sheet_is_held_to_its_file(public: Path) -> None:
    """Prevents one of two spreadsheets from being forgotten."""
    heads = ("Year", "Level", "Area code", "Area", "Care status")
    rows = [
        (*heads, "Number of children", "Number of episodes"),
        ("2026", "National", "E92000001", "England", "Looked after", "60", "70"),
    ]
    cells = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{each}</text:p></table:table-cell>" for each in row)
        + "</table:table-row>"
        for row in rows
    )
    with zipfile.ZipFile(public / "children.ods", "w") as archive:
        text = f"<a xmlns:table='t' xmlns:text='x'>{cells}</a>"
        archive.writestr("content.xml", text)
    assert _keys(public) == {EPISODES: "shown in a document"}


STORED = ["time_period", "geographic_level", "country_code", "region_code", "care_status"]
STORED += ["child_count", "child_count_symbol"]


def _stored_rows(count: int | None, symbol: str | None) -> list[list[object]]:
    """Two rows of the data file, as a file for machines has them."""
    return [
        [2026, "Regional", "E92000001", "E12000002", "Looked after", 40, None],
        [2026, "Regional", "E92000001", "E12000001", "Looked after", count, symbol],
    ]


def _write_parquet(path: Path, rows: list[list[object]], metadata: dict[str, str]) -> None:
    columns = dict(zip(STORED, zip(*rows, strict=True), strict=True))
    table = pa.table({name: list(values) for name, values in columns.items()})
    pq.write_table(table.replace_schema_metadata(metadata), path)


def _write_database(path: Path, rows: list[list[object]], metadata: dict[str, str]) -> None:
    with duckdb.connect(str(path)) as database:
        database.execute(
            f"create table children ({', '.join(f'{name} varchar' for name in STORED)})"
        )
        database.executemany(f"insert into children values ({'?,' * 6}?)", rows)
        for text in metadata.values():
            database.execute(f"comment on column children.child_count is '{text}'")


@pytest.mark.parametrize("suffix", ["parquet", "duckdb"])
@pytest.mark.parametrize(
    ("count", "symbol", "is_safe"),
    [(None, "c", True), (None, None, True), (6, None, False), (6, "c", False), (None, "6", False)],
)
def test_a_table_for_machines_is_held_to_its_file(
    public: Path, suffix: str, count: int | None, symbol: str | None, is_safe: bool
) -> None:
    """Prevents a count that is hidden in the CSV file and stored in another form of it."""
    write = _write_parquet if suffix == "parquet" else _write_database
    write(public / f"children.{suffix}", _stored_rows(count, symbol), {"note": "children"})
    findings = find_in_documents(read_release(public))
    assert (not findings) == is_safe
    assert all("E12000001" in each.key for each in findings)


@pytest.mark.parametrize("suffix", ["parquet", "duckdb"])
def test_a_comment_in_a_table_for_machines_is_read(public: Path, suffix: str) -> None:
    """Prevents a figure in metadata, which no table shows."""
    write = _write_parquet if suffix == "parquet" else _write_database
    note = "In the North East 6 children who were looked after ran away."
    write(public / f"children.{suffix}", _stored_rows(None, "c"), {"note": note})
    assert {each.kind for each in find_in_documents(read_release(public))} >= {
        "shown in a document"
    }


def test_a_row_that_the_file_does_not_have_is_found(public: Path) -> None:
    """Prevents rows of a finer table in the form for machines."""
    rows = [[2026, "Regional", "E92000001", "E12000009", "Looked after", 6, None]]
    _write_parquet(public / "children.parquet", rows, {})
    assert [each.detail for each in find_in_documents(read_release(public))] == ["no such row"]


def test_a_picture_in_a_notebook_is_refused(public: Path) -> None:
    """Prevents a chart that nobody can read from being taken for safe."""
    text = '{"cells": [{"cell_type": "code", "outputs": [{"data": {"image/png": "AAAA"}}]}]}'
    (public / "chart.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(DescriptionError, match=r"chart.ipynb: an output of the type image/png"):
        find_in_documents(read_release(public))


@pytest.mark.parametrize(
    ("module", "file"), [("pyarrow.parquet", "children.parquet"), ("duckdb", "children.duckdb")]
)
def test_a_library_that_is_missing_is_named(
    public: Path, monkeypatch: pytest.MonkeyPatch, module: str, file: str
) -> None:
    """Prevents a form from being left out where a library is not installed."""
    (public / file).write_bytes(b"")
    monkeypatch.setitem(sys.modules, module, None)
    extra = file.rpartition(".")[2]
    with pytest.raises(DescriptionError, match=rf"pip install 'suppression-attack\[{extra}\]'"):
        find_in_documents(read_release(public))


def test_a_document_is_a_finding_of_the_attack(public: Path) -> None:
    """Prevents an attack that reads documents and tells nobody."""
    assert attack([public]).is_safe
    file, text = GIVEN_AWAY["a sentence"]
    (public / file).write_text(text, encoding="utf-8")
    assert not attack([public]).is_safe


def test_a_document_that_cannot_be_read_is_refused(public: Path) -> None:
    """Prevents a form that nobody looks into from being taken for safe."""
    (public / "report.pdf").write_bytes(b"%PDF")
    with pytest.raises(DescriptionError, match=r"report.pdf"):
        find_in_documents(read_release(public))


@pytest.mark.parametrize(
    ("sentence", "is_finding"),
    [
        ("Children and episodes are in 102 rows.", False),
        ("England had children with 102 episodes.", True),
        ("There were 102 episodes.", True),
        ("England counts episodes of children under 18.", False),
        ("England had episodes of 18 children.", True),
    ],
)
def test_a_sentence_without_a_place_is_about_all_totals(
    public: Path, sentence: str, *, is_finding: bool
) -> None:
    """Prevents any number of a document from being read as the one total that is hidden."""
    data = public / "children.csv"
    text = data.read_text(encoding="utf-8")
    data.write_text(text.replace("Total,210,530", "Total,210,c"), encoding="utf-8")
    (public / "page.md").write_text(f"# Children\n\n{sentence}\n", encoding="utf-8")
    assert bool(find_in_documents(read_release(public))) == is_finding
