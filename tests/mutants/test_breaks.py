"""Generated breaks change what they say, in one place at a time."""

from __future__ import annotations

import pytest

from tests.mutants.python_breaks import generate_python_breaks
from tests.mutants.sql_breaks import BreakableQuery

QUERY = """
with __dbt__cte__other as (select 1 as one where 2 > 1),
counted as (
    select
        name,
        count(case when hours > 24 then 1 end) as long_count,
        sum(case when is_open then 1 else 0 end) as open_count,
        sum(hours order by hours) * 2 as twice_hours,
        sum(hours order by case when hours <> 7 then 0 end) as hours,
        sum(case when is_shut then 1 else 0 end order by hours) as shut_count,
        md5(coalesce(cast(name as text), '~') || coalesce(cast(area as text), '~')) as id,
        coalesce(case when hours > 1 then name end, '~') as label,
        list_sort(names) as sorted_names,
        abs(hours) <= unit + 0 as is_near,
        max(hours) filter (where kind = 'b') as b_hours,
        max(case when kind = 'a' then hours end) as a_hours,
        coalesce(total, 0) * 1.0 / parts as share,
    from absences
    left join areas on absences.area = areas.area
    group by all
)
select * from counted
"""


def _changes(sql: str) -> list[str]:
    return [str(item) for item in BreakableQuery(sql).breaks()]


@pytest.mark.parametrize(
    "change",
    [
        "counted: gt: hours > 24 -> hours >= 24",
        "counted: literal: hours > 24 -> hours > 25",
        "counted: literal: unit + 0 -> unit + 1",
        "counted: eq: kind = 'a' -> kind <> 'a'",
        "counted: literal: SUM(hours ORDER BY hours) * 2 -> SUM(hours ORDER BY hours) * 3",
        "counted: default dropped: COALESCE(total, 0) -> total",
        "counted: default dropped: COALESCE(CASE WHEN hours > 1 THEN name END, '~')"
        " -> CASE WHEN hours > 1 THEN name END",
        "counted: div: COALESCE(total, 0) * 1.0 / parts -> COALESCE(total, 0) * 1.0 * parts",
        "counted: join kind: LEFT JOIN areas ON absences.area = areas.area"
        " -> INNER JOIN areas ON absences.area = areas.area",
    ],
)
def test_a_query_is_broken_where_a_rule_stands(change: str) -> None:
    """Prevents a kind of break that is never made, and so is never missed."""
    assert change in _changes(QUERY)


@pytest.mark.parametrize(
    "without_effect",
    [
        "2 > 1",
        "24 THEN 2 END",
        "is_open THEN 1 END",
        "MIN(CASE",
        "MIN(hours)",
        "/ 1.0",
        "hours = 7",
        "DESC",
        "AS TEXT)",
        "LIST_SORT",
        "- 0",
    ],
)
def test_what_cannot_change_a_row_is_no_break(without_effect: str) -> None:
    """Prevents survivors that no test can notice, among which the others are not seen."""
    assert [
        change for change in _changes(QUERY) if without_effect in change.split(" -> ")[-1]
    ] == []


def test_a_long_expression_is_cut_around_what_changes() -> None:
    """Prevents breaks of one long expression that read alike, so that one reason covers both."""
    names = ", ".join(f"name_{place}" for place in range(40))
    (shown, *_) = _changes(f"select concat({names}, coalesce(a, 1), {names}) as text from t")
    assert len(shown) < 300
    assert "COALESCE(a, 1)" in shown.split(" -> ")[0]


def test_a_function_is_shown_by_its_name_alone() -> None:
    """Prevents reasons of known survivors that hold in one home's database and in no other."""
    assert _changes('select "home"."main"."hours_between"(a, b) > 2 as is_long from t') == [
        "query: gt: HOURS_BETWEEN(a, b) > 2 -> HOURS_BETWEEN(a, b) >= 2",
        "query: literal: HOURS_BETWEEN(a, b) > 2 -> HOURS_BETWEEN(a, b) > 3",
    ]


def test_a_broken_query_differs_in_one_place_and_is_whole_again() -> None:
    """Prevents breaks that add up, of which one hides another."""
    query = BreakableQuery(QUERY)
    unbroken = query.unbroken()
    broken = [query.broken(item) for item in query.breaks()]
    assert unbroken not in broken
    assert len(set(broken)) == len(broken)
    assert query.unbroken() == unbroken


def test_a_unit_tests_compiled_form_has_the_models_places() -> None:
    """Prevents a break of a model that is made elsewhere in the query of its unit test."""
    in_unit_test = (
        "with dbt_internal_unit_test_actual as (select a, 'actual' as actual_or_expected from"
        " (with __dbt__cte__t as (select 5 as a), kept as (select a from __dbt__cte__t where a > 3)"
        " select * from kept) _dbt_internal_unit_test_actual) select * from"
        " dbt_internal_unit_test_actual"
    )
    model = BreakableQuery("with kept as (select a from s.t where a > 3) select * from kept")
    tested = BreakableQuery(in_unit_test)
    assert len(model) == len(tested)
    assert [tested.broken(item).count("a >= 3") for item in model.breaks()] == [1, 0]


def test_a_module_is_broken_inside_its_functions_alone() -> None:
    """Prevents breaks of constants that only name a thing."""
    breaks = generate_python_breaks(
        "LIMIT = 3\n\ndef is_long(hours: int) -> bool:\n"
        "    return hours > LIMIT and not hours == 5\n"
    )
    assert {(item.before, item.after) for item in breaks} == {
        ("hours > LIMIT", "hours >= LIMIT"),
        ("hours == 5", "hours != 5"),
        ("5", "6"),
        ("hours > LIMIT and (not hours == 5)", "hours > LIMIT or not hours == 5"),
    }
    assert all("LIMIT = 3" in item.text for item in breaks)
