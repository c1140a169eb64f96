-- How an episode ended: recorded, still open, never closed though a later one began, or
-- by the 18th birthday. It is open as of the last day covered by any delivery.
with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

reports as (
    select
        intervals.*,
        placed.episode_id_register,
        london_date(intervals.end_lower_at) as end_date,
    from intervals
    inner join placed on intervals.report_key = placed.report_key
),

bounds as (
    {{ absence_bounds('reports', 'episode_id_register') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by episode_id_register
            order by
                start_date asc,
                case start_precision when 'minute' then 0 else 1 end,
                start_lower_at asc,
                report_key asc
        ) as start_rank,
        row_number() over (
            partition by episode_id_register
            order by
                case when end_lower_at is null then 1 else 0 end,
                end_date desc,
                case end_precision when 'minute' then 0 else 1 end,
                end_lower_at desc,
                report_key asc
        ) as end_rank,
    from reports
),

-- An episode starts on the earliest reported day and ends on the latest; on the same
-- day a report to the minute takes precedence over a date.
times as (
    select
        bounds.episode_id_register,
        bounds.child_id_register,
        bounds.is_open as has_no_end,
        first_start.started_at,
        first_start.start_precision,
        first_start.start_date,
        first_start.start_upper_at,
        case when not bounds.is_open then last_end.end_lower_at end as ended_at,
        case when not bounds.is_open then last_end.end_precision end as end_precision,
        case when not bounds.is_open then last_end.end_date end as end_date,
        case when not bounds.is_open then last_end.end_upper_at end as end_upper_at,
    from bounds
    inner join ranked as first_start
        on
            bounds.episode_id_register = first_start.episode_id_register
            and first_start.start_rank = 1
    inner join ranked as last_end
        on
            bounds.episode_id_register = last_end.episode_id_register
            and last_end.end_rank = 1
),

birth_dates as (
    {{ child_birth_dates() }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
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
        -- A date covers every time of its day except the last midnight: two dates two
        -- days apart are certainly more than 24 hours apart.
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
