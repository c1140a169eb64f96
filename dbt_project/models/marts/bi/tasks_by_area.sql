with

counted as (
    select * from {{ ref('agg_tasks_by_body') }}
),

areas as (
    select * from {{ ref('areas') }}
),

final as (
    select
        counted.task_code,
        counted.task_name,
        areas.area_level_code,
        counted.body_code as area_code,
        areas.area_name,
        counted.children_count,
        counted.episode_count,
        counted.oldest_age_days,
        counted.over_28_days_count,
        counted.as_of_date,
    from counted
    left join areas
        on
            case counted.body_type_code
                when 'police' then 'police_force'
                else counted.body_type_code
            end = areas.area_level_code
            and counted.body_code = areas.area_code
)

select * from final
