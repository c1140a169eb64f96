"""The page of linkage measurements is what its benchmark writes from recorded figures."""

from __future__ import annotations

from benchmarks.linkage.write_page import FIGURES, PAGE, write_linkage_page
from benchmarks.measured_pages import markdown_table, read_figures
from tests.module_commands import unknown_words


def test_the_committed_page_is_what_the_benchmark_writes() -> None:
    """Prevents figures that were changed on the page and nowhere else, and a seed ahead of it."""
    assert PAGE.read_text(encoding="utf-8") == write_linkage_page(), (
        "write it again: `python -m benchmarks.linkage.write_page`"
    )


def test_every_table_says_on_what_it_was_measured() -> None:
    """Prevents figures that nobody can repeat, and rows that do not fit their columns."""
    tables = read_figures(FIGURES)["tables"]
    assert len(tables) > 5
    for table in tables:
        assert all(len(row) == len(table["columns"]) for row in table["rows"]), table["title"]
        # Of the population from outside there is no command, and its text says so.
        assert ("command" in table) == ("model" in table) == ("rules" in table), table["title"]
    commands = [table["command"] for table in tables if "command" in table]
    assert len(commands) == len(tables) - 1
    runs = [command for command in commands if command.startswith("python -m ")]
    assert {run: unknown_words(run) for run in runs if unknown_words(run)} == {}


def test_a_table_is_markdown() -> None:
    """Prevents a table that is drawn as text."""
    assert markdown_table(["a", "b"], [["1", "2"]]) == "| a | b |\n|---|---|\n| 1 | 2 |"
