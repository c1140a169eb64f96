"""The documents of a release: they say what the files say, load nothing, and are made the same."""

from __future__ import annotations

import html
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from official_statistics.data_sets import DataSet, read_data_sets
from official_statistics.documents import (
    Confidentiality,
    DepartmentFigure,
    PublicFileError,
    QualityFacts,
    RecordingBreak,
    ReleaseFacts,
    find_document_problems,
    read_public_files,
    read_quality_facts,
    write_documents,
)
from official_statistics.documents.facts import read_notes
from official_statistics.documents.public_files import read_place
from official_statistics.documents.release_charts import draw_charts
from official_statistics.documents.sheets import find_creation_time
from tests.accessibility import WIDTHS, list_file_faults
from tests.expectations.site.browsing import CHROMIUM
from tests.statistics.documents.conftest import LONDON, MakeRelease, figure

PLACE_COLUMNS = 4
DURATIONS = "episodes_by_duration"
SPREADSHEETS = ("missing_children.xlsx", "missing_children.ods")


@pytest.fixture(scope="module")
def written() -> dict[str, bytes]:
    """The documents of the release of this module, once they have been written."""
    return {}


@pytest.fixture
def public(
    make_release: MakeRelease,
    facts: ReleaseFacts,
    done: Confidentiality,
    written: dict[str, bytes],
) -> Path:
    """A release whose documents are written."""
    folder = make_release(
        {
            figure(
                DURATIONS,
                "episode_count",
                duration_band="48 hours or more",
                duration_measure="Hours recorded (to 8, 16, 24 and 48 hours)",
            ): "c"
        }
    )
    if not written:
        for path in write_documents(facts, QualityFacts(), done, folder):
            written[path.relative_to(folder).as_posix()] = path.read_bytes()
    for name, content in written.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_documents_are_made_the_same_twice(
    public: Path, facts: ReleaseFacts, quality: QualityFacts, done: Confidentiality
) -> None:
    """Prevents a draft that cannot be reproduced byte for byte."""
    names = ("index.html", "guidance.html", "quality.html", *SPREADSHEETS)
    before = {name: (public / name).read_bytes() for name in names}
    write_documents(facts, quality, done, public)
    assert {name: (public / name).read_bytes() for name in names} == before


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_pages_can_be_read_by_everybody(public: Path, width: int) -> None:
    """Prevents figures that a reader with a screen reader, or with poor sight, cannot use."""
    assert list_file_faults(sorted(public.rglob("*.html")), width) == {}


def test_the_spreadsheet_has_every_figure_of_the_files(public: Path) -> None:
    """Prevents a spreadsheet that says something else than the CSV files."""
    book = openpyxl.load_workbook(public / "missing_children.xlsx")
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    for file in read_public_files(public).values():
        sheet = book[str(file.data_set.number)]
        (table,) = sheet.tables.values()
        heads, *rows = [[cell.value for cell in row] for row in sheet[table.ref]]
        names = _names(file.data_set)
        assert len(heads) == PLACE_COLUMNS + len(names)
        assert len(rows) == len(file.rows)
        for values, row in zip(rows, file.rows, strict=True):
            assert values[0] == int(row["time_period"])
            assert tuple(values[2:PLACE_COLUMNS]) == read_place(row)
            for value, name in zip(values[PLACE_COLUMNS:], names, strict=True):
                assert _as_text(value) == row[name] or float(value) == float(row[name])


def test_the_spreadsheet_is_accessible(public: Path) -> None:
    """Prevents merged, frozen or empty cells, and a document without title or language."""
    book = openpyxl.load_workbook(public / "missing_children.xlsx")
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert sheet.freeze_panes is None
        for table in sheet.tables.values():
            cells = [cell.value for row in sheet[table.ref] for cell in row]
            assert None not in cells
            assert not any("\n" in str(cell) for cell in cells)
    assert book.properties.title == "Children who go missing in England: 2026"
    assert book.properties.language == "en-GB"


@pytest.mark.parametrize(
    ("name", "part"), list(zip(SPREADSHEETS, ("docProps/core.xml", "meta.xml"), strict=True))
)
def test_a_spreadsheet_was_created_when_the_release_was_announced_for(
    public: Path, name: str, part: str
) -> None:
    """Prevents a spreadsheet of 2026 that file managers and catalogues date to 1980 or 2000."""
    with zipfile.ZipFile(public / name) as archive:
        properties = archive.read(part).decode()
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 26, 9, 30, 0)}
    assert properties.count("2026-11-26T09:30:00Z") == 2


