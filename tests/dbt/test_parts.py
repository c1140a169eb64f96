"""Tables built by parts, tried on a small project with the real project's materializations.

Each build is a run of dbt, so that what is rarer is a drill.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.dbt.parts_project import FILES, NOTED, TOTALS, Small, of_all

JOINED = """
{{ config(meta={'part': 'mention', 'part_of': {'reports': 'mention', 'extras': 'mention'}}) }}
select reports.mention, reports.amount, extras.extra
from {{ ref('reports') }} as reports
left join {{ ref('extras') }} as extras on reports.mention = extras.mention
"""
# A row whose part comes of a value of its parent's row, and may be none.
UNPLACED = """
{{ config(meta={'part': 'mention', 'part_of': {'extras': 'mention'}}) }}
select mention, extra from {{ ref('extras') }}
union all
select case when extra != 'lost' then mention end, extra || '2' from {{ ref('extras') }}
"""


@pytest.mark.slow
def test_only_parts_that_changed_are_made_again(small: Small) -> None:
    """Prevents a month that costs a rebuild, and a changed part that keeps its old rows."""
    assert small.made() == of_all([])
    small.reports[0] = ("m1", 10)
    assert small.made() == of_all(["c1"])
    small.reports.append(("m9", 9))
    small.children["m9"] = "c5"
    assert small.made() == of_all(["c5"])


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
    assert small.made() == of_all(["c5"])
    small.reports = [one for one in small.reports if one[0] != "m9"]
    del small.children["m9"]
    assert small.made() == of_all(["c5"])
    small.children["m3"] = "c1"
    assert small.made() == of_all(["c1", "c2"])
    # What is made again and is as it was stops there.
    small.reports[1] = ("m2", 3)
    small.reports.insert(0, ("m2", 2))
    small.made()
    small.reports.reverse()
    assert small.made() == of_all([])


@pytest.mark.drill
def test_a_parent_found_by_one_that_is_too_small_counts_whole(small: Small) -> None:
    """Prevents a load that fails since one of two parents has become too small to be noted."""
    small.children = {"m1": "c1", "m2": "c1", "m3": "c2"}
    small.reports = [("m1", 1), ("m1", 2), ("m2", 3), ("m2", 4), ("m3", 5)]
    small.made()
    small.reports[0] = ("m1", 10)
    assert small.made()["by_child"] is None


@pytest.mark.drill
def test_what_is_no_part_changesof_all(small: Small) -> None:
    """Prevents rows that were made of another seed or by other code."""
    small.factor = 2
    assert small.made() == {"by_child": None, "totals": None, "large": None}
    small.write("totals.sql", TOTALS.replace("sum(amount) as", "sum(amount) + 0 as"))
    assert small.made() == {"by_child": [], "totals": None, "large": []}
    assert small.made("--full-refresh") == of_all(None)
    assert small.made() == of_all([])
    assert small.made("--vars", "{as_known_at: '2026-01-01T00:00:00Z'}") == of_all(None)
    assert small.made(code="2") == of_all(None)
    # Most parts: whole is quicker.
    small.reports = [(mention, amount + 1) for mention, amount in small.reports]
    assert small.made(code="2") == of_all(None)


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
    assert small.made() == of_all(None)
    assert small.made() == of_all(None)
    assert small.ask("select 1 from duckdb_tables() where table_name = 'by_child__by__child'") == []


@pytest.mark.drill
def test_a_sample_of_what_did_not_change_must_be_as_it_was(small: Small) -> None:
    """Prevents a model that is not local to its part, or a damaged table, from being published."""
    (run,), *_ = small.ask("select run from parts.runs")
    known = 'parts."totals__by__child" where part is not null'
    parts = small.ask(f"select hash(part) % 100, part from {known}")
    place, child = parts[0]
    # Of the next runs this is the one that looks at it.
    small.change(f"update parts.runs set run = {int(str(run)) // 100 * 100 + 99 + int(str(place))}")
    small.change(f"update totals set amount = amount + 1 where child = '{child}'")
    small.change(
        "update parts.totals__by__child set fingerprint = (select sum(cast(hash(g,"
        f" 'child VARCHAR,amount HUGEINT') as hugeint)) from totals as g where child = '{child}')"
        f" where part = '{child}'"
    )
    outcome = small.build()
    assert outcome.returncode != 0
    assert "load with --refresh" in outcome.stdout
    assert small.made("--full-refresh") == of_all(None)


def _write_extras(small: Small, *rows: str, parts: str = "mention") -> None:
    values = ", ".join(f"({row})" for row in rows)
    small.write("extras.sql", NOTED % (parts, values, "extra"))


@pytest.mark.drill
def test_a_parent_that_is_noted_anew_says_nothing_of_what_was_gone(small: Small) -> None:
    """Prevents a row that stays because its parent was too small for notes when it went."""
    small.reports = [(f"m{number}", number) for number in range(1, 21)]
    small.children = {f"m{number}": f"c{number}" for number in range(1, 21)}
    _write_extras(small, *(f"'m{number}', 'x'" for number in range(1, 5)))
    small.write("joined.sql", JOINED)
    small.made()
    _write_extras(small, *(f"'m{number}', 'x'" for number in range(2, 5)))
    small.write("joined.sql", JOINED.replace("extras.extra", "error('broken') as extra"))
    assert small.build().returncode != 0
    _write_extras(small, *(f"'m{number}', 'x'" for number in range(2, 6)))
    small.write("joined.sql", JOINED)
    small.made()
    found = small.ask("select mention from joined where extra is not null order by all")
    assert found == [("m2",), ("m3",), ("m4",), ("m5",)]
    small.reports[19] = ("m20", 21)
    small.made()
    assert small.now("joined") == ["m20"]


@pytest.mark.drill
def test_rows_are_found_by_what_a_parent_notes_alone(small: Small) -> None:
    """Prevents a table that follows notes which nobody writes any more."""
    rows = [f"'m{number}', 'x{number}'" for number in range(1, 9)]
    _write_extras(small, *rows)
    small.write("joined.sql", JOINED)
    small.made()
    _write_extras(small, *rows, parts="extra")
    outcome = small.build()
    assert outcome.returncode != 0
    assert "joined finds rows of extras by mention, which is no part of it" in outcome.stdout


@pytest.mark.drill
def test_a_row_without_a_part_stops_a_load(small: Small) -> None:
    """Prevents a row that is silently missing where its part is made again."""
    rows = [f"'m{number}', 'x'" for number in range(1, 9)]
    _write_extras(small, *rows)
    small.write("unplaced.sql", UNPLACED)
    small.made()
    _write_extras(small, "'m1', 'lost'", *rows[1:])
    outcome = small.build()
    assert outcome.returncode != 0
    assert "a row of unplaced has no mention" in outcome.stdout


@pytest.mark.drill
def test_a_function_whose_arguments_change_places_makes_all(small: Small) -> None:
    """Prevents rows of an older function whose definition reads the same."""
    small.change("create macro difference(a, b) as a - b")
    assert small.made() == of_all(None)
    assert small.made() == of_all([])
    small.change("create or replace macro difference(b, a) as a - b")
    assert small.made() == of_all(None)


@pytest.mark.drill
def test_a_column_of_another_type_is_another_row(small: Small) -> None:
    """Prevents a table whose parent has other types from keeping those of its last rows."""
    values = [f"'m{number}', 1" for number in range(1, 9)]
    _write_extras(small, *values)
    small.write("joined.sql", JOINED)
    small.made()
    _write_extras(small, *(f"{value}::bigint" for value in values))
    small.made()
    assert small.ask("select distinct typeof(extra) from joined") == [("BIGINT",)]


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
