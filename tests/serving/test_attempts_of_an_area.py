"""A hundred attempts of a member of one area to read rows, keys or counts of another area."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from tests.serving.test_postgres_roles import (
    LEAK,
    Served,
    collect_messages,
    served,
)

__all__ = ["served"]
# Foreign keys, and the numbers of the nation's rows: of episodes, and of episodes that are not own.
FOREIGN = re.compile(
    r"\b(E3|C3|R3|R6|P3|M2|M3|M4|B2|D2|I1|F\d+|300[0-4]|601\d|120160)\b|division by zero"
)
TEXT = Path(__file__).with_name("attempts_of_an_area.txt").read_text(encoding="utf-8")
# The first part says what the file is. Each kind begins with a line of its own.
KINDS = {
    kind: [part.splitlines() for part in parts]
    for kind, *parts in (each.strip().split("\n\n") for each in TEXT.split("\n\n-- ")[1:])
}


def test_there_are_a_hundred_different_attempts() -> None:
    """Prevents a list of attempts that is cut without anybody noticing."""
    assert len({tuple(each) for attempts in KINDS.values() for each in attempts}) >= 150


@pytest.mark.parametrize("kind", KINDS)
def test_no_attempt_of_an_area_tells_of_another(served: Served, kind: str) -> None:
    """Prevents rows, keys and counts of one area from being read by a member of another."""
    telling = []
    dsn = served.dsn("leeds", "register_area")
    for statements in KINDS[kind]:
        # A session for each attempt, so that none ends or changes another.
        with psycopg.connect(dsn, autocommit=True) as session:
            session.execute("set statement_timeout = '10s'")
            session.execute(LEAK)
            answer = [collect_messages(session, each) for each in statements][-1]
        # An error quotes the statement, which may name what it asked for.
        answer = answer.split("LINE 1:")[0].replace(statements[-1], "")
        if FOREIGN.search(answer):
            telling.append((statements, answer))
    assert telling == []
