"""Keys: does the published file join.

The load's own tests stop a broken key; this measures the file that readers were given.
"""

from __future__ import annotations

from expectations.suites.specs import (
    EqualMeasure,
    ExpectationSpec,
    Rows,
    SuiteSpec,
    TotalMeasure,
    suite_of,
)

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
CHILD_VERSIONS = Rows(
    "register.dim_children",
    relation="""(
        select
            child_id_register,
            1 as wanted_count,
            count(*) filter (where is_current) as current_count
        from register.dim_children
        group by child_id_register
    ) as children""",
    trace="child_id_register",
)
_expect = suite_of(SUITE_NAME)


def _unique(mart: str, key: str) -> ExpectationSpec:
    table = mart.split(".")[1]
    counted = (
        f"(select count(*) as row_count, count(distinct {key}) as key_count from {mart}) as counted"
    )
    return _expect(
        f"primary_{table}",
        f"In {table} each row has a key of its own.",
        Rows(mart, relation=counted, trace=key if key.endswith("_register") else ""),
        EqualMeasure("row_count", "key_count"),
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
    return _expect(
        f"foreign_{table}",
        f"Every key in {table} is found in the table that it points to.",
        Rows(mart, " or ".join(missing), trace=PRIMARY_KEYS[mart]),
        TotalMeasure("count(*)"),
    )


SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Keys of the published file",
    introduction="Whether the published tables join as they promise.",
    expectations=(
        *(_unique(mart, key) for mart, key in PRIMARY_KEYS.items()),
        *(_found(mart, keys) for mart, keys in FOREIGN_KEYS.items()),
        _expect(
            "child_current_once",
            "Every child has exactly one current version.",
            CHILD_VERSIONS,
            EqualMeasure("current_count", "wanted_count"),
        ),
    ),
)
