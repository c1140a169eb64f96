-- Fails if episodes are missing from the measures, for example because an authority has
-- no region or a care status has no population.
with

episodes as (
    select
        collection_year,
        count(*) as episode_count,
    from {{ ref('fct_episodes') }}
    where is_in_scope
    group by collection_year
),

by_area as (
    select
        collection_year,
        area_level_code,
        sum(case when population_code = 'every_child' then episode_count else 0 end)
            as every_child_count,
        sum(
            case
                when population_code in ('looked_after', 'home', 'unknown')
                    then episode_count
                else 0
            end
        ) as by_care_count,
    from {{ ref('agg_measures_by_area_year') }}
    where basis_code = 'register' and area_level_code != 'sub_region'
    group by collection_year, area_level_code
),

by_month as (
    select sum(episode_count) as episode_count
    from {{ ref('agg_measures_by_area_month') }}
    where
        basis_code = 'register'
        and area_level_code = 'nation'
        and population_code = 'every_child'
),

totals as (
    select sum(episode_count) as episode_count
    from episodes
)

select
    by_area.collection_year,
    by_area.area_level_code,
    episodes.episode_count,
    by_area.every_child_count,
from by_area
left join episodes on by_area.collection_year = episodes.collection_year
where
    by_area.every_child_count is distinct from episodes.episode_count
    or by_area.by_care_count is distinct from episodes.episode_count
union all
select
    'every' as collection_year,
    'month' as area_level_code,
    by_month.episode_count,
    totals.episode_count as every_child_count,
from by_month
cross join totals
where by_month.episode_count is distinct from totals.episode_count
