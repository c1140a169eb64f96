with

counted as (
    select * from {{ ref('agg_falling_through_by_body') }}
),

areas as (
    select * from {{ ref('areas') }}
),

final as (
    select
        counted.list_code,
        {{ label_of('counted.list_code', 'list') }} as list_name,
        counted.reason_code as list_reason_code,
        {{ label_of('counted.reason_code', 'list_reason') }} as list_reason_name,
        areas.area_level_code,
        counted.body_code as area_code,
        areas.area_name,
        counted.case_count,
        counted.children_count,
        counted.oldest_age_days,
        counted.mean_age_days,
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
