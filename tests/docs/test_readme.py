"""The README is short, and its figures agree with each other; a drill compares them with a load."""

from __future__ import annotations

import re

from tests.docs.readme import PAGE, read_printed

LINES_AT_MOST = 150


def test_the_readme_is_short_and_has_three_pictures() -> None:
    """Prevents a first page that nobody reads to its end."""
    text = PAGE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES_AT_MOST
    assert len(re.findall(r"^!\[", text, re.MULTILINE)) == 3


def test_the_figures_of_the_readme_agree() -> None:
    """Prevents a summary and a query that were printed of two different loads."""
    printed = read_printed(PAGE.read_text(encoding="utf-8"))
    counts = printed.counts()
    assert len(counts) == len(printed.summary)
    rows = [[cell.strip() for cell in line.split("│")] for line in printed.answer.splitlines()[2:]]
    assert sum(int(row[2]) for row in rows) == counts["Episodes"]
    both = sum(int(row[2]) for row in rows if row[1] == "both")
    assert both == counts["Episodes known to both sources"]
    assert counts["Reports"] > counts["Episodes"] > counts["Children"]
