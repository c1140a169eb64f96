"""Tables built by parts are what they are whole, after any sequence of small changes.

The macros run without dbt (`parts_without_dbt`); what dbt makes of them is tried in `test_parts`.
"""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dbt.parts_without_dbt import Model, Rows, Warehouse

# Counted over all children: the kinds of amounts, even and odd, of which there is much.
COUNTED = """kinds as (
    select amount % 2 as kind, sum(amount) as amount from all_reports group by all
),
much as (select kind from kinds where amount > 22)"""
MODELS = (
    Model("crosswalk", {"parts": ["child"]}, columns="mention varchar, child varchar"),
    Model("reports", {"parts": ["mention"]}, columns="mention varchar, amount integer"),
    Model("weights", {"parts": ["mention"]}, columns="mention varchar, weight integer"),
    Model("factors", {}, columns="factor integer"),
    Model(
        "by_child",
        {
            "part": "child",
            "part_of": {"crosswalk": "child", "reports": "mention by crosswalk"},
            "parts": ["named"],
            "keys": {"named": "'of ' || mention"},
        },
        ("crosswalk", "reports", "factors"),
        """
            select crosswalk.child, reports.mention, reports.amount,
                sum(reports.amount) over (partition by crosswalk.child) * factors.factor as total,
            from "memory"."main"."reports" as reports
            inner join "memory"."main"."crosswalk" as crosswalk using (mention)
            cross join "memory"."main"."factors" as factors
        """,
    ),
    Model(
        "by_mention",
        {
            "part": "named",
            "part_of": {"by_child": "named", "weights": "select 'of ' || part from changed"},
        },
        ("by_child", "weights"),
        """
            select 'of ' || given.mention as named, count(*) as report_count, max(total) as total,
                (select sum(weight) from "memory"."main"."weights" as weights
                where weights.mention = given.mention) as weight,
            from "memory"."main"."by_child" as given
            group by given.mention
        """,
    ),
    Model(
        "amounts",
        {
            "part": "child",
            "part_of": {
                "crosswalk": "select part from changed",
                "reports": "mention by crosswalk",
            },
        },
        ("crosswalk", "reports"),
        """
            select crosswalk.child, sum(reports.amount) as amount,
            from "memory"."main"."reports" as reports
            inner join "memory"."main"."crosswalk" as crosswalk using (mention)
            group by crosswalk.child
        """,
    ),
    Model(
        "much_amounts",
        {
            "part": "child",
            "part_of": {"crosswalk": "child", "reports": "mention by crosswalk"},
            "counted_whole": "much",
        },
        ("crosswalk", "reports"),
        f"""
            with all_reports as (from "memory"."main"."reports"), {COUNTED}
            select crosswalk.child, reports.amount, much.kind is not null as is_much,
            from all_reports as reports
            inner join "memory"."main"."crosswalk" as crosswalk using (mention)
            left join much on reports.amount % 2 = much.kind
        """,
    ),
)
MENTIONS, CHILDREN = [f"m{number}" for number in range(8)], [f"c{number}" for number in range(5)]
Change = tuple[str, str, object]
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.sampled_from(MENTIONS), st.integers(0, 3)),
        st.tuples(st.just("withdraw"), st.sampled_from(MENTIONS), st.just(0)),
        st.tuples(st.just("move"), st.sampled_from(MENTIONS), st.sampled_from(CHILDREN)),
        st.tuples(st.just("unlink"), st.sampled_from(MENTIONS), st.just(0)),
        st.tuples(st.just("weigh"), st.sampled_from(MENTIONS), st.integers(1, 2)),
        st.tuples(st.just("factor"), st.just(""), st.integers(1, 2)),
    ),
    max_size=2,
)


@cache
def _warehouse() -> Warehouse:
    warehouse = Warehouse(MODELS)
    warehouse.given["context"] = {"much": lambda: COUNTED}
    return warehouse


@pytest.fixture
def warehouse() -> Warehouse:
    """The warehouse without anything in it; its macros are read once."""
    return _warehouse()


def first_rows() -> dict[str, Rows]:
    """The inputs to begin with."""
    return {
        "crosswalk": [(mention, CHILDREN[number % 4]) for number, mention in enumerate(MENTIONS)],
        "reports": [(mention, number) for number, mention in enumerate(MENTIONS)],
        "weights": [],
        "factors": [(1,)],
    }


def apply(change: Change, rows: dict[str, Rows]) -> None:
    """Make one small change to the inputs."""
    what, mention, value = change
    named = {"report": "reports", "withdraw": "reports", "weigh": "weights"}
    name = named.get(what, "crosswalk")
    if what == "factor":
        rows["factors"] = [(value,)]
    if what in ("withdraw", "move", "unlink"):
        rows[name] = [row for row in rows[name] if row[0] != mention]
    if what in ("report", "weigh", "move"):
        rows[name].append((mention, value))


@settings(max_examples=6, deadline=None)
@given(builds=st.lists(CHANGES, min_size=1, max_size=4))
def test_any_changes_by_parts_give_what_a_build_of_all_gives(builds: list[list[Change]]) -> None:
    """Prevents a row by parts that a build of all would not give, or a lost or double one."""
    warehouse = _warehouse()
    warehouse.clear()
    rows = first_rows()
    for changes in [[], *builds]:
        for change in changes:
            apply(change, rows)
        warehouse.build(rows)
        for model in MODELS[4:]:
            found = warehouse.query(f"from {model.name} order by all").rows
            assert found == warehouse.query(f"from ({model.code}) order by all").rows, model.name


def test_a_small_change_is_built_by_parts(warehouse: Warehouse) -> None:
    """Prevents the test above from comparing two builds of all."""
    warehouse.clear()
    rows = first_rows()
    assert warehouse.build(rows) == []
    rows["reports"].append(("m1", 5))
    assert warehouse.build(rows) == ["by_child", "by_mention", "amounts", "much_amounts"]
    rows["factors"] = [(2,)]
    assert warehouse.build(rows) == ["amounts", "much_amounts"]


def test_what_is_counted_over_all_parts_changes_all(warehouse: Warehouse) -> None:
    """Prevents a child that is judged by a count of which another child is part."""
    warehouse.clear()
    rows = first_rows()
    warehouse.build(rows)
    is_much = "select count(*) from much_amounts where is_much"
    assert warehouse.query(is_much).rows == [(0,)]
    rows["reports"].append(("m1", 9))
    assert "much_amounts" not in warehouse.build(rows)
    assert warehouse.query(is_much).rows == [(4 + 1,)]
    rows["reports"].append(("m1", 1))
    assert "much_amounts" in warehouse.build(rows)
    assert warehouse.query(is_much).rows == [(4 + 2,)]


def test_a_parent_that_is_not_noted_counts_whole() -> None:
    """Prevents a change that is missed because a parent is too small to be noted."""
    code = 'select child, count(*) as n from "memory"."main"."crosswalk" group by child'
    meta = {"part": "child", "part_of": {"crosswalk": "child"}, "is_noted_if_small": True}
    warehouse = Warehouse(
        (MODELS[0], Model("counts", meta, ("crosswalk",), code)), least_rows=1_000
    )
    rows = first_rows()
    assert warehouse.build(rows) == []
    assert warehouse.build(rows) == ["counts"]
    rows["crosswalk"].pop()
    assert warehouse.build(rows) == []
    assert warehouse.query("select sum(n) from counts").rows == [(len(MENTIONS) - 1,)]
