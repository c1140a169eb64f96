"""Consequences: the changes that a decision would cause, computed before it is written.

A decision is impossible if a guard or other decisions would overrule it at every load. The parts of
a split are computed by the same steps as in a load, over the records of that child alone. The rules
themselves are in `register.identity.cluster`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from register.choices import Decision
from register.identity.clean import MENTION_SCHEMA
from register.identity.cluster import (
    ADOPTION,
    DECISION_SCHEMA,
    NOT_LIFTED,
    cluster_children,
    find_cannot_link_pairs,
)
from register.review.pairs import CaseLists, Mention, Pair, ReviewError

Keys = tuple[str, str]
PAIR_SCHEMA = pa.schema([("left_mention_key", pa.string()), ("right_mention_key", pa.string())])
LINK_SCHEMA = pa.schema(
    [
        *PAIR_SCHEMA,
        pa.field("match_weight", pa.float64()),
        pa.field("band", pa.string()),
        pa.field("capped_by", pa.string()),
    ]
)
# Link methods of pairs that linkage by itself does not link.
NO_LINK = (None, "evidence_only", "decision")
LINKED_ALREADY = (
    "decisions in force link the two through other records: take one of those back first"
    " (`register review undo`). Nothing is written"
)
KEPT_APART = (
    "a decision in force keeps {one} and {other} apart, and this would make them one child: take"
    " that back first (`register review undo {one} {other}`). Nothing is written"
)
ADOPTED = (
    "of {one} and {other}, one is from before an adoption and the other from after it: an adopted"
    " child is never linked to their earlier records, and no decision lifts this rule (adoption)."
    " Nothing is written"
)


@dataclass(frozen=True)
class SplitForecast:
    """The parts of a child after a split. The first part keeps the child's key.

    Only links within the child are used. A load may link the records that leave to other children.
    """

    child_id_register: str
    parts: tuple[tuple[Mention, ...], ...]

    def list_leaving(self, keys: Keys) -> tuple[Mention, ...]:
        """Return the records that lose the child's key, without the two that the decision names."""
        return tuple(
            mention
            for part in self.parts[1:]
            for mention in part
            if mention.mention_key not in keys
        )


def refuse_impossible(
    case_lists: CaseLists, in_force: Mapping[Keys, str], keys: Keys, decision: Decision
) -> None:
    """Raise `ReviewError` if no load could carry out this decision, given the decisions in force.

    `in_force` has the decision on each pair, with the lower key first. A link is impossible if it
    would join, directly or through other decisions, two records that adoption or another decision
    keeps apart. Keeping a pair apart is impossible if other decisions link the pair.
    """
    others = {pair: each for pair, each in in_force.items() if pair != _order_keys(keys)}
    if decision != "link":
        if keys[1] in _find_linked_records(others, keys[0]):
            raise ReviewError(LINKED_ALREADY)
        return
    decided = {**others, _order_keys(keys): decision}
    together = _find_linked_records(decided, keys[0])
    within = {pair: each for pair, each in decided.items() if together.issuperset(pair)}
    mentions = case_lists.mentions_of(sorted(together))
    links = [pair for pair, each in within.items() if each == "link"]
    forbidden = find_cannot_link_pairs(
        _build_mention_table(case_lists, mentions),
        _build_pair_table(links),
        _build_decision_table(within),
    )
    ids = {mention.mention_key: mention.mention_id_register for mention in mentions}
    for row in forbidden.to_pylist():
        if row["guard_code"] in NOT_LIFTED:
            sentence = ADOPTED if row["guard_code"] == ADOPTION else KEPT_APART
            ends = (row["left_mention_key"], row["right_mention_key"])
            one, other = (ids.get(end, end) for end in ends)
            raise ReviewError(sentence.format(one=one, other=other))


def forecast_split(
    case_lists: CaseLists, in_force: Mapping[Keys, str], keys: Keys
) -> SplitForecast | None:
    """Return the parts of a child after two of its records are split, or None.

    It is None if the two records belong to two children. The child's links come from the current
    generation and from the decisions in force.
    """
    left, right = case_lists.mentions_of(keys)
    if left.child_id_register != right.child_id_register:
        return None
    # The first part in the forecast is the one with the child's founder.
    forecast = forecast_decision(case_lists, in_force, keys, "split")
    return SplitForecast(left.child_id_register, forecast.after)


