-- A period of care is a chain of episodes. Two rules follow the sector's validator. A
-- new period begins when an episode starts after the end of the previous episode (in
-- order of start), whatever the latest end so far. A period ends with the end of its
-- last episode, even if an earlier episode ends later.
with

episodes as (
    select * from {{ ref('int_return_episodes') }}
),

episodes_in_order as (
    select
        *,
        lag(dec_date) over (
            partition by _delivery_id, child
            order by decom_date, _file, _row_number
        ) as previous_dec_date,
        row_number() over (
            partition by _delivery_id, child
            order by decom_date, _file, _row_number
        ) as episode_number
    from episodes
    where decom_date is not null
),

episodes_in_periods as (
    select
        *,
        sum(
            case
                when episode_number = 1 or decom_date > previous_dec_date then 1
                else 0
            end
        ) over (
            partition by _delivery_id, child
            order by episode_number
        ) as period_of_care_number
    from episodes_in_order
),

last_episodes as (
    select
        *,
        min(decom_date) over (
            partition by _delivery_id, child, period_of_care_number
        ) as care_period_start_date,
        row_number() over (
            partition by _delivery_id, child, period_of_care_number
            order by episode_number desc
        ) as episode_number_from_last
    from episodes_in_periods
),

final as (
    select
        supplier_code,
        period,
        _delivery_id,
        child,
        period_of_care_number,
        care_period_start_date,
        dec_date as care_period_end_date
    from last_episodes
    where episode_number_from_last = 1
)

select * from final
