"""What the README prints of a load and of a query, as its tests read it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from register.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "README.md"
LOAD = re.compile(r"ends with these lines\..*?^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
QUESTION = re.compile(r"^```sql\n(.*?)^```\n\n^```\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Printed:
    """The lines of the load's summary, and the query with its answer."""

    summary: tuple[str, ...]
    sql: str
    answer: str

    def count(self, title: str) -> int:
        """Return the count on the line of the summary that has this title."""
        matches = (re.fullmatch(rf"{title} ([\d,]+)(?: \(.*)?", line) for line in self.summary)
        [count] = [match[1] for match in matches if match]
        return int(count.replace(",", ""))


def read_printed(text: str) -> Printed:
    """Read the printed parts of the README."""
    load, question = LOAD.search(text), QUESTION.search(text)
    assert load
    assert question
    lines = tuple(" ".join(line.split()) for line in load[1].splitlines())
    return Printed(lines, question[1], question[2])
