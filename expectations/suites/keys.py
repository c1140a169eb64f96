"""The suite of foreign keys: each must exist in the table that it refers to.

dbt's tests stop a load with a broken foreign key. This suite measures the published file itself.
"""

from __future__ import annotations

from pathlib import Path

from expectations.suites.specs import EqualMeasure, ExpectationSpec, SuiteSpec, TotalMeasure
from register.queries import read_query
from register.yaml_file import read_yaml

SUITE_NAME = "keys"
KEYS = read_yaml(Path(__file__).with_suffix(".yaml"))
PRIMARY_KEYS: dict[str, str] = KEYS["primary_keys"]
CHILD_VERSIONS = read_query(__package__, "child_versions")
FOREIGN_KEYS: dict[str, dict[str, str]] = KEYS["foreign_keys"]


def _expect_unique_key(mart: str, key: str) -> ExpectationSpec:
    table = mart.split(".")[1]
    counts = f"(select count(*) as row_count, count(distinct {key}) as key_count from {mart})"
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=f"{SUITE_NAME}_primary_{table}",
        sentence=f"Each row of {table} has its own key: no key is repeated.",
        mart=mart,
        measure=EqualMeasure("row_count", "key_count"),
        relation=counts,
        trace=key if key.endswith("_register") else "",
    )


def _expect_known_keys(mart: str, keys: dict[str, str]) -> ExpectationSpec:
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
        name=f"{SUITE_NAME}_foreign_{table}",
        sentence=f"Every key in {table} exists in the table that it refers to.",
        mart=mart,
        measure=TotalMeasure("count(*)"),
        condition=" or ".join(missing),
        trace=PRIMARY_KEYS[mart],
    )


SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Keys of the published file",
    introduction=(
        "Whether every row of the published tables has its own key, and every key that refers "
        "to another table exists there."
    ),
    expectations=(
        *(_expect_unique_key(mart, key) for mart, key in PRIMARY_KEYS.items()),
        *(_expect_known_keys(mart, keys) for mart, keys in FOREIGN_KEYS.items()),
        ExpectationSpec(
            suite=SUITE_NAME,
            name=f"{SUITE_NAME}_child_current_once",
            sentence="Each child has exactly one current version in dim_children.",
            mart="register.dim_children",
            measure=EqualMeasure("current_count", "expected_count"),
            relation=f"({CHILD_VERSIONS})",
            trace="child_id_register",
        ),
    ),
)
