"""Questions of the review list as the application shows them: claimed, decided, or open.

What is asked, and in which order, belongs to `register.review`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from interfaces.web.claims import Claim, read_claims
from interfaces.web.stale import mark_of
from register.feeds import format_instant
from register.review import (
    CaseLists,
    Mention,
    Pair,
    RecordedDecision,
    read_decisions,
)
from register.settings import Settings

VOID = "void"


@dataclass(frozen=True)
class Question:
    """One pair of the list, who is on it, and what was decided about its children since."""

    pair: Pair
    claim: Claim | None
    decided: RecordedDecision | None


def keys_of_pair(pair: Pair) -> tuple[str, str]:
    """The keys of a pair, the lower first."""
    left, right = sorted((pair.left_mention_key, pair.right_mention_key))
    return left, right


def decided_since(settings: Settings, generation_id: str) -> list[RecordedDecision]:
    """The last decision on each pair since a generation's build began, void ones left out.

    A decision that was taken while the build ran may be in the generation already.
    """
    began = format_instant(datetime.strptime(f"{generation_id[:15]}+0000", "%Y%m%dT%H%M%S%z"))
    last: dict[tuple[str, str], RecordedDecision] = {}
    for row in read_decisions(settings):
        if row.decided_at >= began:
            pair = (row.left_mention_key, row.right_mention_key)
            last.pop(pair, None)
            last[pair] = row
    return [row for row in last.values() if row.decision != VOID]


def questions(settings: Settings, case_lists: CaseLists, cause: str | None) -> list[Question]:
    """The questions of the list, the most valuable decision first; answered ones come last."""
    claims = read_claims(settings)
    decided: dict[frozenset[str], RecordedDecision] = {}
    for row in decided_since(settings, case_lists.generation_id):
        ends = case_lists.mentions_of([row.left_mention_key, row.right_mention_key])
        decided[frozenset((row.left_mention_key, row.right_mention_key))] = row
        decided[frozenset(end.child_id_register for end in ends)] = row
    found = [
        Question(pair, claims.get(pair.review_pair_id), _decision_about(pair, decided))
        for pair in case_lists.pairs_for_review(cause)
    ]
    return sorted(found, key=lambda question: question.decided is not None)


def _decision_about(
    pair: Pair, decided: dict[frozenset[str], RecordedDecision]
) -> RecordedDecision | None:
    own = decided.get(frozenset((pair.left_mention_key, pair.right_mention_key)))
    if own is not None or pair.is_joined:
        return own
    children = frozenset((pair.left_child_id_register, pair.right_child_id_register))
    return decided.get(children)


def members_of(case_lists: CaseLists, pair: Pair) -> list[list[Mention]]:
    """The records of the child, or of both children, of a pair."""
    children = dict.fromkeys((pair.left_child_id_register, pair.right_child_id_register))
    return [case_lists.read_mentions(child) for child in children]


def mark_of_pair(settings: Settings, case_lists: CaseLists, pair: Pair) -> str:
    """A mark of all that a decision on a pair is judged by: generation and earlier decisions.

    Decisions about any record of the children count, since one may answer the question.
    """
    within = {mention.mention_key for child in members_of(case_lists, pair) for mention in child}
    about = [
        row
        for row in read_decisions(settings)
        if row.left_mention_key in within or row.right_mention_key in within
    ]
    return mark_of(case_lists.generation_id, pair.review_pair_id, about)
