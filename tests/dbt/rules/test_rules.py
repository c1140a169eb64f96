"""The `rules` test by breaking each of its rules on a tiny relation, run by dbt itself."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.dbt_manifest import list_rule_names
from register.settings import PROJECT_ROOT

BROKEN = re.compile(r"(\w+)\.(\w+) is broken by (\d+) rows?(?:, of (.+))?")
HOOK = "on-run-end-0"
MACROS = PROJECT_ROOT / "dbt_project" / "macros" / "generic_tests"
PROJECT = {
    "name": "tiny",
    "version": "1.0.0",
    "profile": "tiny",
    "flags": {"send_anonymous_usage_stats": False},
    "on-run-end": "{{ describe_failed_tests(results) }}",
}
COLUMNS = "id, kind, size, parent_id, owner, first_day, last_day, score"
KEPT = (
    "(1, 'a', 1, 1, 'x', date '2020-01-01', date '2020-03-31', 1)",
    "(2, 'b''s', 2, 1, 'x', date '2020-04-01', null, 2)",
    "(3, null, null, null, 'y', date '2020-01-01', null, 3)",
)
RULES: dict[str, Any] = {
    "not_null": ["id", "owner"],
    "unique": ["id"],
    "unique_combination": [["kind", "coalesce(size, 0)"]],
    "accepted_values": {"kind": ["a", "b's"], "size": [1, 2]},
    "relationships": {"parent_id": "parents.parent_id"},
    "expressions": {"score_is_positive": "score > 0"},
    "mutually_exclusive_ranges": {
        "partition_by": "owner",
        "lower_bound_column": "first_day",
        "upper_bound_column": "last_day",
    },
}
# A row that breaks one rule when it is added to the rows that keep them all.
BREAKING = {
    "not_null_id": "(null, 'a', 2, 1, 'z', date '2020-01-01', null, 1)",
    "not_null_owner": "(9, 'a', 2, 1, null, date '2020-01-01', null, 1)",
    "unique_id": "(1, 'a', 2, 1, 'z', date '2020-01-01', null, 1)",
    "unique_combination_kind_coalesce_size_0": (
        "(9, null, null, 1, 'z', date '2020-01-01', null, 1)"
    ),
    "accepted_values_kind": "(9, 'A', 2, 1, 'z', date '2020-01-01', null, 1)",
    "accepted_values_size": "(9, 'a', 3, 1, 'z', date '2020-01-01', null, 1)",
    "relationships_parent_id": "(9, 'a', 2, 7, 'z', date '2020-01-01', null, 1)",
    "score_is_positive": "(9, 'a', 2, 1, 'z', date '2020-01-01', null, null)",
    "mutually_exclusive_ranges_first_day": (
        "(9, 'a', 2, 1, 'x', date '2020-03-31', date '2020-03-31', 1)"
    ),
}
# Ranges whose last day is the first of the next, and one that ends before it starts.
SHARED_DAY = "(9, 'a', 2, 1, 'y', date '2019-01-01', date '2020-01-01', 1)"
BACKWARDS = "(9, 'a', 2, 1, 'z', date '2020-01-02', date '2020-01-01', 1)"
OPEN_BEFORE_ANOTHER = "(9, 'a', 2, 1, 'y', date '2021-01-01', null, 1)"
EXCLUSIVE = {
    "mutually_exclusive_ranges": {
        **RULES["mutually_exclusive_ranges"],
        "upper_is_inclusive": False,
    }
}
RANGES = "mutually_exclusive_ranges_first_day"
# Rows of seven suppliers that break one rule, and rows that name none.
NO_SHARE = {"expressions": {"share_is_a_share": "share <= 1"}}
BODIES = "select 'E' || number as supplier_code, 2 as share from range(1, 8) as given (number)\n"
# The rules that rows break together, of which each is as wrong as the other.
TOGETHER = {"unique_id", "unique_combination_kind_coalesce_size_0", RANGES}


def _write_project(folder: Path) -> None:
    (folder / "models").mkdir(parents=True)
    shutil.copytree(MACROS, folder / "macros")
    profile = {"target": "here", "outputs": {"here": {"type": "duckdb", "path": "tiny.duckdb"}}}
    documents = {"dbt_project.yml": PROJECT, "profiles.yml": {"tiny": profile}}
    models = [
        ("kept", RULES, ()),
        *((f"broken_{rule}", RULES, (row,)) for rule, row in BREAKING.items()),
        ("all_broken", RULES, tuple(BREAKING.values())),
        ("inclusive", RULES, (SHARED_DAY,)),
        ("exclusive", EXCLUSIVE, (SHARED_DAY,)),
        ("backwards", EXCLUSIVE, (BACKWARDS,)),
        ("open_before_another", EXCLUSIVE, (OPEN_BEFORE_ANOTHER,)),
    ]
    entries = []
    for name, rules, rows in models:
        query = "\nunion all\n".join(
            f"select *, '{delivery}' as _delivery_id from (values\n{values}\n) as given ({COLUMNS})"
            for delivery, values in (("kept", ",\n".join(KEPT)), ("added", ",\n".join(rows)))
            if values
        )
        (folder / "models" / f"{name}.sql").write_text(query, encoding="utf-8")
        entries.append({"name": name, "data_tests": [{"rules": {"arguments": rules}}]})
    (folder / "models" / "parents.sql").write_text("select 1 as parent_id\n", encoding="utf-8")
    (folder / "models" / "bodies.sql").write_text(BODIES, encoding="utf-8")
    entries.append({"name": "bodies", "data_tests": [{"rules": {"arguments": NO_SHARE}}]})
    (folder / "models" / "nameless.sql").write_text("select 2 as share\n", encoding="utf-8")
    entries.append({"name": "nameless", "data_tests": [{"rules": {"arguments": NO_SHARE}}]})
    documents["models/models.yml"] = {"models": entries}
    for name, document in documents.items():
        (folder / name).write_text(yaml.safe_dump(document), encoding="utf-8")


@dataclass
class Said:
    """What dbt said of each relation: rows by broken rule, and whose these are."""

    rows: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    origins: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """What dbt says of a tiny project."""
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("rules") / "tiny"
    _write_project(folder)
    found = Said()

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        options = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
        outcome = dbtRunner().invoke(["--quiet", "build", *options])
    assert outcome.exception is None
    results: Any = outcome.result
    states = {result.node.name: str(result.status) for result in results}
    message = next(result.message for result in results if result.node.name.endswith(HOOK))
    assert [name for name, state in states.items() if state == "error"] == [f"tiny-{HOOK}"]
    for relation, rule, rows, whose in BROKEN.findall(message):
        found.rows[relation][rule] = int(rows)
        if whose:
            found.origins[f"{relation}.{rule}"] = whose
    return found


@pytest.fixture
def broken(said: Said) -> dict[str, dict[str, int]]:
    """What is broken in each relation, with how many rows."""
    return said.rows


def test_a_relation_that_keeps_its_rules_is_not_reported(
    broken: dict[str, dict[str, int]],
) -> None:
    """Prevents a load that is stopped for nothing: nulls, quoted text and numbers are accepted."""
    assert "kept" not in broken


@pytest.mark.parametrize("rule", BREAKING)
def test_the_rule_that_is_broken_is_reported_and_no_other(
    broken: dict[str, dict[str, int]], rule: str
) -> None:
    """Prevents a rule that looks at nothing, and a failure that names the wrong column."""
    assert broken[f"broken_{rule}"] == {rule: 1}


def test_every_rule_has_the_name_that_its_check_lists() -> None:
    """Prevents a broken rule that the check in Dagster lists by another name."""
    assert set(list_rule_names(RULES)) == set(BREAKING)


def test_all_broken_rules_are_reported_at_once(broken: dict[str, dict[str, int]]) -> None:
    """Prevents mending one rule a load."""
    assert set(broken["all_broken"]) == set(BREAKING)


def test_a_last_day_belongs_to_its_range_unless_said_otherwise(
    broken: dict[str, dict[str, int]],
) -> None:
    """Prevents intervals that touch from failing, and dated versions that share a day."""
    assert broken["inclusive"] == {RANGES: 1}
    assert "exclusive" not in broken


@pytest.mark.parametrize("relation", ["backwards", "open_before_another"])
def test_a_range_that_never_ends_or_ends_too_soon_is_reported(
    broken: dict[str, dict[str, int]], relation: str
) -> None:
    """Prevents a range that no comparison with its neighbour shows to be wrong."""
    assert broken[relation] == {RANGES: 1}


@pytest.mark.parametrize("rule", BREAKING)
def test_the_delivery_of_a_broken_row_is_named(said: Said, rule: str) -> None:
    """Prevents an operator from searching a nation for the one delivery to set aside."""
    whose = "added, kept" if rule in TOGETHER else "added"
    assert said.origins[f"broken_{rule}.{rule}"] == whose


def test_the_suppliers_of_rows_without_a_delivery_are_named(said: Said) -> None:
    """Prevents a sum of many deliveries from hiding whose it is, and a list without an end."""
    assert said.origins["bodies.share_is_a_share"] == "E1, E2, E3, E4, E5 and 2 more"


def test_rows_that_do_not_say_whose_they_are_are_counted_alone(said: Said) -> None:
    """Prevents a test of a relation without such a column from ending in an error."""
    assert said.rows["nameless"] == {"share_is_a_share": 1}
    assert "nameless.share_is_a_share" not in said.origins
