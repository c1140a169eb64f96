"""Reviewers' decisions and judgements: appending them to their files, and reading the files.

A *decision* changes the register from the next load on; it is a row of `links.csv`. A *judgement*
is one reviewer's opinion and changes nothing; it is a row of `reviews.csv`. No row is ever edited:
a void decision takes back an earlier one. The warehouse chooses which decisions a load follows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from register.approvals import ApprovalError, require_approval
from register.choices import Decision, ReasonCode
from register.decision_files import append_decisions, find_decision_file_fault, hold_decisions
from register.feeds import format_instant
from register.review.consequences import Keys, forecast_split, refuse_impossible
from register.review.pairs import CaseLists, ReviewError
from register.settings import Settings

LINKS, REVIEWS = "links.csv", "reviews.csv"
Judgement = Literal["same", "different", "unsure"]
Purpose = Literal["decision", "blind", "double", "sample"]
VOID = "void"
# Two people undo a merge if as many records leave the child besides the two that are named.
MANY_RECORDS = 10
JUDGEMENT_OF: dict[Decision, Judgement] = {
    "link": "same",
    "never_link": "different",
    "split": "different",
}


@dataclass(frozen=True)
class RecordedDecision:
    """One row of `links.csv`, with its two keys in order."""

    decided_at: str
    decided_by: str
    decision: str
    left_mention_key: str
    right_mention_key: str
    reason: str
    expires_on: str
    reason_code: str


@dataclass(frozen=True)
class RecordedJudgement:
    """One row of `reviews.csv`, with its two keys in order."""

    reviewed_at: str
    reviewed_by: str
    left_mention_key: str
    right_mention_key: str
    judgement: str
    is_blind: bool
    purpose: str

    @property
    def pair_keys(self) -> Keys:
        """The keys of the pair that was judged."""
        return self.left_mention_key, self.right_mention_key


def record_decision(  # noqa: PLR0913 - a decision has a name, a subject and a reason
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

    Raises `ReviewError` and writes nothing in five cases:

    - the two mentions are the same
    - a name or reason is missing
    - the expiry has passed
    - no load could carry out the decision
    - many records would leave a child, and no second person has approved it
    """
    by, reason = _require_name_and_reason(by, reason)
    if expires_on is not None and expires_on < datetime.now(UTC).date():
        raise ReviewError("a decision cannot expire before it is taken")
    left, right = _order_keys(keys)
    expiry = expires_on.isoformat() if expires_on else ""
    with hold_decisions(settings):
        refuse_impossible(case_lists, decisions_in_force(settings), (left, right), decision)
        if decision != "link":
            _require_second_person(settings, case_lists, (left, right))
        append_rows(
            settings,
            LINKS,
            [[_format_now(), by, decision, left, right, reason, expiry, reason_code]],
        )
        record_judgement(
            settings, keys, JUDGEMENT_OF[decision], by=by, is_blind=False, purpose="decision"
        )


def take_back_decision(  # noqa: PLR0913 - a decision has a name, a subject and a reason
    settings: Settings,
    *,
    by: str,
    reason: str,
    reason_code: ReasonCode = "decided_in_error",
    keys: Keys | None = None,
    case_lists: CaseLists | None = None,
) -> RecordedDecision:
    """Take back the last decision, or the last about a pair, by appending a void decision.

    Returns the decision that was taken back. Raises `ReviewError` if there is none, or if a name or
    reason is missing. With `case_lists`, also raises it if many records would leave a child, and no
    second person has approved it.
    """
    by, reason = _require_name_and_reason(by, reason)
    pair_keys = None if keys is None else _order_keys(keys)
    with hold_decisions(settings):
        rows = [row for pair, row in _read_unvoided(settings).items() if pair_keys in (None, pair)]
        if not rows:
            raise ReviewError("there is no decision to take back")
        last = rows[-1]
        ends = (last.left_mention_key, last.right_mention_key)
        if last.decision == "link" and case_lists is not None:
            _require_second_person(settings, case_lists, ends)
        append_rows(settings, LINKS, [[_format_now(), by, VOID, *ends, reason, "", reason_code]])
    return last


