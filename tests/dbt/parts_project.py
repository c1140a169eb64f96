"""A small project with the real project's materializations, for tables built by parts.

Each build is a run of dbt.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from register.settings import load_settings
from tests.dbt.forked import forked_dbt

PROJECT = """
name: small
version: "1.0"
profile: small
flags: {send_anonymous_usage_stats: false}
seed-paths: [seeds]
on-run-start: ["{{ begin_parts() }}", "{{ begin_published() }}"]
models: {small: {+materialized: table}}
vars: {as_known_at: "9999-12-31T00:00:00Z"}
"""
PROFILES = """
small:
  target: t
  outputs:
    t:
      type: duckdb
      path: small.duckdb
      threads: 2
      attach: [{path: "{{ env_var('REGISTER_GENERATION') }}/mart.duckdb", alias: mart}]
"""
BY_CHILD = """
{{ config(meta={'part': 'child', 'part_of': {
    'crosswalk': 'child', 'reports': 'mention by crosswalk',
}}) }}
select
    crosswalk.child,
    reports.mention,
    reports.amount * factors.factor as amount,
    count(*) over (partition by crosswalk.child) as report_count,
from {{ ref('reports') }} as reports
inner join {{ ref('crosswalk') }} as crosswalk on reports.mention = crosswalk.mention
cross join {{ ref('factors') }} as factors
"""
TOTALS = """
{{ config(meta={'part': 'child', 'part_of': {'by_child': 'child'}}) }}
select
    child,
    sum(amount) as amount,
from {{ ref('by_child') }}
group by child
"""
PYTHON = """
def model(dbt, session):
    dbt.config(
        materialized="table", meta={"part": "child", "part_of": {"by_child": "child"}}
    )
    return dbt.ref("by_child").filter("amount > 1").to_arrow_table()
"""
NOTED = "{{ config(meta={'parts': ['%s']}) }} select * from (values %s) as g (mention, %s)"
FILES = """
{{ config(
    meta={'part': 'delivery', 'part_of': {'reports': 'mention'}, 'files': 'landed_files'},
    pre_hook="set variable landed_files = (select"
    " list_prepend('landing/schema/police/rows.parquet', list(file order by file))"
    " from glob('landing/police/*/rows.parquet') where"
    " split_part(file, '/', -2) in (select mention from {{ ref('reports') }}))"
) }}
select landed.delivery, landed.amount
from read_parquet(getvariable('landed_files')) as landed
inner join {{ ref('reports') }} as reports on landed.delivery = reports.mention
"""
PUBLISHED = """
models:
  - name: published
    config:
      database: mart
      contract: {enforced: true}
      meta: {part: child, part_of: {by_child: child}}
    columns:
      - {name: mention, data_type: varchar, constraints: [{type: primary_key}]}
      - {name: child, data_type: varchar}
      - {name: amount, data_type: double}
