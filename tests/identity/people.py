"""Invented mentions for the tests of identity; no real person is described."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from register.identity.block import list_blocking_rules
from register.identity.clean import MENTION_SCHEMA, clean_mentions, persons_from_mentions
from register.identity.cluster import (
    CARE_SCHEMA,
    DECISION_SCHEMA,
    cluster_children,
    promote_links,
    weigh_doubtful_pairs,
)
from register.identity.score import Model, links_from_scores, load_model, score_pairs, score_persons

BORN = date(2010, 5, 14)
NHS = "nhs|943 476 5919"
OTHER_NHS = "nhs|401 023 2137"


def mention(key: str, *names: str, source: str = "police", **facts: Any) -> dict[str, Any]:
    """One collected mention; unnamed facts have one default."""
    return {
        "mention_key": key,
        "source": source,
        "issuer_code": facts.get("issuer", "E23000014" if source == "police" else "373"),
        "first_received_at": facts.get("known", datetime(2026, 5, 1)),  # noqa: DTZ001 - UTC
        "first_period_start": facts.get("period", date(2026, 4, 1)),
        "primary_name": facts.get("primary", names[0] if names else None),
        "names": list(names),
        "sex_code": facts.get("sex"),
        "birth_dates": facts.get("born", [BORN]),
        "birth_date_earliest": facts.get("born_from"),
        "birth_date_latest": facts.get("born_to"),
        "postcodes": facts.get("postcodes", []),
        "postcode_districts": [],
        "identifiers": facts.get("identifiers", []),
        "care_first_start_date": facts.get("care_start"),
        "adoption_date": facts.get("adopted"),
    }


def mention_table(*rows: dict[str, Any]) -> pa.Table:
    """Clean collected mentions as the warehouse would."""
    return clean_mentions(pa.Table.from_pylist(list(rows), schema=MENTION_SCHEMA))


def care_table(*rows: tuple[str, str, date, date | None], placed: str = "U4") -> pa.Table:
    """Care placements: mention, place, from, to; all of one type."""
    return pa.Table.from_pylist(
        [dict(zip(CARE_SCHEMA.names, (*row, placed), strict=True)) for row in rows],
        schema=CARE_SCHEMA,
    )


def decision_table(*rows: tuple[str, str, str]) -> pa.Table:
    """Decisions in force: decision and the two mentions."""
    return pa.Table.from_pylist(
        [
            {
                "decided_at": datetime(2026, 6, 1),  # noqa: DTZ001 - UTC
                "decided_by": "reviewer",
                "decision": decision,
                "left_mention_key": left,
                "right_mention_key": right,
                "reason": "looked at the files",
            }
            for decision, left, right in rows
        ],
        schema=DECISION_SCHEMA,
    )


class Case:
    """Mentions that are scored in one run with all other cases, and linked as if they were alone.

    Cases are apart: only pairs within a case are compared. A score follows from two records and the
    model, if no postcode is crowded and no blocking key too common, and a case has too few records
    for either. What depends on all mentions (prior, common names, coincidences, children) is found
    for each case by itself. Cases are made when tests are collected.
    """

    instances: ClassVar[list[Case]] = []

    def __init__(self, *rows: dict[str, Any]) -> None:
        shared = ("birth_dates", "postcodes", "identifiers")
        holders = Counter(value for row in rows for name in shared for value in row[name])
        assert len(rows) <= 60, "a name may be too common"
        assert max(holders.values(), default=0) <= 12, "a postcode may be crowded"
        self.rows, self.place = rows, len(Case.instances)
        Case.instances.append(self)

    @cached_property
    def mentions(self) -> pa.Table:
        """The mentions, cleaned."""
        return mention_table(*self.rows)

    def links(self) -> pa.Table:
        """The links of the case by the pinned model."""
        scored = _scores_of_cases()[self.place]
        return links_from_scores(scored, pinned_model(), len(self.rows))

    def weighed_links(self) -> pa.Table:
        """The same links, with doubtful pairs weighed by the context model."""
        promoted = promote_links(self.mentions, self.links(), care_table())
        return weigh_doubtful_pairs(self.mentions, promoted)

    def children(
        self, care: pa.Table | None = None, decisions: pa.Table | None = None
    ) -> set[frozenset[str]]:
        """The children of the whole method, each as the set of its mentions."""
        return _children(self.mentions, self.links(), care, decisions)


@cache
def _scores_of_cases() -> list[pa.Table]:
    """Score all cases that were made; for each the result of `score_pairs`."""
    every = pa.concat_tables([case.mentions for case in Case.instances])
    case_of = pa.array([f"{case.place:04}" for case in Case.instances for _ in case.rows])
    keys = pc.binary_join_element_wise(case_of, every["mention_key"], "")
    every = every.set_column(every.column_names.index("mention_key"), "mention_key", keys)
    persons = persons_from_mentions(every, crowded_holders=every.num_rows)
    dataset = pc.utf8_slice_codeunits(persons["person_key"], 0, 4)
    persons = persons.set_column(persons.column_names.index("dataset"), "dataset", dataset)
    rules = tuple(replace(rule, most_holders=every.num_rows) for rule in list_blocking_rules())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("register.identity.score.scoring.list_blocking_rules", lambda _: rules)
        pairs = score_persons(persons, pinned_model(), "within").pairs
    case_of = pc.utf8_slice_codeunits(pairs["left_key"], 0, 4)
    ends = [pc.utf8_slice_codeunits(pairs[name], 4) for name in ("left_key", "right_key")]
    names = ["left_mention_key", "right_mention_key", *pairs.column_names[2:]]
    pairs = pa.table([*ends, *pairs.columns[2:]], names)
    return [pairs.filter(pc.equal(case_of, f"{case.place:04}")) for case in Case.instances]


@cache
def pinned_model() -> Model:
    """The model of the package, read once."""
    return load_model()


def children(
    mentions: pa.Table, care: pa.Table | None = None, decisions: pa.Table | None = None
) -> set[frozenset[str]]:
    """Run the whole method and return the children, each as the set of its mentions."""
    return _children(mentions, links_of(mentions), care, decisions)


def links_of(mentions: pa.Table) -> pa.Table:
    """The links of mentions by the pinned model."""
    model = pinned_model()
    return links_from_scores(score_pairs(mentions, model), model, mentions.num_rows)


def _children(
    mentions: pa.Table, links: pa.Table, care: pa.Table | None, decisions: pa.Table | None
) -> set[frozenset[str]]:
    decisions = decision_table() if decisions is None else decisions
    care = care_table() if care is None else care
    links = weigh_doubtful_pairs(mentions, promote_links(mentions, links, care))
    return as_sets(cluster_children(mentions, links, decisions, pinned_model()))


def as_sets(clusters: pa.Table) -> set[frozenset[str]]:
    """Turn clusters into sets of mention keys."""
    members_of: dict[str, set[str]] = {}
    for row in clusters.to_pylist():
        members_of.setdefault(row["founding_mention_key"], set()).add(row["mention_key"])
    return {frozenset(members) for members in members_of.values()}