def _require_second_person(settings: Settings, case_lists: CaseLists, keys: Keys) -> None:
    """Raise `ReviewError` if many records would leave a child, and nobody else approved it."""
    forecast = forecast_split(case_lists, decisions_in_force(settings), keys)
    if forecast is None or len(forecast.list_leaving(keys)) < MANY_RECORDS:
        return
    try:
        require_approval(settings, "undo_merge", keys)
    except ApprovalError as error:
        raise ReviewError(str(error)) from None


def record_judgement(  # noqa: PLR0913 - a judgement has a name, a subject and a purpose
    settings: Settings,
    keys: Keys,
    judgement: Judgement,
    *,
    by: str,
    is_blind: bool,
    purpose: Purpose,
) -> None:
    """Append one reviewer's judgement about two mentions. A judgement changes no link.

    Raises `ReviewError` if the reviewer's name is missing.
    """
    if not by.strip():
        raise ReviewError("a judgement needs the name of who judges")
    left, right = _order_keys(keys)
    blind = "true" if is_blind else "false"
    append_rows(
        settings, REVIEWS, [[_format_now(), by.strip(), left, right, judgement, blind, purpose]]
    )


def read_decisions(settings: Settings) -> list[RecordedDecision]:
    """Return every decision about mentions, in order."""
    return [
        RecordedDecision(**{**row, **_keys_of(row)})
        for row in _read_rows(settings.decisions / LINKS)
    ]


def decisions_in_force(settings: Settings) -> dict[Keys, str]:
    """Return the last decision on each pair, unless it is void or has expired."""
    today = datetime.now(UTC).date().isoformat()
    return {
        pair: row.decision
        for pair, row in _read_unvoided(settings).items()
        if not row.expires_on or row.expires_on >= today
    }


def read_judgements(settings: Settings) -> list[RecordedJudgement]:
    """Return every judgement, in order."""
    return [
        RecordedJudgement(
            reviewed_at=row["reviewed_at"],
            reviewed_by=row["reviewed_by"],
            judgement=row["judgement"],
            is_blind=row["is_blind"] == "true",
            purpose=row["purpose"],
            **_keys_of(row),
        )
        for row in _read_rows(settings.decisions / REVIEWS)
    ]


def first_judgements(
    judgements: Iterable[RecordedJudgement],
) -> dict[Keys, dict[str, RecordedJudgement]]:
    """Return the first judgement of each reviewer about each pair, in the order of judgements."""
    by_pair: dict[Keys, dict[str, RecordedJudgement]] = {}
    for each in judgements:
        by_pair.setdefault(each.pair_keys, {}).setdefault(each.reviewed_by, each)
    return by_pair


def append_rows(settings: Settings, name: str, rows: list[list[str]]) -> None:
    """Append rows to a file of decisions. Raises `ReviewError` if the file does not allow it."""
    append_decisions(settings, name, rows, ReviewError)


def _read_unvoided(settings: Settings) -> dict[Keys, RecordedDecision]:
    """Return the last decision on each pair in order of time, unless it is void."""
    unvoided: dict[Keys, RecordedDecision] = {}
    for row in read_decisions(settings):
        pair = (row.left_mention_key, row.right_mention_key)
        unvoided.pop(pair, None)
        if row.decision != VOID:
            unvoided[pair] = row
    return unvoided


def _read_rows(path: Path) -> list[dict[str, str]]:
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


def _order_keys(keys: Keys) -> Keys:
    left, right = sorted(keys)
    if left == right:
        raise ReviewError("a mention is not compared with itself")
    return left, right


def _require_name_and_reason(by: str, reason: str) -> Keys:
    """Return name and reason without line breaks. Raises `ReviewError` if one is missing."""
    if not by.strip() or not reason.strip():
        raise ReviewError("a decision needs a name and a reason")
    return " ".join(by.split()), " ".join(reason.split())


def _format_now() -> str:
    return format_instant(datetime.now(UTC))
