-- Fails if counts in the `bi` schema differ from the marts. Three counts, summed over
-- age bands, must equal `agg_agreement_by_area_year`: absences, absences expected of
-- both sources, and those among them that both recorded. Yearly counts of disagreements
-- and of absences expected of both sources must equal `fct_agreement`.
with

ages as (
    select
        area_level_code,
        area_code,
        collection_year,
        population_code,
        sum(episode_count) as episode_count,
        sum(in_scope_count) as in_scope_count,
        sum(matched_in_scope_count) as matched_count,
    from {{ ref('children_by_characteristic') }}
    where characteristic_code = 'age_band'
    group by area_level_code, area_code, collection_year, population_code
),

areas as (
    select * from {{ ref('agg_agreement_by_area_year') }}
    where population_code in ('every_child', 'looked_after')
),

episodes as (
    select
        collection_year,
        count(case when is_in_scope_of_both then 1 end) as in_scope_count,
    from {{ ref('episodes') }}
    group by collection_year
),

reasons as (
    select
        collection_year,
        sum(episode_count) as reason_count,
    from {{ ref('reasons_by_area_year') }}
    where area_level_code = 'nation' and population_code = 'every_child'
    group by collection_year
),

facts as (
    select
        collection_year,
        count(case when reason_code is not null then 1 end) as reason_count,
        count(case when is_police_expected and is_authority_expected then 1 end)
            as in_scope_count,
    from {{ ref('fct_agreement') }}
    where is_in_scope
    group by collection_year
),

final as (
    select
        areas.area_code,
        areas.collection_year,
    from areas
    full outer join ages
        on
            areas.area_level_code = ages.area_level_code
            and areas.area_code = ages.area_code
            and areas.collection_year = ages.collection_year
            and areas.population_code = ages.population_code
    where
        areas.area_code is null
        or ages.area_code is null
        or areas.total_count != ages.episode_count
        or areas.both_expected_count != ages.in_scope_count
        or areas.both_when_expected_count != ages.matched_count
    union all
    select
        'fct_agreement' as area_code,
        facts.collection_year,
    from facts
    left join reasons on facts.collection_year = reasons.collection_year
    left join episodes on facts.collection_year = episodes.collection_year
    where
        facts.reason_count != coalesce(reasons.reason_count, 0)
        or facts.in_scope_count != coalesce(episodes.in_scope_count, 0)
)

select * from final
