"""Tables with a contract, tried on a small project with the real project's materializations."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from register.settings import load_settings
from tests.dbt.forked import forked_dbt

PROJECT = """
name: small
version: "1.0"
profile: small
flags: {send_anonymous_usage_stats: false}
models: {small: {+materialized: table}}
seeds: {small: {+full_refresh: true}}
"""
PROFILES = """
small:
  target: t
  outputs: {t: {type: duckdb, path: small.duckdb, threads: 1}}
"""
CONTRACT = """
models:
  - name: counted
    description: One row per number.
    config: {contract: {enforced: true}, persist_docs: {relation: true, columns: true}}
    columns:
      - name: n
        data_type: integer
        description: It's a number.
        constraints: [{type: not_null}, {type: primary_key}]
"""
FRACTIONS = """
models:
  - name: shares
    description: One row per fraction.
    config: {contract: {enforced: true}}
    columns:
      - {name: given, data_type: varchar}
      - {name: fraction, data_type: double}
"""
SUMMED = """
select given, cast(given as double) + added as fraction
from (values
    ('0.1', 0.2e0), ('0.0000000004', 0), ('0.0000000006', 0), ('-0.0000000004', 0),
    ('999999.9999999', 0), ('1000000.0004', 0), ('1000000.0006', 0), (null, 0)
) as values_given (given, added)
"""
PYTHON = """
def model(dbt, session):
    dbt.config(materialized="table")
    return session.sql("select 7 as n").to_arrow_table()
