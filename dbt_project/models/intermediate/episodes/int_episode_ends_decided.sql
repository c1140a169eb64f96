-- How an episode ended: recorded, still open, never closed though a later one began, or
-- by the 18th birthday. It is open as of the last day that any delivery speaks of.
with

times as (
    select * from {{ ref('int_episode_times_chosen') }}
),

birth_dates as (
    select * from {{ ref('int_child_birth_dates') }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries_current') }}
),

last_days as (
    select max(least(period_end, cast(received_at as date))) as last_date
    from deliveries
    where feed != 'published_statistics'
),

followed as (
    select
        times.*,
        birth_dates.birth_date,
        birth_dates.eighteenth_birthday_date,
        last_days.last_date,
        lead(times.started_at) over (
            partition by times.child_id_register
            order by times.started_at, times.episode_id_register
        ) as next_started_at,
    from times
    left join birth_dates
        on times.child_id_register = birth_dates.child_id_register
    cross join last_days
),

based as (
    select
        *,
        case
            when not has_no_end then 'recorded'
            when next_started_at is not null then 'superseded'
            when eighteenth_birthday_date <= last_date then 'aged_out'
            else 'open'
        end as end_basis_code,
    from followed
),

measured as (
    select
        *,
        {{ elapsed_days('start_date', 'end_date') }} as duration_days,
        case
            when ended_at is null then null
            when start_precision = 'date' and end_precision = 'date'
                then
                    24.0
                    * greatest({{ elapsed_days('start_date', 'end_date') }} - 1, 0)
            else greatest(hours_between(start_upper_at, ended_at), 0.0)
        end as duration_hours_lower,
        case
            when ended_at is null then null
            when start_precision = 'date' and end_precision = 'date'
                then 24.0 * ({{ elapsed_days('start_date', 'end_date') }} + 1)
            else greatest(hours_between(started_at, end_upper_at), 0.0)
        end as duration_hours_upper,
        case end_basis_code
            when 'open'
                then hours_between(
                    start_upper_at,
                    {{ london_to_utc(
                        dbt.dateadd('day', 1, 'cast(last_date as timestamp)')
                    ) }}
                )
            when 'aged_out'
                then hours_between(
                    start_upper_at,
                    {{ london_to_utc('cast(eighteenth_birthday_date as timestamp)') }}
                )
        end as open_hours,
    from based
),

final as (
    select
        *,
        -- A date stands for every moment of its day but the last midnight: two dates
        -- two days apart are certainly more than 24 hours apart.
        case
            when ended_at is null then coalesce(open_hours > 24, false)
            when start_precision = 'date' then duration_hours_lower >= 24
            else duration_hours_lower > 24
        end as is_over_24_hours_lower,
        case when ended_at is null then true else duration_hours_upper > 24 end
            as is_over_24_hours_upper,
    from measured
)

select * from final
