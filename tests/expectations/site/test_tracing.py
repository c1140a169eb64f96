"""Every figure of the site leads to its rows, and its rows to the lines of files."""

from __future__ import annotations

import shlex
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from expectations.published_marts import CHILDREN_ALONE, REGISTER_FILE, Published
from interfaces.quality_site import rows_page, source_lines
from interfaces.quality_site.figures import EXPECTED_OF_BOTH
from register.access import COARSE_FORM
from register.publishing import current_generation, trace_figure
from register.settings import Settings
from tests.expectations.conftest import HASH
from tests.expectations.reading import Structure


def test_every_figure_names_a_mart_and_a_filter_that_find_rows(
    site: Path, read: dict[str, Structure], scratch_settings: Settings
) -> None:
    """Prevents a figure that cannot be followed back to its rows."""
    sources = 0
    folder = scratch_settings.published / "current"
    with duckdb.connect(str(folder / REGISTER_FILE), read_only=True) as connection:
        # The measuring step counts this table in both forms of the register.
        connection.execute(f"attach '{folder / COARSE_FORM}' as coarse (read_only)")
        connection.execute(f"create temp table children_alone as {CHILDREN_ALONE}")
        for name, page in read.items():
            codes = [
                element.text
                for element in page.all("code")
                if element.text.startswith("select ") and "read_parquet" not in element.text
            ]
            for query in codes:
                sources += 1
                assert connection.execute(query).description, (name, query)
    assert sources > 100
    without = {"history.html", "method.html", "audit.html", "suites/index.html", "rows/nation.html"}
    figures = [name for name in read if name not in without and not name.startswith("runs/")]
    for name in figures:
        assert any(item.attributes.get("class") == "source" for item in read[name].all("details"))


def test_every_command_of_a_figure_can_be_followed(
    read: dict[str, Structure], scratch_settings: Settings
) -> None:
    """Prevents a command under a figure that its own register refuses."""
    generation = current_generation(scratch_settings)
    assert generation is not None
    commands = {
        element.text
        for name, page in read.items()
        if not name.startswith("rows/") or name == "rows/213.html"
        for element in page.all("code")
        if element.text.startswith("register trace --mart ") and "…" not in element.text
    }
    assert len(commands) > 20
    for command in sorted(commands):
        _, _, _, mart, *where = shlex.split(command)
        result = trace_figure(generation, mart, where[1] if where else "true", 1)
        assert result.row_count >= 0


def test_every_row_of_a_figure_is_shown_with_its_lines(
    site: Path, read: dict[str, Structure], scratch_settings: Settings
) -> None:
    """Prevents an auditor from being shown a part of what a figure counts, or other lines."""
    generation = current_generation(scratch_settings)
    assert generation is not None
    page = read["rows/213.html"]
    (anchor,) = [item for item in page.all("h2") if item.attributes.get("id") == "both-both"]
    assert anchor.text == "Known to both"
    where = (
        "collection_year = '2025-26' and authority_code_dfe = '213' and status = 'both' "
        "and is_police_expected and is_authority_expected and reason_code is null"
    )
    result = trace_figure(generation, "agreement.fct_agreement", where, 1000)
    listed = [(line.file_name, f"{line.row_number:,}") for row in result.rows for line in row.lines]
    tables = [item.text for item in page.all("table")]
    (table,) = [text for text in tables if text.strip().startswith("Known to both: ")]
    assert f"Known to both: {result.row_count} absences" in table
    output = [(name, row) for name, row in pairwise(table.split()) if name.endswith(".csv")]
    assert result.row_count > 20
    assert sorted(output) == sorted(listed)


def test_a_larger_year_shows_a_part_of_every_figure_and_says_so(
    scratch_settings: Settings, later: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a site of gigabytes, and a part of the rows that passes for all."""
    monkeypatch.setattr(source_lines, "SITE_ABSENCES", 1)
    monkeypatch.setattr(source_lines, "MIN_AREA_ABSENCES", 3)
    generation = current_generation(scratch_settings)
    assert generation is not None
    with Published(generation.folder) as published:
        rows = source_lines.read_area_rows(published, "2025-26")
    output = {key: [len(item.absences) for item in stretches] for key, stretches in rows.items()}
    assert all(sum(counts) == 3 for counts in output.values())
    assert len(output["213"]) == 3 and min(output["213"]) >= 1
    assert sum(item.total for item in rows["213"]) == 40


def test_a_long_list_is_cut_into_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a row that no page shows where a figure goes on over several."""
    absences = tuple(source_lines.Absence(place, "2025-10", ()) for place in range(1, 8))
    stretch = source_lines.Stretch(True, "both", "", 7, EXPECTED_OF_BOTH, absences)
    other = source_lines.Stretch(True, "police_only", "D5", 2, EXPECTED_OF_BOTH, absences[:2])
    monkeypatch.setattr(rows_page, "PAGE_ABSENCES", 3)
    pages = rows_page.split_into_pages([stretch, other])
    assert [[len(rows) for _, rows in page] for page in pages] == [[3], [3], [1, 2]]
    assert [
        absence.place for page in pages for one, rows in page if one is stretch for absence in rows
    ] == [1, 2, 3, 4, 5, 6, 7]


def test_a_delivery_says_what_came_and_which_delivery_counts_now(
    read: dict[str, Structure],
) -> None:
    """Prevents a line at which an audit ends with nothing behind it."""
    page = read["deliveries/authority_extract-213-2025-Q4-cccccccccccc.html"]
    terms = [" ".join(item.text.split()) for item in page.all("dt", "dd")]
    facts = dict(zip(terms[::2], terms[1::2], strict=False))
    assert facts["Received"] == "2026-01-10 09:00 UTC"
    assert facts["Superseded by"] == "authority_extract-213-2026-Q1-999999999999"
    assert facts["Hash of the content (SHA-256)"] == HASH
    assert facts["Reports in the register"] == "30"
    rejected = read["deliveries/police_reports-E23000011-2025-11-ffffffffffff.html"]
    links = [item.attributes["href"] for item in rejected.all("a")]
    assert "../rules/malformed_xml.html" in links


def test_a_delivery_without_broken_lines_lists_none(read: dict[str, Structure]) -> None:
    """Prevents a page that has no broken line and names a command to list the broken lines."""
    pages = [page for path, page in read.items() if path.startswith("deliveries/")]
    texts = [" ".join("".join(item.text for item in page.all("main")).split()) for page in pages]
    faultless = [text for text in texts if "No line of this delivery breaks a rule." in text]
    assert faultless
    assert [text for text in faultless if "To list" in text] == []
    others = [text for text in texts if text not in faultless]
    assert others
    assert [text for text in others if "To list" not in text] == []


def test_a_rule_lists_the_lines_that_break_it(read: dict[str, Structure]) -> None:
    """Prevents a count of broken rules that nobody can follow to a line."""
    (table,) = [item.text for item in read["rules/567.html"].all("table")]
    assert "authority_return-213-2025-26-eeeeeeeeeeee missing.csv 7" in " ".join(table.split())
