"""Differences that two checkouts may have on one inbox: unavoidable and announced ones.

Every other difference is reported. Remove an announcement when reference commits include the
change.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Varying:
    """A column whose values differ between any two loads, and why; only its nulls are compared."""

    table: str
    column: str
    reason: str


@dataclass(frozen=True)
class Announcement:
    """A new name in the changelog: `before` became `after`, or is None if the thing is new too.

    Names are `schema.table` or `schema.table.column`. If the old name still exists beside the new
    one, both are compared.
    """

    before: str | None
    after: str
    reason: str


GENERATION = "from a home's second load on, the name of a generation: the moment of its load"
MOMENT = "the moment of the load whose generation it tells of"
VARYING = (
    Varying("quality.agg_identity_churn_by_generation", "generation_id", GENERATION),
    Varying("quality.agg_identity_churn_by_generation", "previous_generation_id", GENERATION),
    Varying("register.dim_child_keys", "first_generation_id", GENERATION),
    Varying("register.dim_child_keys", "retired_generation_id", GENERATION),
    Varying("register.fct_identity_events", "generation_id", GENERATION),
    Varying("quality.agg_identity_churn_by_generation", "occurred_at", MOMENT),
    Varying("register.fct_identity_events", "occurred_at", MOMENT),
    Varying("register.published_generation", "generation_id", GENERATION),
    Varying("operations.published_generation", "generation_id", GENERATION),
)
BI_RELATIONS = (
    *("agreement_by_area_year", "areas", "children_by_area_month", "children_by_area_year"),
    *("children_by_characteristic", "deliveries_by_supplier_period", "episodes"),
    *("interviews_by_area_year", "reasons_by_area_year", "tasks_by_area"),
)
MATCHED_SHARE = (
    "when_expected_share",
    "when_expected_share_lower",
    "when_expected_share_upper",
)
MENTION_VALUES = (
    *("primary_name", "names", "birth_dates", "earliest_birth_date", "latest_birth_date"),
    *("postcodes", "postcode_districts", "identifiers", "sex_code"),
    *("care_first_start_date", "adoption_date"),
)
ANNOUNCED: tuple[Announcement, ...] = (
    Announcement(
        "register.fct_identity_events.reason",
        "register.fct_identity_events.reason_code",
        "codes alone: a reviewer's words stay in the identity zone",
    ),
    Announcement(None, "register.published_generation", "the generation of a file, in the file"),
    Announcement(None, "operations.published_generation", "the generation of a file, in the file"),
    Announcement(
        "agreement.fct_agreement.status",
        "agreement.fct_agreement.source_status",
        "one name for which sources recorded an absence, as in fct_episodes",
    ),
    *(
        Announcement(None, f"bi.{name}", "what an analyst reads first: views of the marts")
        for name in BI_RELATIONS
    ),
    *(
        Announcement(
            None,
            f"agreement.agg_characteristics_by_area_year.both_{name}",
            "what both sources should have recorded, and did, by age, sex and the others",
        )
        for name in ("expected_count", "when_expected_count", *MATCHED_SHARE)
    ),
    *(
        Announcement(
            None,
            f"operations.review_mentions.{name}",
            "the recorded values of a person, of which review_mention_fields is a view",
        )
        for name in MENTION_VALUES
    ),
)
