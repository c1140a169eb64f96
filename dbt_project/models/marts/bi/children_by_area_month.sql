with

measures as (
    select * from {{ ref('agg_measures_by_area_month') }}
    where basis_code = 'register'
),

areas as (
    select * from {{ ref('areas') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
),

final as (
    select
        measures.area_level_code,
        measures.area_code,
        areas.area_name,
        measures.start_month,
        dates.collection_year,
        measures.population_code,
        {{ label_of('measures.population_code', 'population') }} as population_name,
        measures.children_count,
        measures.episode_count,
        measures.missing_children_count,
        measures.missing_episode_count,
        measures.away_children_count,
        measures.away_episode_count,
        measures.no_apparent_risk_children_count,
        measures.no_apparent_risk_episode_count,
        measures.category_not_known_children_count,
        measures.category_not_known_episode_count,
        measures.over_24_hours_episode_count_lower,
        measures.over_24_hours_episode_count_upper,
    from measures
    {{ join_areas('measures') }}
    inner join dates on measures.start_month = dates.date_day
)

select * from final