def test_a_release_in_summer_time_is_dated_in_universal_time(facts: ReleaseFacts) -> None:
    """Prevents a spreadsheet that is an hour wrong, or has no date before the announcement."""
    summer = replace(facts, release_at=datetime(2026, 6, 25, 9, 30, tzinfo=LONDON))
    assert find_creation_time(summer) == datetime(2026, 6, 25, 8, 30, tzinfo=UTC)
    unannounced = replace(facts, release_at=None)
    assert find_creation_time(unannounced) == datetime(2026, 3, 31, tzinfo=UTC)


def test_the_cover_explains_symbols_and_marks_a_provisional_year(
    public: Path, facts: ReleaseFacts, quality: QualityFacts, done: Confidentiality
) -> None:
    """Prevents a symbol that nobody explains, and a year that looks final."""
    provisional = replace(facts, provisional_reason="Two authorities have not delivered.")
    write_documents(provisional, quality, done, public)
    book = openpyxl.load_workbook(public / "missing_children.xlsx")
    cover = " ".join(str(row[0]) for row in book["Cover"].values if row[0])
    for symbol in ("[c]", "[z]", "[x]", "[low]", "[u]", "[p]"):
        assert symbol in cover
    assert "Simulated data" in cover
    years = {row[0] for row in book["1"].iter_rows(values_only=True)}
    assert "2026 [p]" in years
    assert 2025 in years
    assert "Two authorities have not delivered." in (public / "index.html").read_text()
    assert "2026 provisional" in (public / "guidance.html").read_text()


def test_every_file_has_notes_and_a_part_of_the_guidance(public: Path) -> None:
    """Prevents a file that readers are left to guess at."""
    names = [one.name for one in read_data_sets()]
    assert list(read_notes()["files"]) == names
    text = html.unescape((public / "guidance.html").read_text())
    for data_set in read_data_sets():
        assert f">{data_set.number}. {data_set.title}</h3>" in text
        for name in _names(data_set):
            assert f"(<code>{name}</code>)" in text


def test_the_guidance_says_what_adds_up(public: Path) -> None:
    """Prevents readers who add children over areas in which one child is twice."""
    parts = (public / "guidance.html").read_text().split("<h3")
    by_area, by_characteristic = parts[1], parts[4]
    assert "episodes add up to the Total; a child may be in several" in by_area
    assert "children only of Age, Sex, Ethnicity" in by_characteristic


def test_confidentiality_says_rules_and_what_was_hidden(public: Path) -> None:
    """Prevents a statement whose parameters are not those of the rules."""
    text = (public / "confidentiality.html").read_text()
    assert "1 to 7 children" in text
    assert "90% of it or more" in text
    row = '<th scope="row">missing_children_by_area</th><td class="number">101</td>'
    assert f'{row}<td class="number">12</td>' in text
    assert "fewer than 5: 0" in text


def test_quality_names_breaks(public: Path, facts: ReleaseFacts, done: Confidentiality) -> None:
    """Prevents a quality page that leaves out what is known to be wrong."""
    quality = QualityFacts(
        breaks=(
            RecordingBreak("301", "authority_extract", date(2025, 9, 1), "down", True),
            RecordingBreak("302", "police_reports", date(2025, 5, 1), "down", False, True),
        ),
    )
    write_documents(facts, quality, done, public)
    text = (public / "quality.html").read_text()
    cells = ("Barking and Dagenham", "case records", "lower", "yes")
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    assert f'<th scope="row">September 2025</th>{row}' in text
    assert "<td>police reports, brief absences</td><td>lower</td><td>no</td>" in text


REPEATEDLY = "Children who went missing more than once during the year"
DEPARTMENT = QualityFacts(
    department=tuple(
        DepartmentFigure("National", "E92000001", "England", "2025-26", code, name, published)
        for code, name, published in (
            ("missing_children", "Children who had a missing incident during the year", 110.0),
            ("missing_incidents", "Number of missing incidents during the year", 160.0),
            ("missing_repeatedly_children", REPEATEDLY, 90.0),
            ("missing_at_year_end_children", "Children missing at 31 March", 10.0),
        )
    )
)
LOOKED_AFTER_MISSING = {"care_status": "Looked after", "absence_category": "Missing"}


