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
# Table, column, and the table and column that it points to.
FOREIGN_KEYS = (
    ("register.fct_reports", "child_id_register", "register.dim_children", "child_id_register"),
    ("register.fct_reports", "episode_id_register", "register.fct_episodes", "episode_id_register"),
    ("register.fct_reports", "delivery_id", "register.dim_deliveries", "delivery_id"),
    ("register.fct_reports", "supplier_code", "register.dim_suppliers", "supplier_code"),
    ("register.fct_episodes", "child_id_register", "register.dim_children", "child_id_register"),
    (
        "register.fct_episodes",
        "placement_id_register",
        "register.dim_placements",
        "placement_id_register",
    ),
    ("register.fct_episodes", "start_date", "register.dim_dates", "date_day"),
    ("register.fct_rule_breaches", "delivery_id", "register.dim_deliveries", "delivery_id"),
    ("register.fct_rule_breaches", "rule_code", "register.dim_rules", "rule_code"),
    (
        "register.bridge_episode_reports",
        "report_id_register",
        "register.fct_reports",
        "report_id_register",
    ),
    (
        "register.bridge_child_sources",
        "child_id_register",
        "register.dim_children",
        "child_id_register",
    ),
    (
        "agreement.fct_agreement",
        "episode_id_register",
        "register.fct_episodes",
        "episode_id_register",
    ),
    ("agreement.fct_agreement", "reason_code", "register.dim_reasons", "reason_code"),
)
# Parts of column names that would say who a child is. A birth year is published, a birth date not.
PERSONAL = (
    "forename|surname|alias|(^|_)dob($|_)|birth_date|date_of_birth|postcode|(^|_)upn($|_)"
    "|nhs|urn|person_ref|report_ref|address"
)


def _keys_counted() -> str:
    parts = (
        f"select '{mart}' as mart, count(*) as row_count, count(distinct {key}) as key_count "
        f"from {mart}"
        for mart, key in PRIMARY_KEYS.items()
    )
    return "(" + " union all ".join(parts) + ") as keys_counted"


def _orphans_counted() -> str:
    parts = (
        f"select '{table}.{column}' as foreign_key, count(*) as orphan_count from {table} as child "
        f"where child.{column} is not null and not exists "
        f"(select 1 from {parent} as parent where parent.{key} = child.{column})"
        for table, column, parent, key in FOREIGN_KEYS
    )
    return "(" + " union all ".join(parts) + ") as orphans_counted"


SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Keys and privacy of the published file",
    introduction=(
        "Whether the published tables join as they promise, and whether the file is free of "
        "columns that name a person."
    ),
    expectations=(
        ExpectationSpec(
            suite=SUITE_NAME,
            name="keys_primary_unique",
            sentence="In every published table each row has a key of its own.",
            mart="register.* and agreement.*",
            relation=_keys_counted(),
            measure=EqualMeasure(left="row_count", right="key_count"),
        ),
        ExpectationSpec(
            suite=SUITE_NAME,
            name="keys_foreign_found",
            sentence="Every key in a fact or bridge is found in the table that it points to.",
            mart="register.* and agreement.*",
            relation=_orphans_counted(),
            measure=TotalMeasure(total="sum(orphan_count)"),
        ),
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
            mart="information_schema.columns",
            condition=(
                "table_schema in ('register', 'agreement', 'quality') "
                f"and regexp_matches(lower(column_name), '{PERSONAL}')"
            ),
            measure=TotalMeasure(total="count(*)"),
        ),
    ),
)
