"""Recognition of a file's heading: the first line, or a line below a title that a person added.

A line is the heading if it contains enough of the names of the table's columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from register.feeds.texts import clean_text

# The number of lines searched for the heading. A title, a date and blank lines may stand above it.
SEARCHED_LINES = 20
# One matching name may be an ordinary word in a title, so a heading needs at least two.
MIN_MATCHES = 2


@dataclass(frozen=True)
class ExpectedHeadings:
    """The known and the required column names of a table, in lower case.

    `other_sheets` are the sheets of a workbook that have other tables of the layout.
    """

    known: frozenset[str] = field(default_factory=frozenset)
    required: frozenset[str] = field(default_factory=frozenset)
    other_sheets: frozenset[str] = field(default_factory=frozenset)

    def for_one_sheet(self, sheets: frozenset[str], own: str | None) -> ExpectedHeadings:
        """Return these headings for one of several sheets of a layout."""
        return replace(self, other_sheets=sheets - {own or ""})

    def matches(self, fields: Iterable[str]) -> bool:
        """Return whether a line has enough known names to be the heading.

        Enough are two, or half the number of required names if that is more.
        """
        names = {clean_text(text).casefold() for text in fields}
        match_count = len(names & self.known)
        min_count = max(min(MIN_MATCHES, len(self.known)), len(self.required) / 2)
        return bool(self.known) and match_count >= min_count

    def number_repeats(self, headings: Sequence[str]) -> list[str]:
        """Return headings in which repeated ones are numbered: Date, Date (2), Date (3).

        A heading stays as it is unless a numbered form of it is known.
        """
        counts: Counter[str] = Counter()
        numbered = []
        for heading in headings:
            name = heading.casefold()
            counts[name] += 1
            is_known = any(f"{name} ({number})" in self.known for number in range(2, 10))
            is_repeat = is_known and counts[name] > 1
            numbered.append(f"{heading} ({counts[name]})" if is_repeat else heading)
        return numbered

    def find_in(self, rows: Iterable[Sequence[str]]) -> int | None:
        """Return the position of the heading among the first rows, or None if there is none."""
        for place, row in zip(range(SEARCHED_LINES), rows, strict=False):
            if self.matches(row):
                return place
        return None