def test_the_departments_counts_stand_beside_those_that_the_files_show(
    make_release: MakeRelease, facts: ReleaseFacts, done: Confidentiality
) -> None:
    """Prevents a count of the register that no file has from being printed or compared."""
    public = make_release(
        {figure("missing_children_by_area", "episode_count", **LOOKED_AFTER_MISSING): "130"}
    )
    write_documents(facts, DEPARTMENT, done, public)
    page = (public / "reconciliation.html").read_text()
    assert '<td class="number">110</td><td class="number">100</td>' in page
    assert '<td class="number">160</td><td class="number">130</td>' in page
    assert "2 of 3 differences are no more than the rounding" in page
    assert "31 March</td>" not in page
    assert (
        "Of 3 counts of England and its regions that both show, 2"
        in (public / "quality.html").read_text()
    )
    assert find_document_problems(facts, DEPARTMENT, done, public) == []


def test_nothing_is_said_of_a_hidden_count_beside_the_departments(
    make_release: MakeRelease, facts: ReleaseFacts, done: Confidentiality
) -> None:
    """Prevents "They agree" beside a hidden count: it leaves the few numbers around the other."""
    hidden = figure("missing_children_by_area", "repeat_child_count", **LOOKED_AFTER_MISSING)
    public = make_release({hidden: "c"})
    write_documents(facts, DEPARTMENT, done, public)
    page = (public / "reconciliation.html").read_text()
    assert REPEATEDLY not in page
    assert "[c]" not in page
    assert "of 2 differences" in page


def test_a_hidden_share_of_both_sources_is_called_neither_few_nor_many(
    make_release: MakeRelease, facts: ReleaseFacts, done: Confidentiality
) -> None:
    """Prevents a sentence on how good the figures are from narrowing a hidden count."""
    hidden = figure("agreement_by_area", "episode_percent", source_status="Both sources")
    public = make_release({hidden: "c"})
    write_documents(facts, QualityFacts(), done, public)
    for name in ("index.html", "quality.html"):
        assert "few are in both" not in (public / name).read_text()


def test_a_hidden_figure_says_so_in_the_place_of_its_bar(public: Path, facts: ReleaseFacts) -> None:
    """Prevents a hidden count that is drawn as 0, or vanishes from the chart."""
    charts_by_key = {chart.key: chart for chart in draw_charts(facts, read_public_files(public))}
    durations = charts_by_key["durations"]
    assert ("48 hours or more", "[c]") in durations.rows
    assert "48 hours or more: hidden" in durations.svg
    assert durations.svg.count(">hidden</text>") == 1
    assert "Under 8 hours: 100" in durations.svg
    assert set(charts_by_key) == {"children", "sources", "durations", "reasons"}
    assert "Inner London" not in charts_by_key["sources"].svg


def test_shares_are_drawn_to_one_length_and_their_rounding_is_said(
    public: Path, facts: ReleaseFacts, done: Confidentiality
) -> None:
    """Prevents bars of 100.6 % that run past the axis, and an area that silently has no bar."""
    files = read_public_files(public)
    agreement = files["agreement_by_area"]
    shares = {"Both sources": "40.3", "Police only": "40.3", "Authority only": "20.0"}
    rows = [
        {**row, "episode_percent": shares.get(row["source_status"], row["episode_percent"])}
        if row["geographic_level"] == "National"
        else {**row, "episode_percent": "c"}
        for row in agreement.rows
    ]
    files["agreement_by_area"] = replace(agreement, rows=tuple(rows))
    (sources,) = [chart for chart in draw_charts(facts, files) if chart.key == "sources"]
    assert "may not add to 100% because of rounding" in sources.note
    assert "England, Both sources: 40.3%" in sources.svg
    regions = len({row[0] for row in sources.rows}) - 1
    assert regions > 1
    assert sources.svg.count(">hidden</text>") == regions
    ends = [
        float(start) + float(width)
        for start, width in re.findall(
            r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', sources.svg
        )
    ]
    (axis_end,) = re.findall(r'<text x="([\d.]+)" [^>]*>100%</text>', sources.svg)
    assert max(ends) == pytest.approx(float(axis_end), abs=0.15)
    write_documents(facts, QualityFacts(), done, public)
    assert sources.note in (public / "index.html").read_text()


@pytest.mark.parametrize(
    ("addition", "problem"),
    [
        ('<a href="guidance.txt">x</a>', "index.html links to guidance.txt, which is not there"),
        ('<a href="https://example.org">x</a>', "index.html links to something outside"),
        ('<img src="//example.org/a.png">', "index.html links to something outside"),
        ('<a href="#nothing">x</a>', "index.html has a link to #nothing, which is not there"),
        ("<script>1</script>", "index.html has a script, or loads a resource"),
        ("<style>@import 'a'</style>", "index.html has a script, or loads a resource"),
    ],
)
def test_a_page_that_loads_or_links_wrongly_is_found(
    public: Path,
    facts: ReleaseFacts,
    done: Confidentiality,
    addition: str,
    problem: str,
) -> None:
    """Prevents a page that needs a network, a script, or a file that is not released."""
    page = public / "index.html"
    page.write_text(page.read_text().replace("</main>", f"{addition}</main>"))
    problems = find_document_problems(facts, QualityFacts(), done, public)
    assert any(text.startswith(problem) for text in problems)


