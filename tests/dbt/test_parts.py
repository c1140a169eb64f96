"""Tables built by parts, tried on a small project with the real project's materializations.

Each build is a run of dbt, so that what is rarer is a drill.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from dataclasses import dataclass, field
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
seed-paths: [seeds]
on-run-start: "{{ begin_parts() }}"
models: {small: {+materialized: table}}
vars: {as_known_at: "9999-12-31T00:00:00Z"}
"""
PROFILES = """
small:
  target: t
  outputs: {t: {type: duckdb, path: small.duckdb, threads: 2}}
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


def _all(parts: list[str] | None) -> dict[str, list[str] | None]:
    return dict.fromkeys(MADE, parts)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """The small project, built once."""
    macros = load_settings().dbt_project / "macros"
    for name in ("materializations", "generic_tests"):
        shutil.copytree(macros / name, tmp_path / "macros" / name)
    shutil.copy(macros / "dialect" / "parts_files.sql", tmp_path / "macros")
    for name in ("models", "seeds"):
        (tmp_path / name).mkdir()
    (tmp_path / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(PROFILES, encoding="utf-8")
    project = Small(tmp_path)
    project.write("by_child.sql", BY_CHILD)
    project.write("totals.sql", TOTALS)
    project.write("large.py", PYTHON)
    assert project.made() == _all(None)
    return project


@pytest.mark.slow
def test_only_parts_that_changed_are_made_again(small: Small) -> None:
    """Prevents a month that costs a rebuild, and a changed part that keeps its old rows."""
    assert small.made() == _all([])
    small.reports[0] = ("m1", 10)
    assert small.made() == _all(["c1"])
    small.reports.append(("m9", 9))
    small.children["m9"] = "c5"
    assert small.made() == _all(["c5"])


@pytest.mark.slow
@pytest.mark.drill
def test_files_that_were_there_are_not_read_again(small: Small) -> None:
    """Prevents a load that reads all files again, and one that keeps rows of one that is gone."""
    small.write("landed.sql", FILES)
    small.land("schema", 0)
    files = [small.land(f"m{number}", 10 + number) for number in range(1, 9)]
    small.made()
    rows = [(f"m{number}", 10 + number) for number in range(1, 9)]
    assert sorted(small.ask("from landed")) == rows
    # Another row under a file's size and time, another file, one that is gone, and one withdrawn.
    read = files[1].stat()
    small.land("m2", 50)
    os.utime(files[1], ns=(read.st_atime_ns, read.st_mtime_ns))
    small.land("m3", 60)
    files[4].unlink()
    del small.reports[5]
    del small.children["m6"]
    small.made()
    assert sorted(small.ask("from landed")) == [
        ("m1", 11), ("m2", 12), ("m3", 60), ("m4", 14), ("m7", 17), ("m8", 18)
    ]  # fmt: skip
    assert small.now("landed") == ["m3", "m5", "m6"]
    # Landed by other code, no file is what it was.
    small.made(code="2")
    assert ("m2", 50) in small.ask("from landed")


@pytest.mark.drill
def test_parts_that_vanish_or_move_are_made_again(small: Small) -> None:
    """Prevents rows of a child that has none any more, or that another child has now."""
    small.reports.append(("m9", 9))
    small.children["m9"] = "c5"
    assert small.made() == _all(["c5"])
    small.reports = [one for one in small.reports if one[0] != "m9"]
    del small.children["m9"]
    assert small.made() == _all(["c5"])
    small.children["m3"] = "c1"
    assert small.made() == _all(["c1", "c2"])
    # What is made again and is as it was stops there.
    small.reports[1] = ("m2", 3)
    small.reports.insert(0, ("m2", 2))
    small.made()
    small.reports.reverse()
    assert small.made() == _all([])


@pytest.mark.drill
def test_what_is_no_part_changes_all(small: Small) -> None:
    """Prevents rows that were made of another seed or by other code."""
    small.factor = 2
    assert small.made() == {"by_child": None, "totals": None, "large": None}
    small.write("totals.sql", TOTALS.replace("sum(amount) as", "sum(amount) + 0 as"))
    assert small.made() == {"by_child": [], "totals": None, "large": []}
    assert small.made("--full-refresh") == _all(None)
    assert small.made() == _all([])
    assert small.made("--vars", "{as_known_at: '2026-01-01T00:00:00Z'}") == _all(None)
    assert small.made(code="2") == _all(None)
    # Most parts: whole is quicker.
    small.reports = [(mention, amount + 1) for mention, amount in small.reports]
    assert small.made(code="2") == _all(None)


@pytest.mark.drill
def test_a_model_that_failed_makes_later_what_it_missed(small: Small) -> None:
    """Prevents a change that is lost because a load ended between a parent and its child."""
    small.write("totals.sql", TOTALS.replace("select\n", "select error('broken') as e,\n"))
    small.reports[0] = ("m1", 10)
    before = small.ask("from totals")
    assert small.build().returncode != 0
    assert small.ask("from totals") == before
    small.reports[7] = ("m8", 80)
    small.write("totals.sql", TOTALS)
    assert small.made()["totals"] == ["c1", "c4"]


@pytest.mark.drill
def test_a_table_made_another_way_is_made_whole(small: Small) -> None:
    """Prevents parts beside rows that an earlier version of this project left."""
    small.change("create or replace table totals as select child, 0 as amount from totals")
    assert small.made() == {"by_child": [], "totals": None, "large": []}


@pytest.mark.drill
def test_a_small_table_is_made_whole(small: Small) -> None:
    """Prevents bookkeeping that costs more than it saves."""
    small.reports = small.reports[:3]
    assert small.made() == _all(None)
    assert small.made() == _all(None)
    assert small.ask("select 1 from duckdb_tables() where table_name = 'by_child__by__child'") == []


@pytest.mark.drill
def test_a_sample_of_what_did_not_change_must_be_as_it_was(small: Small) -> None:
    """Prevents a model that is not local to its part, or a damaged table, from being published."""
    (run,), *_ = small.ask("select run from parts.runs")
    parts = small.ask('select hash(part) % 100, part from parts."totals__by__child"')
    place, child = parts[0]
    # Of the next runs this is the one that looks at it.
    small.change(f"update parts.runs set run = {int(str(run)) // 100 * 100 + 99 + int(str(place))}")
    small.change(f"update totals set amount = amount + 1 where child = '{child}'")
    small.change(
        "update parts.totals__by__child set fingerprint = (select sum(cast(hash(g,"
        f" 'child,amount') as hugeint)) from totals as g where child = '{child}')"
        f" where part = '{child}'"
    )
    outcome = small.build()
    assert outcome.returncode != 0
    assert "load with --refresh" in outcome.stdout
    assert small.made("--full-refresh") == _all(None)


@pytest.mark.drill
def test_months_in_parts_give_what_a_build_at_once_gives(small: Small) -> None:
    """Prevents any order of late, moved, withdrawn and unchanged rows that parts do not survive."""
    chance = random.Random(5)
    for _ in range(6):
        for _ in range(chance.randrange(3)):
            place = chance.randrange(len(small.reports))
            mention = f"m{chance.randrange(1, 12)}"
            what = chance.choice(("late", "moved", "withdrawn", "corrected"))
            if what == "late":
                small.reports.append((mention, chance.randrange(9)))
            elif what == "withdrawn" and len(small.reports) > 6:
                del small.reports[place]
            elif what == "corrected":
                small.reports[place] = (small.reports[place][0], chance.randrange(9))
            else:
                small.children[mention] = f"c{chance.randrange(1, 6)}"
        small.made()
