"""The page that follows a row, with what its queries and commands print in a home.

`python -m tests.docs.followed_row HOME` puts the answers of a home of the demonstration into the
page. It decides on a pair, takes the decision back, and loads twice: give it a copy.
"""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path

import duckdb

from register.settings import PROJECT_ROOT
from tests.docs.page_reader import Reader

PAGE = PROJECT_ROOT / "docs" / "tutorial" / "follow-a-row.md"
BLOCK = re.compile(r"^```(sh|sql|)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
GENERATION = re.compile(r"\d{8}T\d{6}-\d{6}")
# The answer of a trace whose command stands further above.
TRACED = re.compile(r"episode (E\w+) in generation")


def mask_generations(text: str) -> str:
    """Return a text without the ids of generations, which differ in each home."""
    return GENERATION.sub("GENERATION", text)


def fill_in_answers(text: str, home: Path) -> str:
    """Run the page's commands and queries in order, and return the page with their answers."""
    reader, printed = Reader(home), ""

    def follow(found: re.Match[str]) -> str:
        nonlocal printed
        language, body = found.groups()
        if language == "sh":
            for command in body.splitlines():
                printed = reader.run(command)
        elif language == "sql":
            printed = _query(home, body)
        elif printed or TRACED.match(body):
            answer = printed or reader.run(f"register trace {TRACED.findall(body)[0]}")
            printed = ""
            lines = "".join(f"{line.rstrip()}\n" for line in answer.strip().splitlines())
            if mask_generations(lines) != mask_generations(body):
                return f"```\n{lines}```\n"
        return found[0]

    return BLOCK.sub(follow, text)


def _query(home: Path, sql: str) -> str:
    """Return the answer of a query in the page's form, read from the folder of the home."""
    published = home / "published" / "current" / "national_register.duckdb"
    warehouse = home / "warehouse" / "warehouse.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"set file_search_path = '{home}'")
        connection.execute(f"attach '{published}' as national_register (read_only)")
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        connection.execute("use national_register")
        found = connection.execute(sql)
        names = [column[0] for column in found.description]
        table = [names, *([_format(cell) for cell in row] for row in found.fetchall())]
    widths = [max(len(row[place]) for row in table) for place in range(len(names))]
    return "\n".join(
        " │ ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def _format(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, float):
        return f"{cell:.3f}".rstrip("0").rstrip(".")
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


if __name__ == "__main__":
    PAGE.write_text(
        fill_in_answers(PAGE.read_text(encoding="utf-8"), Path(sys.argv[1])), encoding="utf-8"
    )
