"""Decisions and judgements are appended, never edited, and taken back by a void one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from register.review.decisions import (
    append_rows,
    first_judgements,
    read_decisions,
    read_judgements,
    record_decision,
    record_judgement,
    take_back_decision,
)
from register.review.pairs import CaseLists, ReviewError
from register.settings import Settings
from tests.review.cases import record_key

PAIR = (record_key("2"), record_key("1"))


def test_a_decision_is_appended_with_who_why_and_until_when(
    settings: Settings, case_lists: CaseLists
) -> None:
    """Prevents a decision without an author, or without an end although it should have one."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    record_decision(
        settings,
        case_lists,
        PAIR,
        "never_link",
        by="A. Person",
        reason="Two\ncousins",
        expires_on=tomorrow,
    )
    (decision,) = read_decisions(settings)
    assert (decision.left_mention_key, decision.right_mention_key) == (
        record_key("1"),
        record_key("2"),
    )
    assert (decision.decision, decision.decided_by) == ("never_link", "A. Person")
    assert (decision.reason, decision.expires_on) == ("Two cousins", tomorrow.isoformat())
    (judged,) = read_judgements(settings)
    assert (judged.judgement, judged.is_blind, judged.purpose) == ("different", False, "decision")


def test_what_was_written_before_is_never_touched(
    settings: Settings, case_lists: CaseLists
) -> None:
    """Prevents history from being rewritten: every file only ever grows at its end."""
    contents = {"links.csv": b"", "reviews.csv": b""}
    for step in range(3):
        record_decision(
            settings,
            case_lists,
            PAIR,
            "link" if step else "split",
            by="A. Person",
            reason=f"Reason {step}",
        )
        if step == 1:
            take_back_decision(settings, by="B. Person", reason="Too soon")
        for name, before in contents.items():
            now = (settings.decisions / name).read_bytes()
            assert now.startswith(before)
            assert len(now) > len(before)
            contents[name] = now
    assert [row.decision for row in read_decisions(settings)] == ["split", "link", "void", "link"]


def test_undo_takes_back_the_last_decision_in_force(
    settings: Settings, case_lists: CaseLists
) -> None:
    """Prevents an undo that undoes itself, or takes back a decision on another pair."""
    other = (record_key("3"), record_key("4"))
    record_decision(settings, case_lists, PAIR, "link", by="A. Person", reason="Same")
    record_decision(settings, case_lists, other, "link", by="A. Person", reason="Same")
    assert take_back_decision(
        settings, by="A. Person", reason="Wrong", keys=PAIR
    ).left_mention_key == record_key("1")
    assert take_back_decision(
        settings, by="A. Person", reason="Wrong"
    ).left_mention_key == record_key("3")
    with pytest.raises(ReviewError, match="no decision to take back"):
        take_back_decision(settings, by="A. Person", reason="Wrong")


@pytest.mark.parametrize(
    ("keys", "details"),
    [
        (PAIR, {"by": " ", "reason": "Same"}),
        (PAIR, {"by": "A. Person", "reason": "\n"}),
        ((record_key("1"), record_key("1")), {"by": "A. Person", "reason": "Same"}),
        (PAIR, {"by": "A. Person", "reason": "Same", "expires_on": date(2020, 1, 1)}),
    ],
)
def test_a_decision_that_says_too_little_is_refused(
    settings: Settings, case_lists: CaseLists, keys: tuple[str, str], details: dict[str, Any]
) -> None:
    """Prevents decisions without an author or a reason, about nothing, or past already."""
    with pytest.raises(ReviewError):
        record_decision(settings, case_lists, keys, "link", **details)
    assert read_decisions(settings) == []


def test_a_file_with_other_columns_is_not_written(settings: Settings) -> None:
    """Prevents a decision from landing in the wrong column of a file that somebody edited."""
    (settings.decisions / "links.csv").write_text("decision,reason\n", encoding="utf-8")
    with pytest.raises(ReviewError, match=r"links\.csv does not have the columns"):
        append_rows(settings, "links.csv", [["link", "x"]])


def test_the_first_thought_of_each_reviewer_is_kept_apart(settings: Settings) -> None:
    """Prevents a second thought from hiding that two people disagreed at first."""
    for by, judgement in (("A", "same"), ("B", "different"), ("B", "same")):
        record_judgement(settings, PAIR, judgement, by=by, is_blind=True, purpose="double")  # type: ignore[arg-type]
    (by_reviewer,) = first_judgements(read_judgements(settings)).values()
    assert {by: each.judgement for by, each in by_reviewer.items()} == {
        "A": "same",
        "B": "different",
    }
