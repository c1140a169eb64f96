"""The questions of the review list, each with its state: claimed, decided or open.

The choice of pairs and their order belong in `register.review`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from interfaces.web.claims import Claim, read_claims
from interfaces.web.stale_forms import compute_fingerprint
from register import review
from register.feeds import format_instant
from register.settings import Settings

VOID = "void"


@dataclass(frozen=True)
class Question:
    """One pair of the review list, its claim, and any decision on its children since the load."""

    pair: review.Pair
    claim: Claim | None
    decided: review.RecordedDecision | None


def sort_pair_keys(pair: review.Pair) -> tuple[str, str]:
    """Return the two keys of a pair in alphabetical order."""
    left, right = sorted((pair.left_mention_key, pair.right_mention_key))
    return left, right


def list_recent_decisions(settings: Settings, generation_id: str) -> list[review.RecordedDecision]:
    """List the last decision on each pair since a generation's build began, unless it is void.

    The generation may already include a decision that was made during its build.
    """
    began = format_instant(datetime.strptime(f"{generation_id[:15]}+0000", "%Y%m%dT%H%M%S%z"))
    last: dict[tuple[str, str], review.RecordedDecision] = {}
    for row in review.read_decisions(settings):
        if row.decided_at >= began:
            pair = (row.left_mention_key, row.right_mention_key)
            last.pop(pair, None)
            last[pair] = row
    return [row for row in last.values() if row.decision != VOID]


def list_questions(
    settings: Settings, case_lists: review.CaseLists, cause: str | None
) -> list[Question]:
    """List the questions, the most valuable decision first, and decided questions last."""
    claims = read_claims(settings)
    decided: dict[frozenset[str], review.RecordedDecision] = {}
    for row in list_recent_decisions(settings, case_lists.generation_id):
        ends = case_lists.mentions_of([row.left_mention_key, row.right_mention_key])
        decided[frozenset((row.left_mention_key, row.right_mention_key))] = row
        decided[frozenset(end.child_id_register for end in ends)] = row
    listed = [
        Question(pair, claims.get(pair.review_pair_id), _find_decision(pair, decided))
        for pair in case_lists.pairs_for_review(cause)
    ]
    return sorted(listed, key=lambda question: question.decided is not None)


def _find_decision(
    pair: review.Pair, decided: dict[frozenset[str], review.RecordedDecision]
) -> review.RecordedDecision | None:
    own = decided.get(frozenset((pair.left_mention_key, pair.right_mention_key)))
    if own is not None or pair.is_joined:
        return own
    children = frozenset((pair.left_child_id_register, pair.right_child_id_register))
    return decided.get(children)


def list_members(case_lists: review.CaseLists, pair: review.Pair) -> list[list[review.Mention]]:
    """List the records of each child of a pair: one child or two."""
    children = dict.fromkeys((pair.left_child_id_register, pair.right_child_id_register))
    return [case_lists.read_mentions(child) for child in children]


def fingerprint_pair(settings: Settings, case_lists: review.CaseLists, pair: review.Pair) -> str:
    """Return a fingerprint of the generation and of all decisions on a pair's children."""
    within = {mention.mention_key for child in list_members(case_lists, pair) for mention in child}
    about = [
        row
        for row in review.read_decisions(settings)
        if row.left_mention_key in within or row.right_mention_key in within
    ]
    return compute_fingerprint(case_lists.generation_id, pair.review_pair_id, about)
