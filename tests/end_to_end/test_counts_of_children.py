"""Children of areas, counted once more as distinct children of the episodes themselves."""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import rows

# Areas of an episode that the episode names, and the nation that has them all.
AREAS = {
    "nation": "'E92000001'",
    "authority": "authority_code_dfe",
    "police_force": "coalesce(police_force_code, 'unknown')",
}
BY_MONTH = """
    select
        {area}, date_trunc('month', start_date)::date, count(distinct child_id_register), count(*)
    from register.fct_episodes {where} and care_status_code <> 'short_break'
    group by all order by all
"""
BY_FACT = """
    select {area}, collection_year, {column}, count(distinct child_id_register), count(*)
    from register.fct_episodes {where} and police_report_count > 0
    and care_status_code <> 'short_break' group by all order by all
"""
POPULATIONS = {
    "every_child": "where true",
    "looked_after": "where care_status_code = 'looked_after'",
}


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("level", AREAS)
def test_a_month_of_an_area_has_the_distinct_children_of_its_episodes(
    nation: Nation, level: str, population: str
) -> None:
    """Prevents a child of two places from counting twice, and two that are alike from one."""
    published = rows(
        nation.built,
        "select area_code, start_month, children_count, episode_count"
        " from agreement.agg_measures_by_area_month where basis_code = 'register'"
        f" and area_level_code = '{level}' and population_code = '{population}' order by all",
    )
    counted = BY_MONTH.format(area=AREAS[level], where=POPULATIONS[population])
    assert len(published) > 20
    assert published == rows(nation.built, counted)


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("level", AREAS)
@pytest.mark.parametrize("fact", ["found_by", "harm_flag"])
def test_a_police_fact_of_an_area_has_the_distinct_children_of_its_episodes(
    nation: Nation, level: str, population: str, fact: str
) -> None:
    """Prevents a child with one fact in several places from counting once for each."""
    published = rows(
        nation.built,
        "select area_code, collection_year, value_code, children_count, episode_count"
        f" from agreement.agg_police_facts_by_area_year where fact_code = '{fact}'"
        f" and area_level_code = '{level}' and population_code = '{population}' order by all",
    )
    where = POPULATIONS[population]
    counted = BY_FACT.format(area=AREAS[level], column=f"{fact}_police_code", where=where)
    assert len(published) > 2
    assert published == rows(nation.built, counted)