"""
THIRDS = "select child, mention, amount / 3 as amount from {{ ref('by_child') }}"
MADE = ("by_child", "totals", "large")
# What each model by parts is, asked of its parents as they are.
WANTED = {
    "by_child": (
        "select crosswalk.child, reports.mention, amount * factor, count(*) over"
        " (partition by child) from reports join crosswalk using (mention), factors"
    ),
    "totals": "select child, sum(amount) from by_child group by child",
    "large": "select * from by_child where amount > 1",
}


@dataclass
class Small:
    """The small project: what it is given, and what is in its warehouse."""

    folder: Path
    reports: list[tuple[str, int]] = field(
        default_factory=lambda: [(f"m{number}", number) for number in range(1, 9)]
    )
    children: dict[str, str] = field(
        default_factory=lambda: {f"m{number}": f"c{(number + 1) // 2}" for number in range(1, 9)}
    )
    factor: int = 1
    generation: str = "g1"

    def build(self, *arguments: str, code: str = "1") -> subprocess.CompletedProcess[str]:
        """Write what is given, and build."""
        values = ", ".join(f"('{mention}', {amount})" for mention, amount in self.reports)
        self.write("reports.sql", NOTED % ("mention", values, "amount"))
        values = ", ".join(f"('{mention}', '{child}')" for mention, child in self.children.items())
        self.write("crosswalk.sql", NOTED % ("child", values, "child"))
        (self.folder / "seeds" / "factors.csv").write_text(f"factor\n{self.factor}\n")
        return subprocess.run(
            [forked_dbt(), "build", "--profiles-dir", ".", *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "DO_NOT_TRACK": "1",
                "REGISTER_HOME": str(self.folder),
                "REGISTER_GENERATION": str(self.begin(self.generation)),
                "REGISTER_PARTS_FROM_ROWS": "4",
                "REGISTER_CODE": code,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def write(self, name: str, code: str) -> None:
        """Write a model."""
        (self.folder / "models" / name).write_text(code, encoding="utf-8")

    def made(self, *arguments: str, code: str = "1") -> dict[str, list[str] | None]:
        """Build, and by model the parts that were made again; none for all of them.

        Every model must be as if it had been built whole.
        """
        outcome = self.build(*arguments, code=code)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr
        for name, query in WANTED.items():
            assert sorted(self.ask(f"from {name}")) == sorted(self.ask(query)), name
        return {name: self.now(name) for name in MADE}

    def now(self, name: str) -> list[str] | None:
        """The parts of a model that the last run made; none for all of them."""
        known = self.ask(f"select 1 from duckdb_tables() where table_name = '{name}__now'")
        if not known:
            return None
        chosen = f'select part from parts."{name}__now" where not is_sample order by part'
        return [str(part) for (part,) in self.ask(chosen)]

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        with duckdb.connect(str(self.folder / "small.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def begin(self, generation: str) -> Path:
        """The folder of a generation, with its id."""
        folder = self.folder / "generations" / generation
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "generation_id").write_text(generation, encoding="utf-8")
        return folder

    def publish(self, after: str, *, copied: bool = True) -> list[str] | None:
        """Build the generation that comes after one; the parts that `published` made, as `now`."""
        before = self.begin(self.generation) / "mart.duckdb"
        self.generation = after
        if copied:
            shutil.copy(before, self.begin(after) / "mart.duckdb")
        self.made()
        with duckdb.connect(str(self.begin(after) / "mart.duckdb")) as connection:
            rows = connection.execute("from published order by all").fetchall()
            assert rows == sorted(
                self.ask("select mention, child, round(amount / 3, 9) from by_child")
            )
            connection.execute(
                f"create or replace table published_generation as select '{after}' as generation_id"
            )
        return self.now("published")

    def land(self, delivery: str, amount: int) -> Path:
        """Write the file of a delivery: one row, of always the same size."""
        is_schema = delivery == "schema"
        folder = self.folder / "landing" / ("schema/police" if is_schema else f"police/{delivery}")
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select '{delivery}' as delivery, {amount} as amount"
                f" {'limit 0' if is_schema else ''}) to '{folder}/rows.parquet'"
            )
        return folder / "rows.parquet"

    def change(self, statement: str) -> None:
        """Change the warehouse behind dbt's back."""
        with duckdb.connect(str(self.folder / "small.duckdb")) as connection:
            connection.execute(statement)


def of_all(parts: list[str] | None) -> dict[str, list[str] | None]:
    """The same parts of every model."""
    return dict.fromkeys(MADE, parts)


def build_small(folder: Path) -> Small:
    """The small project, built once."""
    macros = load_settings().dbt_project / "macros"
    for name in ("materializations", "generic_tests"):
        shutil.copytree(macros / name, folder / "macros" / name)
    shutil.copy(macros / "dialect" / "key_log.sql", folder / "macros")
    shutil.copy(macros / "dialect" / "parts_files.sql", folder / "macros")
    for name in ("models", "seeds"):
        (folder / name).mkdir()
    (folder / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (folder / "profiles.yml").write_text(PROFILES, encoding="utf-8")
    project = Small(folder)
    project.write("by_child.sql", BY_CHILD)
    project.write("totals.sql", TOTALS)
    project.write("large.py", PYTHON)
    assert project.made() == of_all(None)
    return project
