with

interviews as (
    select * from {{ ref('agg_return_interviews_by_area_year') }}
),

areas as (
    select * from {{ ref('areas') }}
),

final as (
    select
        {{ area_year_columns('interviews') }},
        interviews.closed_count as ended_count,
        interviews.recorded_count,
        interviews.offered_count,
        interviews.accepted_count,
        interviews.held_count,
        interviews.within_72_hours_count,
        interviews.not_within_72_hours_count,
        interviews.within_72_hours_unknown_count,
        interviews.offered_share,
        interviews.offered_share_lower,
        interviews.offered_share_upper,
        interviews.offered_recorded_share,
        interviews.accepted_share,
        interviews.accepted_share_lower,
        interviews.accepted_share_upper,
        interviews.held_share,
        interviews.held_share_lower,
        interviews.held_share_upper,
        interviews.held_recorded_share,
        interviews.within_72_hours_share,
        interviews.within_72_hours_share_lower,
        interviews.within_72_hours_share_upper,
        interviews.within_72_hours_share_lowest,
        interviews.within_72_hours_share_highest,
    from interviews
    {{ join_areas('interviews') }}
)

select * from final
