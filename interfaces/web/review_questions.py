"""The questions of the review list, each with its state: claimed, decided or open.

The choice of pairs and their order belong in `register.review`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from fastapi import Request

from interfaces.web.claims import Claim, read_claims
from interfaces.web.pages import NotFoundError, Visitor, find_generation, get_settings
from interfaces.web.stale_forms import compute_fingerprint
from register import review
from register.access_grants import Access
from register.feeds import format_instant
from register.settings import Settings

VOID = "void"


@dataclass(frozen=True)
class Question:
    """One pair of the review list, its claim, and any decision on its children since the load."""

    pair: review.Pair
    claim: Claim | None
    decided: review.RecordedDecision | None


def open_case_lists(request: Request) -> review.CaseLists:
    """Open the case lists of the current generation, for a `with` statement."""
    return review.CaseLists(find_generation(request), get_settings(request).seeds)


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


class AreaFilter:
    """Filter for pairs of which the visitor may see every record.

    The page of a pair shows all records of both children, and the two records that are the cause of
    an undone link. So a pair is shown only if each of these records belongs to an area that is
    granted to the visitor. Reviewers of the whole nation see every pair.
    """

    def __init__(self, case_lists: review.CaseLists, access: Access) -> None:
        self._sees_everything = access.sees_everything("identity")
        mentions = (
            {}
            if self._sees_everything
            else case_lists.find_area_mentions(access.list_areas("identity"))
        )
        self._children = frozenset(mentions)
        self._mentions = frozenset(chain.from_iterable(mentions.values()))

    def shows_pair(self, pair: review.Pair) -> bool:
        """Return whether the visitor may see a pair."""
        children = {pair.left_child_id_register, pair.right_child_id_register}
        causes = {pair.cause_left_mention_id_register, pair.cause_right_mention_id_register}
        return self._sees_everything or (
            children <= self._children and causes - {None} <= self._mentions
        )

    def shows_mentions(self, mentions: Sequence[review.Mention]) -> bool:
        """Return whether the visitor may see these records."""
        return self._sees_everything or (
            bool(mentions) and {each.child_id_register for each in mentions} <= self._children
        )


def read_own_pair(case_lists: review.CaseLists, visitor: Visitor, pair_id: str) -> review.Pair:
    """Return a pair that the visitor may see.

    Raises `NotFoundError` with one text, whether the pair is foreign or does not exist.
    """
    area_filter = AreaFilter(case_lists, visitor.access)
    pair = case_lists.pairs_by_id([pair_id]).get(pair_id)
    if pair is None or not area_filter.shows_pair(pair):
        raise NotFoundError("The current generation has no such pair.")
    return pair


def list_questions(
    settings: Settings, case_lists: review.CaseLists, cause: str | None, visitor: Visitor
) -> list[Question]:
    """List the visitor's questions, the most valuable first, and decided questions last."""
    area_filter = AreaFilter(case_lists, visitor.access)
    claims = read_claims(settings)
    decided: dict[frozenset[str], review.RecordedDecision] = {}
    for row in list_recent_decisions(settings, case_lists.generation_id):
        ends = case_lists.mentions_of([row.left_mention_key, row.right_mention_key])
        decided[frozenset((row.left_mention_key, row.right_mention_key))] = row
        decided[frozenset(end.child_id_register for end in ends)] = row
    listed = [
        Question(pair, claims.get(pair.review_pair_id), _find_decision(pair, decided))
        for pair in case_lists.pairs_for_review(cause)
        if area_filter.shows_pair(pair)
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