"""


LAST_ROWS = (
    "select {% if adapter.get_relation(this.database, this.schema, this.identifier) %}"
    "(select n + 1 from {{ this }}){% else %}1{% endif %} as n"
)
# What changes in each build of the project; in the third, `counted` is wrong.
BUILDS = (
    {
        "counted": "select 1 as n",
        "taken": PYTHON,
        "kept": LAST_ROWS,
        "seen": "{{ config(materialized='view') }} select 1 as n",
        "shares": SUMMED,
        "summed": SUMMED,
        "codes.csv": "code,sort_order\nA,1\n",
    },
    {"counted": "select n + 1 as n from {{ this }}", "seen": "select 2 as n"},
    {"counted": "select cast(null as integer) as n"},
    {"counted": "select 3 as n", "codes.csv": "code,sort_order,name\nA,0.5,one\nB,2,two\n"},
)
ASKED = {
    **{name: f"from {name}" for name in ("counted", "taken", "kept", "seen", "codes")},
    "comment": "select comment from duckdb_tables() where table_name = 'counted'",
    "comment_of_column": (
        "select comment from duckdb_columns() where table_name = 'counted' and column_name = 'n'"
    ),
    "indexes": "select index_count from duckdb_tables() where table_name = 'counted'",
    "published": "select given, cast(fraction as varchar) from shares",
    "summed": "select fraction from summed where given = '0.1'",
}


@dataclass(frozen=True)
class Built:
    """How one build ended, and what was in the warehouse after it."""

    outcome: subprocess.CompletedProcess[str]
    found: dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> list[Built]:
    """The builds of a small project, one after the other."""
    folder = tmp_path_factory.mktemp("small")
    for name in ("generic_tests", "materializations"):
        macros = load_settings().dbt_project / "macros" / name
        shutil.copytree(macros, folder / "macros" / name)
    (folder / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (folder / "profiles.yml").write_text(PROFILES, encoding="utf-8")
    for name in ("models", "seeds"):
        (folder / name).mkdir()
    (folder / "models" / "counted.yml").write_text(CONTRACT, encoding="utf-8")
    (folder / "models" / "shares.yml").write_text(FRACTIONS, encoding="utf-8")
    return [_build(folder, changes) for changes in BUILDS]


def _build(folder: Path, changes: dict[str, str]) -> Built:
    """Write models (name to code) and seeds into the project and build it."""
    for name, code in changes.items():
        if name.endswith(".csv"):
            (folder / "seeds" / name).write_text(code, encoding="utf-8")
            continue
        suffix = "py" if code == PYTHON else "sql"
        (folder / "models" / f"{name}.{suffix}").write_text(code, encoding="utf-8")
    outcome = subprocess.run(
        [forked_dbt(), "build", "--profiles-dir", "."],
        cwd=folder,
        env={**os.environ, "DO_NOT_TRACK": "1", "REGISTER_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.stderr == "", "dbt did not end as it should"
    with duckdb.connect(str(folder / "small.duckdb"), read_only=True) as connection:
        found = {name: connection.execute(query).fetchall() for name, query in ASKED.items()}
    return Built(outcome, found)


@pytest.mark.slow
def test_a_table_is_replaced_whole_or_not_at_all(builds: list[Built]) -> None:
    """Prevents half a table, a lost one, and old rows beside new ones."""
    first, again, broken, other = builds
    assert first.outcome.returncode == 0, first.outcome.stdout
    assert again.outcome.returncode == 0, again.outcome.stdout
    assert again.found["counted"] == [(2,)]
    assert broken.outcome.returncode != 0
    assert "NOT NULL" in broken.outcome.stdout
    assert broken.found["counted"] == [(2,)]
    assert other.outcome.returncode == 0, other.outcome.stdout
    assert other.found["counted"] == [(3,)]
    assert other.found["taken"] == [(7,)]


@pytest.mark.slow
def test_a_model_may_read_its_own_last_rows(builds: list[Built]) -> None:
    """Prevents a cache that is empty in every load."""
    assert [built.found["kept"] for built in builds] == [[(1,)], [(2,)], [(3,)], [(4,)]]
    assert builds[-1].outcome.returncode == 0, builds[-1].outcome.stdout


@pytest.mark.slow
def test_a_view_that_becomes_a_table_is_replaced(builds: list[Built]) -> None:
    """Prevents a model that changes its kind from stopping every later load."""
    assert builds[0].outcome.returncode == 0
    assert builds[0].found["seen"] == [(1,)]
    assert builds[1].found["seen"] == [(2,)]
    assert builds[-1].outcome.returncode == 0, builds[-1].outcome.stdout


@pytest.mark.slow
def test_a_seed_may_have_another_column_and_other_types(builds: list[Built]) -> None:
    """Prevents a release with one more column of reference data from stopping every load."""
    assert builds[0].found["codes"] == [("A", 1)]
    assert builds[-1].outcome.returncode == 0, builds[-1].outcome.stdout
    assert builds[-1].found["codes"] == [("A", 0.5, "one"), ("B", 2.0, "two")]


@pytest.mark.slow
def test_comments_are_those_of_the_contract(builds: list[Built]) -> None:
    """Prevents a mart that says nothing of itself where BI tools look."""
    first = builds[0]
    assert first.outcome.returncode == 0, first.outcome.stdout
    assert first.found["comment"] == [("One row per number.",)]
    assert first.found["comment_of_column"] == [("It's a number.",)]


@pytest.mark.slow
def test_a_primary_key_is_declared_and_has_no_index(builds: list[Built]) -> None:
    """Prevents an index over text that is larger than its table and fills the memory."""
    first = builds[0]
    assert first.outcome.returncode == 0, first.outcome.stdout
    assert first.found["indexes"] == [(0,)]


@pytest.mark.slow
def test_fractions_of_a_contract_are_published_to_a_stated_precision(builds: list[Built]) -> None:
    """Prevents last digits that are others in each load, and the sign of a 0."""
    first = builds[0]
    assert first.outcome.returncode == 0, first.outcome.stdout
    assert dict(first.found["published"]) == {
        "0.1": "0.3",
        "0.0000000004": "0.0",
        "0.0000000006": "1e-09",
        "-0.0000000004": "0.0",
        "999999.9999999": "999999.9999999",
        "1000000.0004": "1000000.0",
        "1000000.0006": "1000000.001",
        None: None,
    }
    assert first.found["summed"] == [(0.1 + 0.2,)]
