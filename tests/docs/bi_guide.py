"""The analysts' guide as it is written, and what its queries answer.

`python -m tests.docs.bi_guide HOME` puts the answers of the current generation of a home into the
page. A home of the demonstration is meant: the page says so.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from register.access import COARSE_FORM
from register.publishing import current_generation
from register.settings import PROJECT_ROOT, load_settings

PAGE = PROJECT_ROOT / "docs" / "how-to" / "bi-guide.md"
QUESTION = re.compile(
    r"^### (?P<title>\d+\. .+?)\n.*?^```sql\n(?P<sql>.*?)^```\n\n^```\n(?P<answer>.*?)^```\n",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Question:
    """A question of the page, its query, and the answer as the page prints it."""

    title: str
    sql: str
    answer: str


def read_questions(text: str) -> list[Question]:
    """The questions of a page, in order."""
    return [Question(**found.groupdict()) for found in QUESTION.finditer(text)]


def printed(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """What a query answers, as the page prints it: a heading, a rule and a line for each row."""
    rows = connection.execute(sql).fetchall()
    names = [column[0] for column in connection.description or ()]
    cells = [["" if cell is None else _text(cell) for cell in row] for row in rows]
    numeric = [
        all(isinstance(row[place], int | float) or row[place] is None for row in rows)
        for place in range(len(names))
    ]
    widths = [max(len(line[place]) for line in [names, *cells]) for place in range(len(names))]
    lines = [_line(names, widths, numeric), "─┼─".join("─" * width for width in widths)]
    lines += [_line(row, widths, numeric) for row in cells]
    return "".join(f"{line}\n" for line in lines)


def headings(answer: str) -> list[str]:
    """The columns of a printed answer."""
    return [name.strip() for name in answer.splitlines()[0].split("│")]


def with_answers(text: str, connection: duckdb.DuckDBPyConnection) -> str:
    """A page with the answers that its queries give."""

    def answered(found: re.Match[str]) -> str:
        start, end = found.span("answer")
        whole, base = found.group(0), found.start()
        answer = printed(connection, found["sql"])
        return whole[: start - base] + answer + whole[end - base :]

    return QUESTION.sub(answered, text)


def _text(cell: Any) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    placed = [
        cell.rjust(width) if is_number else cell.ljust(width)
        for cell, width, is_number in zip(cells, widths, numeric, strict=True)
    ]
    return " │ ".join(placed).rstrip()


def main(home: str) -> None:
    """Write the answers of a home's current generation into the page."""
    settings = load_settings({"REGISTER_HOME": home})
    generation = current_generation(settings)
    if generation is None:
        sys.exit("nothing is published in that home")
    with duckdb.connect(str(generation.folder / COARSE_FORM), read_only=True) as connection:
        text = with_answers(PAGE.read_text(encoding="utf-8"), connection)
    Path(PAGE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