@dataclass(frozen=True)
class Forecast:
    """Children before and after a decision, each as a tuple of its records.

    The first record of each child is its founder, whose key the child would have.
    """

    before: tuple[tuple[Mention, ...], ...]
    after: tuple[tuple[Mention, ...], ...]

    @property
    def is_change(self) -> bool:
        """Whether the decision would change which records are together."""
        return {frozenset(part) for part in self.before} != {frozenset(p) for p in self.after}


def forecast_decision(
    case_lists: CaseLists, in_force: Mapping[Keys, str], keys: Keys, decision: Decision
) -> Forecast:
    """Return the child, or the two children, of two records before and after a decision.

    It uses the links and guards of the current generation and the decisions in force. Records of
    other children are left out. But the next load may link a record that leaves its child to
    another child.
    """
    named = case_lists.mentions_of(keys)
    children = list(dict.fromkeys(mention.child_id_register for mention in named))
    before = [case_lists.read_mentions(child) for child in children]
    members = [mention for child in before for mention in child]
    within = {mention.mention_key for mention in members}
    pairs = case_lists.pairs_between(within, within)
    guarded = {
        (pair.left_mention_key, pair.right_mention_key): "never_link"
        for pair in pairs
        if pair.guard_code
    }
    decided = {**guarded, **in_force, _order_keys(keys): decision}
    clusters = cluster_children(
        _build_mention_table(case_lists, members),
        _build_link_table(pairs),
        _build_decision_table(
            {pair: each for pair, each in decided.items() if within.issuperset(pair)}
        ),
    )
    founders = dict(
        zip(
            clusters["mention_key"].to_pylist(),
            clusters["founding_mention_key"].to_pylist(),
            strict=True,
        )
    )
    after: dict[str, list[Mention]] = defaultdict(list)
    for mention in sorted(members, key=lambda each: founders[each.mention_key] != each.mention_key):
        after[founders[mention.mention_key]].append(mention)
    return Forecast(tuple(map(tuple, before)), tuple(map(tuple, after.values())))


def _find_linked_records(decided: Mapping[Keys, str], start: str) -> set[str]:
    """Return `start` and all records that decisions to link connect with it."""
    near: dict[str, set[str]] = defaultdict(set)
    for (one, other), decision in decided.items():
        if decision == "link":
            near[one].add(other)
            near[other].add(one)
    linked, waiting = {start}, [start]
    while waiting:
        new = near[waiting.pop()] - linked
        linked |= new
        waiting += new
    return linked


def _order_keys(keys: Keys) -> Keys:
    return (min(keys), max(keys))


def _build_mention_table(case_lists: CaseLists, mentions: Iterable[Mention]) -> pa.Table:
    """Return mentions with the fields that the adoption guard and the choice of a founder use.

    All other fields are empty.
    """
    rows: list[dict[str, object]] = []
    for mention in mentions:
        fields = case_lists.fields_of(mention)
        rows.append(
            {
                "mention_key": mention.mention_key,
                "source": mention.source,
                "issuer_code": mention.issuer_code,
                "first_received_at": mention.first_received_at,
                "first_period_start": mention.first_period_start,
                "care_first_start_date": _parse_date(fields.get("care_first_start_date")),
                "adoption_date": _parse_date(fields.get("adoption_date")),
                **{item.name: [] for item in MENTION_SCHEMA if pa.types.is_list(item.type)},
            }
        )
    return pa.Table.from_pylist(rows, schema=MENTION_SCHEMA)


def _parse_date(values: list[str] | None) -> date | None:
    return date.fromisoformat(values[0]) if values else None


def _build_pair_table(pairs: Iterable[Keys]) -> pa.Table:
    rows = [{"left_mention_key": left, "right_mention_key": right} for left, right in pairs]
    return pa.Table.from_pylist(rows, schema=PAIR_SCHEMA)


def _build_link_table(pairs: Iterable[Pair]) -> pa.Table:
    """Return scored pairs with their band: `link` if a load links the pair, otherwise `review`."""
    rows = [
        {
            "left_mention_key": pair.left_mention_key,
            "right_mention_key": pair.right_mention_key,
            "match_weight": pair.match_weight,
            "band": "review" if pair.link_method in NO_LINK else "link",
            "capped_by": pair.capped_by,
        }
        for pair in pairs
        if pair.match_weight is not None
    ]
    return pa.Table.from_pylist(rows, schema=LINK_SCHEMA)


def _build_decision_table(decided: Mapping[Keys, str]) -> pa.Table:
    rows = [
        {"decision": decision, "left_mention_key": left, "right_mention_key": right}
        for (left, right), decision in decided.items()
    ]
    return pa.Table.from_pylist(rows, schema=DECISION_SCHEMA)
