"""Decisions: the append-only file, read as it stood at a moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from register.identity.decisions import DecisionError, read_link_decisions

HEADER = "decided_at,decided_by,decision,left_mention_key,right_mention_key,reason,expires_on\n"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def decisions_of(tmp_path, *lines, known_at=NOW):
    """Read the lines as the decisions file."""
    path = tmp_path / "links.csv"
    path.write_text(HEADER + "".join(line + "\n" for line in lines), encoding="utf-8")
    rows = read_link_decisions(path, known_at).to_pylist()
    return [(row["decision"], row["left_mention_key"]) for row in rows]


def test_the_latest_decision_about_a_pair_counts_in_either_direction(tmp_path):
    """A decision that was taken back still works."""
    found = decisions_of(
        tmp_path,
        "2026-05-01T10:00:00Z,ann,link,m1,m2,same school,",
        "2026-05-02T10:00:00Z,ben,never_link,m2,m1,two photographs,",
    )
    assert found == [("never_link", "m2")]


def test_a_decision_taken_later_was_not_known_then(tmp_path):
    """A register rebuilt as known at a date knows what people decided after it."""
    line = "2026-05-02T10:00:00Z,ben,never_link,m2,m1,two photographs,"
    assert decisions_of(tmp_path, line, known_at=datetime(2026, 5, 2, 9, tzinfo=UTC)) == []


def test_an_expired_decision_leaves_the_pair_undecided(tmp_path):
    """A decision for a month works for ever."""
    line = "2026-05-02T10:00:00Z,ben,never_link,m2,m1,until the photograph comes,2026-05-31"
    assert decisions_of(tmp_path, line) == []
    assert decisions_of(tmp_path, line, known_at=datetime(2026, 5, 31, tzinfo=UTC)) != []


@pytest.mark.parametrize(
    "line",
    ["2026-05-02,ben,perhaps,m2,m1,,", "soon,ben,link,m2,m1,,", "2026-05-02,b,link,m2,m1,,later"],
)
def test_a_line_that_cannot_be_understood_is_named(tmp_path, line):
    """A misspelt decision is ignored and nobody hears of it."""
    with pytest.raises(DecisionError, match=r"links\.csv, line 2"):
        decisions_of(tmp_path, line)
