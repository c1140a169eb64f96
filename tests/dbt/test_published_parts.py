"""Published tables by parts: their file begins as a copy of an earlier generation's.

Each build is a run of dbt, so that what is rarer is a drill.
"""

from __future__ import annotations

import shutil

import duckdb
import pytest

from tests.dbt.parts_project import PUBLISHED, THIRDS, Small


@pytest.mark.slow
def test_a_published_table_that_was_copied_is_made_again_in_parts(small: Small) -> None:
    """Prevents a mart that is written whole for one child, and rows that are not its last."""
    small.write("published.yml", PUBLISHED)
    small.write("published.sql", THIRDS)
    assert small.publish("g2", copied=False) is None
    with duckdb.connect(str(small.begin("g2") / "mart.duckdb")) as connection:
        connection.execute("create table written_whole as select 1 as one")
    small.reports[0] = ("m1", 10)
    assert small.publish("g3") == ["c1"]
    with duckdb.connect(str(small.begin("g3") / "mart.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() order by all"
        ).fetchall()
    assert tables == [("published",), ("published_generation",)]


@pytest.mark.slow
def test_a_published_table_too_small_for_parts_is_made_whole_beside_one_by_parts(
    small: Small,
) -> None:
    """Prevents a load that fails: what is not noted was dropped from the copy of its file."""
    small.write(
        "published.yml",
        PUBLISHED + PUBLISHED.split("models:\n")[1].replace("name: published", "name: few"),
    )
    small.write("published.sql", THIRDS)
    small.write("few.sql", f"{THIRDS} where mention = 'm1'")
    assert small.publish("g2", copied=False) is None
    small.reports[0] = ("m1", 30)
    assert small.publish("g3") == ["c1"]
    assert small.now("few") is None
    with duckdb.connect(str(small.begin("g3") / "mart.duckdb"), read_only=True) as connection:
        assert connection.execute("select mention, amount from few").fetchall() == [("m1", 10)]


@pytest.mark.drill
def test_dbt_on_a_published_file_drops_nothing_of_it(small: Small) -> None:
    """Prevents a run of dbt by hand that empties what readers read, and two notes of one build."""
    small.write("published.yml", PUBLISHED)
    small.write("published.sql", THIRDS)
    small.publish("g2", copied=False)
    with duckdb.connect(str(small.begin("g2") / "mart.duckdb")) as connection:
        connection.execute("create table written_whole as select 1 as one")
    small.made()
    with duckdb.connect(str(small.begin("g2") / "mart.duckdb"), read_only=True) as connection:
        assert connection.execute("from written_whole").fetchall() == [(1,)]
    assert small.ask("select count(*) from parts.published where generation_id = 'g2'") == [(1,)]


@pytest.mark.drill
def test_a_published_table_of_another_generation_is_made_whole(small: Small) -> None:
    """Prevents a mart that lacks what changed since the generation that its file came from."""
    small.write("published.yml", PUBLISHED)
    small.write("published.sql", THIRDS)
    small.publish("g2", copied=False)
    small.reports[0] = ("m1", 10)
    small.publish("g3")
    small.reports[7] = ("m8", 80)
    # Published again is the one before the last: it lacks what changed in both.
    small.generation = "g2"
    assert small.publish("g4") == ["c1", "c4"]
    assert small.publish("g5", copied=False) is None
    small.generation = "g1"
    small.begin("g1")
    with duckdb.connect(str(small.begin("g1") / "mart.duckdb")) as connection:
        connection.execute("create table published as select 'm1' as mention")
    assert small.publish("g6") is None


@pytest.mark.drill
def test_a_published_file_is_written_again_when_much_was_replaced(small: Small) -> None:
    """Prevents a file that grows by the rows that it no longer shows."""
    small.write("published.yml", PUBLISHED)
    small.write("published.sql", THIRDS)
    small.publish("g2", copied=False)
    small.reports[0] = ("m1", 10)
    assert small.publish("g3") == ["c1"]
    # Two of eight rows were replaced: a quarter.
    small.reports[0] = ("m1", 11)
    assert small.publish("g4") is None
    assert small.publish("g5") == []


@pytest.mark.drill
def test_a_sample_of_a_published_table_must_be_as_it_was(small: Small) -> None:
    """Prevents a damaged mart from being published again and again."""
    small.write("published.yml", PUBLISHED)
    small.write("published.sql", THIRDS)
    small.publish("g2", copied=False)
    (run, place, child), *_ = small.ask("select run, hash('c1') % 100, 'c1' from parts.runs")
    small.change(f"update parts.runs set run = {int(str(run)) // 100 * 100 + 99 + int(str(place))}")
    small.change("update parts.published set run = (select run from parts.runs)")
    with duckdb.connect(str(small.begin("g2") / "mart.duckdb")) as connection:
        connection.execute(f"update published set amount = -1 where child = '{child}'")
    shutil.copy(small.begin("g2") / "mart.duckdb", small.begin("g3") / "mart.duckdb")
    small.generation = "g3"
    outcome = small.build()
    assert outcome.returncode != 0
    assert "parts of published that nothing changed" in outcome.stdout


@pytest.mark.drill
def test_a_published_table_is_noted_after_many_runs_that_published_nothing(small: Small) -> None:
    """Prevents a register that loads no more once a hundred builds in a row have failed."""
    small.write("published.yml", PUBLISHED)
    small.write("published.sql", THIRDS)
    small.publish("g2", copied=False)
    small.change("update parts.runs set run = run + 250")
    small.reports[0] = ("m1", 10)
    assert small.publish("g3") == ["c1"]
    noted = "select generation_id, replaced_rows from parts.published order by all"
    assert small.ask(noted) == [("g2", 0), ("g3", 2)]
    # Of a table that is written again, for a quarter was replaced; an old note goes.
    assert small.publish("g4") is None
    assert small.ask(noted) == [("g3", 2), ("g4", 0)]
    # As an earlier version left it.
    small.change("update parts.published set replaced_rows = null")
    assert small.publish("g5") is None
