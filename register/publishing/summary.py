"""The most important row counts of a generation, for a first overview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from register.publishing.generations import Generation
from register.publishing.register_files import open_register

COUNTS = {
    "report_count": "select count(*) from register.fct_reports",
    "episode_count": "select count(*) from register.fct_episodes",
    "child_count": "select count(*) from register.dim_children where is_current",
    "rule_breach_count": "select count(*) from register.fct_rule_breaches",
}
GROUPS = {
    "delivery_outcomes": "select outcome, count(*) from register.dim_deliveries group by outcome",
    "delivery_statuses": "select status, count(*) from register.dim_deliveries group by status",
    "agreement": (
        "select status, count(*) from agreement.fct_agreement where is_in_scope group by status"
    ),
    "agreement_where_both_expected": (
        "select status, count(*) from agreement.fct_agreement"
        " where is_in_scope and is_police_expected and is_authority_expected group by status"
    ),
}


@dataclass(frozen=True)
class Summary:
    """Counts of a generation. Each dictionary gives numbers of deliveries or absences by status.

    `delivery_outcomes` gives numbers of deliveries by outcome instead. `agreement` covers the same
    absences as published statistics. `agreement_where_both_expected` leaves out absences from home,
    which no authority records, and days that a source has not delivered.
    """

    generation_id: str
    report_count: int
    episode_count: int
    child_count: int
    rule_breach_count: int
    delivery_outcomes: dict[str, int]
    delivery_statuses: dict[str, int]
    agreement: dict[str, int]
    agreement_where_both_expected: dict[str, int]


def summarise(generation: Generation) -> Summary:
    """Return the counts of a published generation."""
    with open_register(generation) as connection:
        counts: dict[str, Any] = {
            name: int(connection.execute(query).fetchall()[0][0]) for name, query in COUNTS.items()
        }
        for name, query in GROUPS.items():
            counts[name] = dict(connection.execute(query + " order by 1").fetchall())
    return Summary(generation.generation_id, **counts)
