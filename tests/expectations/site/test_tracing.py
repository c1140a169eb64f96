"""Every figure of the site leads to its rows, and its rows to the lines of files."""

from __future__ import annotations

import shlex
from itertools import pairwise
from pathlib import Path

import duckdb

from expectations.published import REGISTER_FILE
from expectations.site.source_lines import ROWS_EACH
from register.publishing import current_generation, trace_figure
from register.settings import Settings
from tests.expectations.reading import Structure


def test_every_figure_names_a_mart_and_a_filter_that_find_rows(
    site: Path, read: dict[str, Structure], scratch_settings: Settings
) -> None:
    """Prevents a figure that cannot be followed back to its rows."""
    sources = 0
    folder = scratch_settings.published / "current"
    with duckdb.connect(str(folder / REGISTER_FILE), read_only=True) as connection:
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
    without = {"history.html", "method.html", "audit.html", "suites/index.html"}
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
        for page in read.values()
        for element in page.all("code")
        if element.text.startswith("register trace --mart ") and "…" not in element.text
    }
    assert len(commands) > 20
    for command in sorted(commands):
        _, _, _, mart, *where = shlex.split(command)
        found = trace_figure(generation, mart, where[1] if where else "true", 1)
        assert found.row_count >= 0


def test_rows_shown_are_those_that_the_command_lists_first(
    read: dict[str, Structure], scratch_settings: Settings
) -> None:
    """Prevents an auditor from being shown other lines than the command's."""
    generation = current_generation(scratch_settings)
    assert generation is not None
    where = (
        "is_police_expected and is_authority_expected and collection_year = '2025-26' "
        "and status = 'both'"
    )
    found = trace_figure(generation, "agreement.fct_agreement", where, ROWS_EACH)
    listed = [(line.file_name, str(line.row_number)) for row in found.rows for line in row.lines]
    tables = [item.text for item in read["rows/nation.html"].all("table")]
    (table,) = [text for text in tables if text.split(":")[0].strip() == "Known to both"]
    shown = [(name, row) for name, row in pairwise(table.split()) if name.endswith(".csv")]
    assert sorted(shown) == sorted(listed)
