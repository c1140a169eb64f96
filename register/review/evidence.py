"""The evidence for and against a link: why two records are, or are not, one child.

Answered from one published generation. The chain of links is rebuilt in the order in which
clustering took them: from the strongest to the weakest. A pair that was never compared, or is
below the threshold, is scored here with the pinned model: the two records are rebuilt from the
case lists, with everybody who shares an address with them, so that an address is as common here as
in the register. Nothing is decided here, and no value of a person is in an answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any

import pyarrow as pa

from register.identity.clean import MENTION_SCHEMA
from register.identity.score import Model, list_weights, score_pairs
from register.review.pairs import CaseLists, Mention, Pair, Weight
from register.review.wording import CAUSED, cause_in_words

# Answers by the outcome of the pairs between two children, the decisive ones first.
ANSWERS = {
    "decision_refused": "A person linked them, and that could not be followed.",
    "kept_apart_by_decision": "A person decided that they are not one child.",
    "guarded": "A guard forbids that they are one child.",
    "kept_apart_by_cluster": "They link, but clustering undid that.",
    "for_review": "The evidence for a link is not enough without a person having looked.",
    "below_threshold": "They were compared, and there is too little evidence for a link.",
    "never_compared": "They were never compared: no blocking rule brings them together.",
    "joined": "They are one child, by these links.",
    "alone": "The child is known from one mention alone: there is nothing to link.",
}
LIST_FIELDS = {
    "names": "name",
    "birth_dates": "birth_date",
    "postcodes": "postcode",
    "postcode_districts": "postcode_district",
    "identifiers": "identifier",
}
SINGLE_FIELDS = {
    "sex_code": "sex",
    "birth_date_earliest": "birth_date_earliest",
    "birth_date_latest": "birth_date_latest",
    "care_first_start_date": "care_first_start_date",
    "adoption_date": "adoption_date",
}
NO_THRESHOLD = -1000.0


@dataclass(frozen=True)
class Step:
    """One pair in an answer, with its ends and the weight of each comparison."""

    pair: Pair
    left: Mention
    right: Mention
    weights: tuple[Weight, ...]


@dataclass(frozen=True)
class Explanation:
    """The answer: a code of `ANSWERS`, the pairs it rests on, or what a fresh weighing gave."""

    generation_id: str
    is_one_child: bool
    answer_code: str
    steps: tuple[Step, ...]
    match_weight: float | None = None
    weights: tuple[Weight, ...] = ()
    cause: str | None = None

    @property
    def answer(self) -> str:
        """The answer in words, with what clustering had to do with it."""
        return " ".join(filter(None, (ANSWERS[self.answer_code], self.cause)))


def explain(
    case_lists: CaseLists, model: Model, left: str, right: str | None = None
) -> Explanation:
    """Say why what `left` and `right` name is, or is not, one child.

    Ids are those of `CaseLists.mentions`. Without `right`: why the mentions of the child that
    `left` names are one. Raises `ReviewError` for an id that is none or is not published.
    """
    ones = case_lists.mentions(left)
    child = case_lists.mentions(ones[0].child_id_register)
    if right is None:
        return _whole(case_lists, child)
    others = case_lists.mentions(right)
    if ones[0].child_id_register == others[0].child_id_register:
        return _joined(case_lists, child, ones[0], others[0])
    other_child = case_lists.mentions(others[0].child_id_register)
    return _apart(case_lists, model, (ones, others), (child, other_child))


def _whole(case_lists: CaseLists, child: list[Mention]) -> Explanation:
    tree = _links_walked(case_lists, child)
    code = "joined" if len(child) > 1 else "alone"
    return Explanation(case_lists.generation_id, True, code, _steps(case_lists, tree, child))


def _joined(
    case_lists: CaseLists, child: list[Mention], one: Mention, other: Mention
) -> Explanation:
    if one == other:
        return _whole(case_lists, child)
    chain = _path(_links_walked(case_lists, child), one.mention_key, other.mention_key)
    direct = case_lists.pairs_between([one.mention_key], [other.mention_key])
    return Explanation(
        case_lists.generation_id,
        True,
        "joined",
        _steps(case_lists, chain, child),
        cause=_cause(direct),
    )


def _cause(direct: Iterable[Pair]) -> str | None:
    """What clustering had to do with the first pair that it had something to do with."""
    return next(filter(None, map(cause_in_words, direct)), None)


def _apart(
    case_lists: CaseLists,
    model: Model,
    asked: tuple[list[Mention], list[Mention]],
    children: tuple[list[Mention], list[Mention]],
) -> Explanation:
    keys = [[mention.mention_key for mention in side] for side in asked]
    between = case_lists.pairs_between(*keys)
    around = case_lists.pairs_between(
        *([mention.mention_key for mention in side] for side in children)
    )
    everybody = [*children[0], *children[1]]
    for code in ("decision_refused", "kept_apart_by_decision", "guarded", "kept_apart_by_cluster"):
        direct = [pair for pair in between if pair.outcome_code == code]
        if direct:
            # What keeps the rest of two children apart explains a link that was not followed.
            shown = direct + [
                pair for pair in around if pair not in direct and (pair.guard_code or pair.decision)
            ]
            steps = _steps(case_lists, shown, everybody)
            cause = _cause(direct) if code in CAUSED else None
            return Explanation(case_lists.generation_id, False, code, steps, cause=cause)
    if between:
        steps = _steps(case_lists, between, everybody)
        return Explanation(case_lists.generation_id, False, "for_review", steps)
    weighed = weigh(case_lists, *asked, model)
    if weighed is None:
        return Explanation(case_lists.generation_id, False, "never_compared", ())
    weight, weights = weighed
    return Explanation(
        case_lists.generation_id, False, "below_threshold", (), weight, tuple(weights)
    )


def _links_walked(case_lists: CaseLists, child: list[Mention]) -> list[Pair]:
    """The links that made a child, the strongest first: each brought two clusters together."""
    keys = [mention.mention_key for mention in child]
    links = [
        pair
        for pair in case_lists.pairs_between(keys, keys)
        if pair.band_code == "link" or pair.decision == "link"
    ]
    root = {key: key for key in keys}

    def find(key: str) -> str:
        while root[key] != key:
            key = root[key]
        return key

    walked = []
    for pair in sorted(links, key=_strength):
        low, high = find(pair.left_mention_key), find(pair.right_mention_key)
        if low != high:
            root[high] = low
            walked.append(pair)
    return walked


def _strength(pair: Pair) -> tuple[float, str, str]:
    weight = inf if pair.decision == "link" else pair.match_weight or 0.0
    return -weight, pair.left_mention_key, pair.right_mention_key


def _path(tree: list[Pair], start: str, end: str) -> list[Pair]:
    """The pairs of a tree that lead from one mention to another, in order."""
    came_by: dict[str, tuple[str, Pair] | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in came_by:
        here = waiting.popleft()
        for pair in tree:
            ends = (pair.left_mention_key, pair.right_mention_key)
            if here in ends:
                there = ends[1 - ends.index(here)]
                if there not in came_by:
                    came_by[there] = (here, pair)
                    waiting.append(there)
    path = []
    step = came_by.get(end)
    while step is not None:
        before, pair = step
        path.append(pair)
        step = came_by[before]
    return path[::-1]


def _steps(
    case_lists: CaseLists, pairs: Iterable[Pair], mentions: Iterable[Mention]
) -> tuple[Step, ...]:
    known = {mention.mention_key: mention for mention in mentions}
    return tuple(
        Step(
            pair,
            known[pair.left_mention_key],
            known[pair.right_mention_key],
            tuple(case_lists.weights(pair.review_pair_id)),
        )
        for pair in pairs
    )


def weigh(
    case_lists: CaseLists, left: Iterable[Mention], right: Iterable[Mention], model: Model
) -> tuple[float, list[Weight]] | None:
    """Return the greatest match weight between two sets of mentions, and what made it.

    None where no blocking rule brings any two of them together.
    """
    lefts, rights = ({each.mention_key for each in side} for side in (left, right))
    mentions = _with_neighbours(case_lists, [*left, *right])
    scored = score_pairs(mentions, model, changed_keys=lefts | rights, min_weight=NO_THRESHOLD)
    rows = [
        row
        for row in scored.to_pylist()
        if {row["left_mention_key"], row["right_mention_key"]} & lefts
        and {row["left_mention_key"], row["right_mention_key"]} & rights
    ]
    if not rows:
        return None
    best = max(rows, key=lambda row: row["match_weight"])
    weighed = list_weights(pa.Table.from_pylist([best], schema=scored.schema), model)
    weights = [
        Weight(row["comparison_code"], row["level_code"], row["weight"])
        for row in weighed.to_pylist()
    ]
    return best["match_weight"], weights


def _with_neighbours(case_lists: CaseLists, mentions: list[Mention]) -> pa.Table:
    wanted = {each.mention_key: each for each in mentions}
    postcodes = {
        postcode for each in mentions for postcode in case_lists.fields_of(each).get("postcode", [])
    }
    for each in case_lists.holders_of("postcode", sorted(postcodes)):
        wanted.setdefault(each.mention_key, each)
    rows = [_mention_row(case_lists, wanted[key]) for key in sorted(wanted)]
    return pa.Table.from_pylist(rows, schema=MENTION_SCHEMA)


def _mention_row(case_lists: CaseLists, mention: Mention) -> dict[str, Any]:
    found = case_lists.fields_of(mention)
    row: dict[str, Any] = {
        "mention_key": mention.mention_key,
        "source": mention.source,
        "issuer_code": mention.issuer_code,
        "first_received_at": mention.first_received_at,
        "primary_name": next(iter(found.get("name", [])), None),
    }
    for column, field in LIST_FIELDS.items():
        row[column] = sorted(found.get(field, []))
    for column, field in SINGLE_FIELDS.items():
        row[column] = next(iter(found.get(field, [])), None)
    for column, value in row.items():
        if pa.types.is_date(MENTION_SCHEMA.field(column).type) and value is not None:
            row[column] = date.fromisoformat(value)
    row["birth_dates"] = [date.fromisoformat(value) for value in row["birth_dates"]]
    return row