def test_a_missing_document_is_found(
    public: Path, facts: ReleaseFacts, quality: QualityFacts, done: Confidentiality
) -> None:
    """Prevents a release without its quality page or spreadsheet."""
    (public / "quality.html").unlink()
    for name in SPREADSHEETS:
        (public / name).unlink()
    problems = find_document_problems(facts, quality, done, public)
    assert "quality.html is missing" in problems
    for name in SPREADSHEETS:
        assert f"{name} is missing" in problems


def test_a_missing_data_file_is_named(public: Path) -> None:
    """Prevents documents of a release that lacks a table."""
    (public / "data" / f"{DURATIONS}.csv").unlink()
    with pytest.raises(PublicFileError, match=r"episodes_by_duration.csv is missing"):
        read_public_files(public)


def test_the_registers_own_counts_are_not_read_for_documents(tmp_path: Path) -> None:
    """Prevents a count that nothing protects from lying where documents are written from."""
    path = tmp_path / "national_register.duckdb"
    _write_marts(path, 13)
    quality = read_quality_facts(path)
    assert [(one.measure_code, one.published) for one in quality.department] == [
        ("missing_children", 50.0),
        ("missing_incidents", 40.0),
    ]
    assert "13" not in str(quality.department)


def test_only_certain_or_announced_changes_name_a_body(tmp_path: Path) -> None:
    """Prevents a body from being named in public for what chance does to its counts."""
    path = tmp_path / "national_register.duckdb"
    _write_marts(path, 50)
    quality = read_quality_facts(path)
    assert [
        (change.body, change.month, change.direction, change.is_announced, change.is_brief)
        for change in quality.breaks
    ] == [
        ("301", date(2025, 10, 1), "down", False, True),
        ("301", date(2025, 9, 1), "up", False, False),
        ("303", date(2024, 9, 1), "down", True, False),
    ]


def _write_marts(path: Path, children: int) -> None:
    """A published file with the columns that quality facts are read from."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"""
            create schema agreement;
            create schema bi;
            create table bi.areas as
                select
                    'nation' as area_level_code, 'E92000001' as area_code,
                    'England' as area_name;
            create table agreement.agg_reconciliation_by_area_year as
                select * from (values
                    ('nation', 'E92000001', '2025-26', 'missing_children', 'missing', 'count',
                        50.0, {children}.0, 'unexplained'),
                    ('nation', 'E92000001', '2025-26', 'missing_incidents', 'missing', 'count',
                        40.0, 41.0, null),
                    ('nation', 'E92000001', '2025-26', 'missing_incidents_per_child', 'missing',
                        'mean', 1.2, 1.3, 'unexplained'),
                    ('authority', '301', '2025-26', 'missing_children', 'missing', 'count',
                        12.0, 13.0, 'unexplained')
                ) as figures(
                    area_level_code, area_code, collection_year, measure_code, category_code,
                    statistic_code, published_figure, register_figure, reason_code
                );
            create table agreement.agg_recording_breaks_by_supplier as
                select * from (values
                    ('301', 'every', date '2025-09-01', true, false, 1.5, null),
                    ('301', 'brief', date '2025-10-01', true, false, 0.5, null),
                    ('301', 'missing', date '2025-05-01', false, false, 0.7, null),
                    ('302', 'every', date '2025-09-01', false, true, 1.0, null),
                    ('303', 'every', date '2024-09-01', false, true, 0.4, 'threshold'),
                    ('303', 'brief', date '2024-09-01', false, true, 0.4, 'threshold')
                ) as breaks(
                    supplier_code, category_code, break_month, is_certain_step, is_announced,
                    level_ratio, change_code
                ) cross join (values ('authority_extract')) as feeds(feed);
        """)


def _names(data_set: DataSet) -> list[str]:
    """The filters and indicators of a file, in the order of its columns."""
    filters = [one.name for one in data_set.filters]
    return [*filters, *(one.name for one in data_set.indicators)]


def _as_text(value: object) -> str:
    text = str(value)
    return text[1:-1] if text.startswith("[") else text
