"""Tables replaced in place, tried on a small project with the real project's materializations."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from register.settings import load_settings
from tests.dbt.forked import forked_dbt

Build = Callable[..., subprocess.CompletedProcess[str]]
PROJECT = """
name: small
version: "1.0"
profile: small
flags: {send_anonymous_usage_stats: false}
models: {small: {+materialized: table}}
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
      - {name: n, data_type: integer, description: It's a number., constraints: [{type: not_null}]}
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


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Write models (name to code) into a small project and build it."""
    macros = load_settings().dbt_project / "macros" / "materializations"
    shutil.copytree(macros, tmp_path / "macros")
    (tmp_path / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(PROFILES, encoding="utf-8")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "counted.yml").write_text(CONTRACT, encoding="utf-8")

    def run(**models: str) -> subprocess.CompletedProcess[str]:
        for name, code in models.items():
            suffix = "py" if code == PYTHON else "sql"
            (tmp_path / "models" / f"{name}.{suffix}").write_text(code, encoding="utf-8")
        outcome = subprocess.run(
            [forked_dbt(), "build", "--profiles-dir", "."],
            cwd=tmp_path,
            env={**os.environ, "DO_NOT_TRACK": "1", "REGISTER_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert outcome.stderr == "", "dbt did not end as it should"
        return outcome

    return run


def _ask(folder: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(folder / "small.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.slow
def test_a_table_is_replaced_whole_or_not_at_all(build: Build, tmp_path: Path) -> None:
    """Prevents half a table, a lost one, and old rows beside new ones."""
    first = build(counted="select 1 as n", taken=PYTHON)
    assert first.returncode == 0, first.stdout
    again = build(counted="select n + 1 as n from {{ this }}")
    assert again.returncode != 0
    assert "cannot read its own last rows" in again.stdout
    assert _ask(tmp_path, "from counted") == [(1,)]
    broken = build(counted="select cast(null as integer) as n")
    assert broken.returncode != 0
    assert "NOT NULL" in broken.stdout
    assert _ask(tmp_path, "from counted") == [(1,)]
    other = build(counted="select 2 as n", taken=PYTHON)
    assert other.returncode == 0, other.stdout
    assert _ask(tmp_path, "from counted") == [(2,)]
    assert _ask(tmp_path, "from taken") == [(7,)]


@pytest.mark.slow
def test_a_model_may_read_its_own_last_rows(build: Build, tmp_path: Path) -> None:
    """Prevents a cache that is empty in every load."""
    code = (
        "select {% if adapter.get_relation(this.database, this.schema, this.identifier) %}"
        "(select n + 1 from {{ this }}){% else %}1{% endif %} as n"
    )
    for wanted in (1, 2):
        outcome = build(counted="select 1 as n", kept=code)
        assert outcome.returncode == 0, outcome.stdout
        assert _ask(tmp_path, "from kept") == [(wanted,)]


@pytest.mark.slow
def test_a_view_that_becomes_a_table_is_replaced(build: Build, tmp_path: Path) -> None:
    """Prevents a model that changes its kind from stopping every later load."""
    assert build(seen="{{ config(materialized='view') }} select 1 as n").returncode == 0
    outcome = build(seen="select 2 as n", counted="select 1 as n")
    assert outcome.returncode == 0, outcome.stdout
    assert _ask(tmp_path, "from seen") == [(2,)]


@pytest.mark.slow
def test_comments_are_those_of_the_contract(build: Build, tmp_path: Path) -> None:
    """Prevents a mart that says nothing of itself where BI tools look."""
    outcome = build(counted="select 1 as n")
    assert outcome.returncode == 0, outcome.stdout
    assert _ask(tmp_path, "select comment from duckdb_tables()") == [("One row per number.",)]
    assert _ask(tmp_path, "select comment from duckdb_columns() where column_name = 'n'") == [
        ("It's a number.",)
    ]


@pytest.mark.slow
def test_fractions_of_a_contract_are_published_to_a_stated_precision(
    build: Build, tmp_path: Path
) -> None:
    """Prevents last digits that are others in each load, and the sign of a 0."""
    (tmp_path / "models" / "shares.yml").write_text(FRACTIONS, encoding="utf-8")
    outcome = build(counted="select 1 as n", shares=SUMMED, kept=SUMMED)
    assert outcome.returncode == 0, outcome.stdout
    published = dict(_ask(tmp_path, "select given, cast(fraction as varchar) from shares"))
    assert published == {
        "0.1": "0.3",
        "0.0000000004": "0.0",
        "0.0000000006": "1e-09",
        "-0.0000000004": "0.0",
        "999999.9999999": "999999.9999999",
        "1000000.0004": "1000000.0",
        "1000000.0006": "1000000.001",
        None: None,
    }
    assert _ask(tmp_path, "select fraction from kept where given = '0.1'") == [(0.1 + 0.2,)]
