"""Pairs of mentions as reviewers see them, read from the case lists of one generation.

The case lists name children: nothing read here may be logged or put into an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

import duckdb

from register.databases import open_database
from register.publishing import Generation
from register.supplier_names import name_supplier

PAIR_ID = re.compile(r"^P[0-9A-F]{16}$")
MENTION_ID = re.compile(r"^M[0-9A-F]{24}$")
MENTION_KEY = re.compile(r"^[0-9a-f]{32}$")
CHILD_ID = re.compile(r"^C[0-9A-F]{24}$")


class ReviewError(ValueError):
    """A request to review cannot be carried out; the message says why and names no child."""


@dataclass(frozen=True)
class Mention:
    """A person record of one supplier: a row of `operations.review_mentions`.

    `mention_key` is used in decisions, `mention_id_register` in the register. `issuer_name` is the
    supplier's name, from the look-up table of suppliers.
    """

    mention_id_register: str
    mention_key: str
    child_id_register: str
    is_founder: bool
    source: str
    issuer_code: str
    issuer_name: str
    first_received_at: datetime
    first_period_start: date | None


@dataclass(frozen=True)
class Weight:
    """The weight of one comparison of a pair, in bits. The first weight of a pair is the prior."""

    comparison_code: str
    level_code: str
    weight: float


@dataclass(frozen=True)
class Pair:
    """A pair of mentions with its outcome: a row of `operations.review_pairs`.

    `match_weight` and `is_loose` are None if the pair was not scored.
    """

    review_pair_id: str
    left_mention_key: str
    right_mention_key: str
    left_mention_id_register: str
    right_mention_id_register: str
    left_child_id_register: str
    right_child_id_register: str
    is_joined: bool
    match_weight: float | None
    band_code: str
    is_loose: bool | None
    capped_by: str | None
    guard_code: str | None
    link_method: str | None
    outcome_code: str
    cause_code: str | None
    cause_guard_code: str | None
    cause_left_mention_id_register: str | None
    cause_right_mention_id_register: str | None
    is_for_review: bool
    review_reason_code: str | None
    decision: str | None
    decided_at: datetime | None
    decided_by: str | None
    decision_reason: str | None
    has_decision_conflict: bool
    value_of_decision: int
    meeting_episode_count: int
    merging_episode_count: int
    merging_child_count: int
    newly_known_child_count: int
    sampling_stratum: str | None


Fields = dict[str, list[str]]
PAIR_COLUMNS = ", ".join(field.name for field in fields(Pair))
READING_ORDER = (
    " order by value_of_decision * coalesce(match_probability, 1) desc,"
    " value_of_decision desc, match_weight desc nulls last, review_pair_id"
)
_CHILDREN = (
    "least(left_child_id_register, right_child_id_register),"
    " greatest(left_child_id_register, right_child_id_register)"
)
# Of the pairs between the same two children, reviewers are asked about one, or about none if a
# decision keeps the children apart. A pair whose decision conflicts with others, or that is in
# doubt within one child, is always asked.
_IS_OWN_QUESTION = "(is_joined or decision is not null)"
ASKED = f"""
is_for_review and ($1 is null or $1 in (cause_code, review_reason_code))
and ({_IS_OWN_QUESTION} or ({_CHILDREN}) not in (
    select ({_CHILDREN}) from operations.review_pairs
    where decision in ('never_link', 'split') and not is_joined
))
qualify {_IS_OWN_QUESTION} or row_number() over (
    partition by {_CHILDREN}, {_IS_OWN_QUESTION}
    order by cause_code is null, match_probability desc nulls last,
        match_weight desc nulls last, review_pair_id
) = 1
"""
MENTION_COLUMNS = tuple(field.name for field in fields(Mention) if field.name != "issuer_name")


class CaseLists:
    """The case lists of one generation, opened by a `with` statement.

    The names of suppliers are read from the folder `seeds`.
    """

    def __init__(self, generation: Generation, seeds: Path) -> None:
        self.generation_id = generation.generation_id
        self._seeds = seeds
        path = generation.folder / "case_lists.duckdb"
        self._connection = open_database(generation.data_keys, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def pairs_for_review(self, cause: str | None = None) -> list[Pair]:
        """Return every question for reviewers, the most valuable decision first.

        Of several pairs about the same two children, only one is returned, since one decision
        answers all. It is a link that clustering undid or, without one, the most probable pair. If
        a decision already keeps the two children apart, no pair is returned. If `cause` is given,
        only pairs with this cause or review reason are returned.
        """
        return self._read_pairs(ASKED + READING_ORDER, [cause])

    def pairs_by_id(self, pair_ids: Iterable[str]) -> dict[str, Pair]:
        """Return the pairs with these ids, by id. Ids that the generation lacks are left out."""
        pairs = self._read_pairs("list_contains(?, review_pair_id)", [list(pair_ids)])
        return {pair.review_pair_id: pair for pair in pairs}

    def read_pair(self, pair_id: str) -> Pair:
        """Return one pair. Raises `ReviewError` if the generation has no pair with this id."""
        if not PAIR_ID.match(pair_id):
            raise ReviewError("a pair's id is P and 16 digits or letters A to F")
        pairs = self._read_pairs("review_pair_id = ?", [pair_id])
        if not pairs:
            raise ReviewError(f"no pair {pair_id} in generation {self.generation_id}")
        return pairs[0]

    def pairs_between(self, left: Iterable[str], right: Iterable[str]) -> list[Pair]:
        """Return the pairs that connect a key in `left` with one in `right`, strongest first."""
        return self._read_pairs(
            "(list_contains($1, left_mention_key) and list_contains($2, right_mention_key))"
            " or (list_contains($2, left_mention_key) and list_contains($1, right_mention_key))"
            " order by match_weight desc nulls last, review_pair_id",
            [list(left), list(right)],
        )

    def scored_pairs(self) -> list[tuple[str, str, str, str]]:
        """Return the id, both keys and the stratum of every scored pair, in order of id."""
        return self._read_rows(
            "select review_pair_id, left_mention_key, right_mention_key, sampling_stratum"
            " from operations.review_pairs where sampling_stratum is not null"
            " order by review_pair_id"
        )

    def read_weights(self, pair_id: str) -> list[Weight]:
        """Return the weight of each comparison, the prior first; empty without a score."""
        rows = self._read_rows(
            "select comparison_code, level_code, weight from operations.review_pair_weights"
            " where review_pair_id = ? order by comparison_place",
            [pair_id],
        )
        return [Weight(*row) for row in rows]

    def fields_of(self, mention: Mention) -> Fields:
        """Return the values that a source recorded of a person, by field, the usual name first."""
        rows = self._read_rows(
            "select field_code, field_value from operations.review_mention_fields"
            " where mention_id_register = ? order by field_code, value_number",
            [mention.mention_id_register],
        )
        values: Fields = {}
        for field, value in rows:
            values.setdefault(field, []).append(value)
        return values

    def read_mentions(self, identifier: str) -> list[Mention]:
        """Return the mentions that an id stands for: one mention, or all mentions of a child.

        `identifier` is a child's id (C…), a mention's id (M…) or a mention key. A child's founder
        comes first. Raises `ReviewError` for any other text, and for an id that the generation does
        not have.
        """
        shapes = {
            "child_id_register": CHILD_ID,
            "mention_id_register": MENTION_ID,
            "mention_key": MENTION_KEY,
        }
        column = next((name for name, shape in shapes.items() if shape.match(identifier)), None)
        if column is None:
            raise ReviewError("name a child (C…), a mention (M…) or a mention key")
        order = "order by is_founder desc, mention_key"
        mentions = self._find_mentions(f"{column} = ? {order}", [identifier])
        if not mentions:
            raise ReviewError(
                f"{identifier} is not in generation {self.generation_id}; `register key show`"
                " shows the history of a child's key"
            )
        return mentions

    def find_area_mentions(self, areas: Collection[str]) -> dict[str, list[str]]:
        """Return the children of whom every record belongs to these areas, with all mention ids."""
        rows = self._read_rows(
            "select child_id_register, list(mention_id_register) from operations.review_mentions"
            " group by child_id_register having bool_and(list_contains(?, issuer_code))",
            [sorted(areas)],
        )
        return dict(rows)

    def read_mention(self, identifier: str) -> Mention:
        """Return the mention that an id stands for. For a child's id, it is the child's founder."""
        return self.read_mentions(identifier)[0]

    def mentions_of(self, keys: Iterable[str]) -> list[Mention]:
        """Return the mentions with these keys, in this order, without those that are missing."""
        ordered = list(keys)
        mentions = self._find_mentions("list_contains(?, mention_key)", [ordered])
        return sorted(mentions, key=lambda mention: ordered.index(mention.mention_key))

    def holders_of(self, field: str, values: list[str]) -> list[Mention]:
        """Return every mention that has any of these values in this field."""
        return self._find_mentions(
            "mention_id_register in (select mention_id_register"
            " from operations.review_mention_fields"
            " where field_code = ? and list_contains(?, field_value)) order by mention_key",
            [field, values],
        )

    def _read_pairs(self, condition: str, parameters: list[Any] | None = None) -> list[Pair]:
        query = f"select {PAIR_COLUMNS} from operations.review_pairs where {condition}"
        return [Pair(*row) for row in self._read_rows(query, parameters)]

    def _find_mentions(self, condition: str, parameters: list[Any]) -> list[Mention]:
        columns = ", ".join(MENTION_COLUMNS)
        query = f"select {columns} from operations.review_mentions where {condition}"
        return [self._build_mention(row) for row in self._read_rows(query, parameters)]

    def _build_mention(self, row: tuple[Any, ...]) -> Mention:
        values = dict(zip(MENTION_COLUMNS, row, strict=True))
        return Mention(**values, issuer_name=name_supplier(self._seeds, values["issuer_code"]))

    def _read_rows(self, query: str, parameters: list[Any] | None = None) -> list[Any]:
        try:
            return self._connection.execute(query, parameters or []).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            raise ReviewError(
                f"generation {self.generation_id} was built before review could read it: run"
                " `register load`"
            ) from None
