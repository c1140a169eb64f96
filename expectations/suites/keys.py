"""Keys: does the published file join, and does it hold nothing that names a person.

The load's own tests stop a broken key; this measures the file that readers were given.
"""

from __future__ import annotations

from expectations.specs import EqualMeasure, ExpectationSpec, SuiteSpec, TotalMeasure

SUITE_NAME = "keys"
PRIMARY_KEYS = {
    "register.dim_dates": "date_day",
    "register.dim_authorities": "authority_version_id",
    "register.dim_police_forces": "police_force_version_id",
    "register.dim_suppliers": "supplier_code",
    "register.dim_deliveries": "delivery_id",
    "register.dim_placements": "placement_id_register",
    "register.dim_children": "child_version_id",
    "register.fct_reports": "report_id_register",
    "register.fct_episodes": "episode_id_register",
    "register.fct_rule_breaches": "rule_breach_id",
    "register.bridge_child_sources": "mention_id_register",
    "register.bridge_episode_reports": "report_id_register",
    "agreement.fct_agreement": "agreement_id",
}
# By table: each column, and the table and column that it points to.
CHILD = "register.dim_children.child_id_register"
EPISODE = "register.fct_episodes.episode_id_register"
DELIVERY = "register.dim_deliveries.delivery_id"
FOREIGN_KEYS = {
    "register.fct_reports": {
        "child_id_register": CHILD,
        "episode_id_register": EPISODE,
        "delivery_id": DELIVERY,
        "supplier_code": "register.dim_suppliers.supplier_code",
    },
    "register.fct_episodes": {
        "child_id_register": CHILD,
        "placement_id_register": "register.dim_placements.placement_id_register",
        "start_date": "register.dim_dates.date_day",
    },
    "register.fct_rule_breaches": {
        "delivery_id": DELIVERY,
        "rule_code": "register.dim_rules.rule_code",
    },
    "register.bridge_episode_reports": {
        "report_id_register": "register.fct_reports.report_id_register",
        "episode_id_register": EPISODE,
    },
    "register.bridge_child_sources": {"child_id_register": CHILD},
    "agreement.fct_agreement": {
        "episode_id_register": EPISODE,
        "reason_code": "register.dim_reasons.reason_code",
    },
}
# Parts of column names that would say who a child is. A birth year is published, a birth date not.
PERSONAL = (
    "forename|surname|alias|birth_date|date_of_birth|postcode|person_ref|report_ref|address"
    "|(^|_)(dob|upn|nhs|urn)($|_)"
)


def _unique(mart: str, key: str) -> ExpectationSpec:
    table = mart.split(".")[1]
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=f"keys_primary_{table}",
        sentence=f"In {table} each row has a key of its own.",
        mart=mart,
        relation=(
            f"(select count(*) as row_count, count(distinct {key}) as key_count "
            f"from {mart}) as counted"
        ),
        measure=EqualMeasure(left="row_count", right="key_count"),
        trace=key if key.endswith("_register") else "",
    )


def _found(mart: str, keys: dict[str, str]) -> ExpectationSpec:
    table = mart.split(".")[1]
    missing = []
    for column, target in keys.items():
        parent, key = target.rsplit(".", 1)
        missing.append(
            f"({column} is not null and not exists "
            f"(select 1 from {parent} as parent where parent.{key} = {mart}.{column}))"
        )
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=f"keys_foreign_{table}",
        sentence=f"Every key in {table} is found in the table that it points to.",
        mart=mart,
        condition=" or ".join(missing),
        measure=TotalMeasure(total="count(*)"),
        trace=PRIMARY_KEYS[mart],
    )


SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Keys and privacy of the published file",
    introduction=(
        "Whether the published tables join as they promise, and whether the file is free of "
        "columns that name a person."
    ),
    expectations=(
        *(_unique(mart, key) for mart, key in PRIMARY_KEYS.items()),
        *(_found(mart, keys) for mart, keys in FOREIGN_KEYS.items()),
        ExpectationSpec(
            suite=SUITE_NAME,
            name="keys_child_current_once",
            sentence="Every child has exactly one current version.",
            mart="register.dim_children",
            relation="""(
                select
                    child_id_register,
                    1 as wanted_count,
                    count(*) filter (where is_current) as current_count
                from register.dim_children
                group by child_id_register
            ) as children""",
            measure=EqualMeasure(left="current_count", right="wanted_count"),
            trace="child_id_register",
        ),
        ExpectationSpec(
            suite=SUITE_NAME,
            name="keys_no_personal_columns",
            sentence="No column of the published file names a person, a birth date or a postcode.",
            mart="register.dim_children",
            relation="information_schema.columns",
            condition=(
                "table_schema in ('register', 'agreement', 'quality') "
                f"and regexp_matches(lower(column_name), '{PERSONAL}')"
            ),
            measure=TotalMeasure(total="count(*)"),
        ),
    ),
)
