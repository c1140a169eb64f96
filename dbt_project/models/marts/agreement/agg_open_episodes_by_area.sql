with

absences as (
    select * from {{ ref('int_open_absences') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

placed as (
    {{ placed_in_areas('absences') }}
),

counted as (
    select
        placed.area_level_code,
        placed.area_code,
        placed.as_of_date,
        placed.is_latest,
        populations.population_code,
        placed.open_band_code,
        count(distinct case
            when placed.is_open_by_record then placed.child_id_register
        end) as children_count,
        count(distinct case
            when placed.is_certainly_open then placed.child_id_register
        end) as children_count_lowest,
        count(distinct placed.child_id_register) as children_count_highest,
        count(case when placed.is_open_by_record then 1 end) as episode_count,
        count(case when placed.is_certainly_open then 1 end) as episode_count_lowest,
        count(*) as episode_count_highest,
        count(
            case
                when placed.is_open_by_record and placed.category_code = 'missing'
                    then 1
            end
        ) as missing_episode_count,
        count(
            case
                when placed.is_open_by_record and placed.source_status = 'both' then 1
            end
        ) as both_sources_episode_count,
        count(case when placed.is_open_by_record and placed.is_never_closed then 1 end)
            as never_closed_episode_count,
        max(placed.days_open) as most_days_open,
    from placed
    {{ join_populations('placed') }}
    group by
        placed.area_level_code,
        placed.area_code,
        placed.as_of_date,
        placed.is_latest,
        populations.population_code,
        placed.open_band_code
),

final as (
    select
        {{ joined_key([
            'area_level_code', 'area_code', 'as_of_date', 'population_code',
            'open_band_code',
        ]) }} as open_episode_id,
        *,
    from counted
)

select * from final
