"""The evidence for and against a link: why two records are, or are not, one child.

The answer comes from one published generation. The chain of links is rebuilt in the order of
clustering, from the strongest link to the weakest. A pair that was never compared, or that is below
the threshold, is scored here with the pinned model. For this, the two records are rebuilt from the
case lists, with all records that share a postcode with them. So a postcode is as common here as in
the register. Nothing is decided here, and an answer contains no value of a person.
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
from register.review.wording import CAUSED, describe_cause

# Sentences by the outcome of pairs between two children. If the pairs have several outcomes, the
# first in this order is the answer.
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
    """One pair of an answer, with its two mentions and the weight of each comparison."""

    pair: Pair
    left: Mention
    right: Mention
    weights: tuple[Weight, ...]


@dataclass(frozen=True)
class Explanation:
    """The answer: a code of `ANSWERS`, and the pairs on which it is based.

    If the generation has no pair between the records, `match_weight` and `weights` have their
    score, computed now. Without a score they are None and empty.
    """

    generation_id: str
    is_one_child: bool
    answer_code: str
    steps: tuple[Step, ...]
    match_weight: float | None = None
    weights: tuple[Weight, ...] = ()
    cause: str | None = None

    @property
    def answer_text(self) -> str:
        """The answer in words, including what clustering did with the pair."""
        return " ".join(filter(None, (ANSWERS[self.answer_code], self.cause)))


def explain_link(
    case_lists: CaseLists, model: Model, left: str, right: str | None = None
) -> Explanation:
    """Explain why the records with the ids `left` and `right` are, or are not, one child.

    Ids are those of `CaseLists.read_mentions`. Without `right`, explain why all mentions of the
    child of `left` are one child. Raises `ReviewError` for an id that is invalid or not published.
    """
    ones = case_lists.read_mentions(left)
    others = ones if right is None else case_lists.read_mentions(right)
    child = case_lists.read_mentions(ones[0].child_id_register)
    if ones[0].child_id_register == others[0].child_id_register:
        return _explain_joined(case_lists, child, ones[0], others[0])
    other_child = case_lists.read_mentions(others[0].child_id_register)
    return _explain_apart(case_lists, model, (ones, others), (child, other_child))


def _explain_joined(
    case_lists: CaseLists, child: list[Mention], one: Mention, other: Mention
) -> Explanation:
    """Explain which links join two mentions. If both are the same, explain the whole child."""
    links = _list_joining_links(case_lists, child)
    if one == other:
        code = "joined" if len(child) > 1 else "alone"
        steps = _build_steps(case_lists, links, child)
        return Explanation(case_lists.generation_id, True, code, steps)
    chain = _find_path(links, one.mention_key, other.mention_key)
    steps = _build_steps(case_lists, chain, child)
    direct = case_lists.pairs_between([one.mention_key], [other.mention_key])
    cause = _find_cause(direct)
    return Explanation(case_lists.generation_id, True, "joined", steps, cause=cause)


def _find_cause(direct: Iterable[Pair]) -> str | None:
    """Return a sentence about the first pair that clustering decided on, or None."""
    return next(filter(None, map(describe_cause, direct)), None)


def _explain_apart(
    case_lists: CaseLists,
    model: Model,
    ends: tuple[list[Mention], list[Mention]],
    children: tuple[list[Mention], list[Mention]],
) -> Explanation:
    keys = [[mention.mention_key for mention in side] for side in ends]
    between = case_lists.pairs_between(*keys)
    around = case_lists.pairs_between(
        *([mention.mention_key for mention in side] for side in children)
    )
    everybody = [*children[0], *children[1]]
    for code in ("decision_refused", "kept_apart_by_decision", "guarded", "kept_apart_by_cluster"):
        direct = [pair for pair in between if pair.outcome_code == code]
        if direct:
            # Guards and decisions on other pairs of the two children may have prevented the link,
            # so list them too.
            relevant = direct + [
                pair for pair in around if pair not in direct and (pair.guard_code or pair.decision)
            ]
            steps = _build_steps(case_lists, relevant, everybody)
            cause = _find_cause(direct) if code in CAUSED else None
            return Explanation(case_lists.generation_id, False, code, steps, cause=cause)
    if between:
        steps = _build_steps(case_lists, between, everybody)
        return Explanation(case_lists.generation_id, False, "for_review", steps)
    weighed = weigh_now(case_lists, *ends, model)
    if weighed is None:
        return Explanation(case_lists.generation_id, False, "never_compared", ())
    weight, weights = weighed
    return Explanation(
        case_lists.generation_id, False, "below_threshold", (), weight, tuple(weights)
    )


def _list_joining_links(case_lists: CaseLists, child: list[Mention]) -> list[Pair]:
    """Return the links that joined the clusters of a child, the strongest first."""
    keys = [mention.mention_key for mention in child]
    links = [
        pair
        for pair in case_lists.pairs_between(keys, keys)
        if pair.band_code == "link" or pair.decision == "link"
    ]
    root = {key: key for key in keys}

    def find_root(key: str) -> str:
        while root[key] != key:
            key = root[key]
        return key

    joining = []
    for pair in sorted(links, key=_order_by_strength):
        low, high = find_root(pair.left_mention_key), find_root(pair.right_mention_key)
        if low != high:
            root[high] = low
            joining.append(pair)
    return joining


def _order_by_strength(pair: Pair) -> tuple[float, str, str]:
    weight = inf if pair.decision == "link" else pair.match_weight or 0.0
    return -weight, pair.left_mention_key, pair.right_mention_key


def _find_path(tree: list[Pair], start: str, end: str) -> list[Pair]:
    """Return the pairs that lead through a tree of links from one mention to another, in order."""
    came_by: dict[str, tuple[str, Pair] | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in came_by:
        current = waiting.popleft()
        for pair in tree:
            ends = (pair.left_mention_key, pair.right_mention_key)
            if current in ends:
                other = ends[1 - ends.index(current)]
                if other not in came_by:
                    came_by[other] = (current, pair)
                    waiting.append(other)
    path = []
    step = came_by.get(end)
    while step is not None:
        before, pair = step
        path.append(pair)
        step = came_by[before]
    return path[::-1]


def _build_steps(
    case_lists: CaseLists, pairs: Iterable[Pair], mentions: Iterable[Mention]
) -> tuple[Step, ...]:
    known = {mention.mention_key: mention for mention in mentions}
    return tuple(
        Step(
            pair,
            known[pair.left_mention_key],
            known[pair.right_mention_key],
            tuple(case_lists.read_weights(pair.review_pair_id)),
        )
        for pair in pairs
    )


def weigh_now(
    case_lists: CaseLists, left: Iterable[Mention], right: Iterable[Mention], model: Model
) -> tuple[float, list[Weight]] | None:
    """Return the greatest match weight between two sets of mentions, and the weights in its sum.

    If no blocking rule gives a pair between the two sets, return None.
    """
    lefts, rights = ({each.mention_key for each in side} for side in (left, right))
    mentions = _build_mention_table(case_lists, [*left, *right])
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


def _build_mention_table(case_lists: CaseLists, mentions: list[Mention]) -> pa.Table:
    """Return a table of mentions and of all others with the same postcodes (`MENTION_SCHEMA`)."""
    by_key = {each.mention_key: each for each in mentions}
    postcodes = {
        postcode for each in mentions for postcode in case_lists.fields_of(each).get("postcode", [])
    }
    for each in case_lists.holders_of("postcode", sorted(postcodes)):
        by_key.setdefault(each.mention_key, each)
    rows = [_build_mention_row(case_lists, by_key[key]) for key in sorted(by_key)]
    return pa.Table.from_pylist(rows, schema=MENTION_SCHEMA)


def _build_mention_row(case_lists: CaseLists, mention: Mention) -> dict[str, Any]:
    values = case_lists.fields_of(mention)
    row: dict[str, Any] = {
        "mention_key": mention.mention_key,
        "source": mention.source,
        "issuer_code": mention.issuer_code,
        "first_received_at": mention.first_received_at,
        "primary_name": next(iter(values.get("name", [])), None),
    }
    for column, field in LIST_FIELDS.items():
        row[column] = sorted(values.get(field, []))
    for column, field in SINGLE_FIELDS.items():
        row[column] = next(iter(values.get(field, [])), None)
    for column, value in row.items():
        if pa.types.is_date(MENTION_SCHEMA.field(column).type) and value is not None:
            row[column] = date.fromisoformat(value)
    row["birth_dates"] = [date.fromisoformat(value) for value in row["birth_dates"]]
    return row
