"""Decisions and judgements of reviewers: what is appended, and what was appended before.

A *decision* changes the register from the next load on and lies in `links.csv`. A *judgement* says
what one reviewer thinks and changes nothing; it lies in `reviews.csv`. Nothing is ever edited: a
decision is taken back by one that is void. Which decisions are in force is the warehouse's matter.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from register.choices import Decision, ReasonCode
from register.decision_files import append_decisions, find_decision_file_fault, hold_decisions
from register.feeds import format_instant
from register.review.consequences import Keys, refuse_impossible
from register.review.pairs import CaseLists, ReviewError
from register.settings import Settings

LINKS, REVIEWS = "links.csv", "reviews.csv"
Judgement = Literal["same", "different", "unsure"]
Purpose = Literal["decision", "blind", "double", "sample"]
VOID = "void"
JUDGEMENT_OF: dict[Decision, Judgement] = {
    "link": "same",
    "never_link": "different",
    "split": "different",
}


@dataclass(frozen=True)
class TakenDecision:
    """One row of `links.csv`, its keys in order."""

    decided_at: str
    decided_by: str
    decision: str
    left_mention_key: str
    right_mention_key: str
    reason: str
    expires_on: str
    reason_code: str


@dataclass(frozen=True)
class TakenJudgement:
    """One row of `reviews.csv`, its keys in order."""

    reviewed_at: str
    reviewed_by: str
    left_mention_key: str
    right_mention_key: str
    judgement: str
    is_blind: bool
    purpose: str

    @property
    def keys(self) -> Keys:
        """The pair that was judged."""
        return self.left_mention_key, self.right_mention_key


def decide(  # noqa: PLR0913 - a decision has a name, a subject and a reason
    settings: Settings,
    case_lists: CaseLists,
    keys: Keys,
    decision: Decision,
    *,
    by: str,
    reason: str,
    reason_code: ReasonCode = "other",
    expires_on: date | None = None,
) -> None:
    """Append a decision about two mentions, and the judgement that it implies.

    Raises `ReviewError`, and writes nothing, for a mention with itself, a missing name or reason,
    an expiry that has passed, or a decision that no load could carry out.
    """
    by, reason = _one_line_each(by, reason)
    if expires_on is not None and expires_on < datetime.now(UTC).date():
        raise ReviewError("a decision cannot expire before it is taken")
    left, right = _ordered(keys)
    expiry = expires_on.isoformat() if expires_on else ""
    with hold_decisions(settings):
        refuse_impossible(case_lists, decisions_in_force(settings), (left, right), decision)
        append(settings, LINKS, [[_now(), by, decision, left, right, reason, expiry, reason_code]])
        judge(settings, keys, JUDGEMENT_OF[decision], by=by, is_blind=False, purpose="decision")


def undo(
    settings: Settings,
    *,
    by: str,
    reason: str,
    reason_code: ReasonCode = "decided_in_error",
    keys: Keys | None = None,
) -> TakenDecision:
    """Take back the last decision, or the last about a pair, by appending a void one.

    Returns the decision that is void now. Raises `ReviewError` where there is none.
    """
    by, reason = _one_line_each(by, reason)
    wanted = None if keys is None else _ordered(keys)
    with hold_decisions(settings):
        found = [row for pair, row in _standing(settings).items() if wanted in (None, pair)]
        if not found:
            raise ReviewError("there is no decision to take back")
        last = found[-1]
        ends = [last.left_mention_key, last.right_mention_key]
        append(settings, LINKS, [[_now(), by, VOID, *ends, reason, "", reason_code]])
    return last


def judge(  # noqa: PLR0913 - a judgement has a name, a subject and a purpose
    settings: Settings,
    keys: Keys,
    judgement: Judgement,
    *,
    by: str,
    is_blind: bool,
    purpose: Purpose,
) -> None:
    """Append what one reviewer thinks of two mentions. It changes no link."""
    if not by.strip():
        raise ReviewError("a judgement needs the name of who judges")
    left, right = _ordered(keys)
    blind = "true" if is_blind else "false"
    append(settings, REVIEWS, [[_now(), by.strip(), left, right, judgement, blind, purpose]])


def read_decisions(settings: Settings) -> list[TakenDecision]:
    """Every decision ever taken about mentions, in order."""
    return [TakenDecision(**{**row, **_keys_of(row)}) for row in _read(settings.decisions / LINKS)]


def decisions_in_force(settings: Settings) -> dict[Keys, str]:
    """The last decision on each pair, unless it is void or has expired by today."""
    today = datetime.now(UTC).date().isoformat()
    return {
        pair: row.decision
        for pair, row in _standing(settings).items()
        if not row.expires_on or row.expires_on >= today
    }


def read_judgements(settings: Settings) -> list[TakenJudgement]:
    """Every judgement ever given, in order."""
    return [
        TakenJudgement(
            reviewed_at=row["reviewed_at"],
            reviewed_by=row["reviewed_by"],
            judgement=row["judgement"],
            is_blind=row["is_blind"] == "true",
            purpose=row["purpose"],
            **_keys_of(row),
        )
        for row in _read(settings.decisions / REVIEWS)
    ]


def first_judgements(
    judgements: Iterable[TakenJudgement],
) -> dict[Keys, dict[str, TakenJudgement]]:
    """What each reviewer first thought of each pair, reviewers in the order in which they began."""
    found: dict[Keys, dict[str, TakenJudgement]] = {}
    for each in judgements:
        found.setdefault(each.keys, {}).setdefault(each.reviewed_by, each)
    return found


def append(settings: Settings, name: str, rows: list[list[str]]) -> None:
    """Append rows to a file of decisions; refuses one that is not as it should be."""
    append_decisions(settings, name, rows, ReviewError)


def _standing(settings: Settings) -> dict[Keys, TakenDecision]:
    """The last decision on each pair that is not void, in the order in which they were taken."""
    standing: dict[Keys, TakenDecision] = {}
    for row in read_decisions(settings):
        pair = (row.left_mention_key, row.right_mention_key)
        standing.pop(pair, None)
        if row.decision != VOID:
            standing[pair] = row
    return standing


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    fault = find_decision_file_fault(path)
    if fault is not None:
        raise ReviewError(fault)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _keys_of(row: dict[str, str]) -> dict[str, str]:
    left, right = sorted((row["left_mention_key"], row["right_mention_key"]))
    return {"left_mention_key": left, "right_mention_key": right}


def _ordered(keys: Keys) -> Keys:
    left, right = sorted(keys)
    if left == right:
        raise ReviewError("a mention is not compared with itself")
    return left, right


def _one_line_each(by: str, reason: str) -> Keys:
    """Name and reason without line breaks."""
    if not by.strip() or not reason.strip():
        raise ReviewError("a decision needs a name and a reason")
    return " ".join(by.split()), " ".join(reason.split())


def _now() -> str:
    return format_instant(datetime.now(UTC))
