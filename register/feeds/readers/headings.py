"""Which line of a file is its heading: the first one, or one below a title that a person added.

A line is the heading beyond doubt when it has the names of the table's columns. What the columns
mean does not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from register.feeds.texts import visible_text

# A title, a date of printing, a blank line: nobody puts more above a table.
SEARCHED = 20
# One name may be a word of a title.
FEWEST_FOUND = 2


@dataclass(frozen=True)
class ExpectedHeadings:
    """The names that a table's columns have, and those that it must have, in lower case."""

    known: frozenset[str] = field(default_factory=frozenset)
    required: frozenset[str] = field(default_factory=frozenset)

    def are_in(self, fields: Iterable[str]) -> bool:
        """Whether a line has at least half of the names that must be there."""
        names = {visible_text(text).casefold() for text in fields}
        found = len(names & self.known)
        least = max(min(FEWEST_FOUND, len(self.known)), len(self.required) / 2)
        return bool(self.known) and found >= least

    def place_in(self, rows: Iterable[Sequence[str]]) -> int | None:
        """The place of the heading among the first rows, or none."""
        for place, row in zip(range(SEARCHED), rows, strict=False):
            if self.are_in(row):
                return place
        return None
