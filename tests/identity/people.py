"""Invented mentions for the tests of identity; no real person is described."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa

from register.identity.clean import MENTION_SCHEMA, clean_mentions
from register.identity.cluster import (
    CARE_SCHEMA,
    DECISION_SCHEMA,
    cluster_children,
    promote_links,
)
from register.identity.score import links_from_scores, load_model, score_pairs

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


def children(
    mentions: pa.Table, care: pa.Table | None = None, decisions: pa.Table | None = None
) -> set[frozenset[str]]:
    """Run the whole method and return the children, each as the set of its mentions."""
    decisions = decision_table() if decisions is None else decisions
    care = care_table() if care is None else care
    links = promote_links(mentions, links_of(mentions), care)
    clusters = cluster_children(mentions, links, care, decisions)
    return as_sets(clusters)


def links_of(mentions: pa.Table) -> pa.Table:
    """The links of mentions by the pinned model."""
    model = load_model()
    return links_from_scores(score_pairs(mentions, model), model, mentions.num_rows)


def as_sets(clusters: pa.Table) -> set[frozenset[str]]:
    """Turn clusters into sets of mention keys."""
    found: dict[str, set[str]] = {}
    for row in clusters.to_pylist():
        found.setdefault(row["founding_mention_key"], set()).add(row["mention_key"])
    return {frozenset(members) for members in found.values()}
