-- How each episode ended (`end_basis_code`). The cases, in order: a recorded end, the
-- start of the child's next episode, a closed report without a usable end, the 18th
-- birthday. All other episodes are open on the last day that any delivery covers.
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
        {{ function('london_date') }}(intervals.end_lower_at) as end_date,
    from intervals
    inner join placed on intervals.report_key = placed.report_key
),

bounds as (
    select * from {{ ref('int_episode_bounds') }}
),

ranked as (
    select
        reports.*,
        row_number() over (
            partition by reports.episode_id_register
            order by
                reports.start_date asc,
                case reports.start_precision when 'minute' then 0 else 1 end,
                reports.start_lower_at asc,
                reports.report_key asc
        ) as start_rank,
        row_number() over (
            partition by reports.episode_id_register
            order by
                case when reports.feed = bounds.end_feed then 0 else 1 end,
                case when reports.end_lower_at is null then 1 else 0 end,
                reports.end_date desc,
                case reports.end_precision when 'minute' then 0 else 1 end,
                reports.end_lower_at desc,
                reports.report_key asc
        ) as end_rank,
    from reports
    inner join bounds on reports.episode_id_register = bounds.episode_id_register
),

-- An episode starts on the earliest reported day. If several reports give that day, a
-- time is preferred to a date. It ends with the last end in the feed that
-- `int_episode_bounds` chose (`end_feed`).
times as (
    select
        bounds.*,
        first_start.started_at,
        first_start.start_precision,
        first_start.start_date,
        case when not bounds.has_no_end then last_end.ended_at end as ended_at,
        case when not bounds.has_no_end then last_end.end_precision end
            as end_precision,
        case when not bounds.has_no_end then last_end.end_date end as end_date,
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
    {{ child_birth_dates(ref('int_golden_record_values')) }}
),

last_days as (
    {{ last_covered_days(ref('stg_ledger__deliveries')) }}
),

followed as (
    select
        times.*,
        birth_dates.birth_date,
        birth_dates.eighteenth_birthday_date,
        last_days.last_date,
        lead(times.started_at) over next_first as next_started_at,
        lead(times.away_by_at) over next_first as next_away_by_at,
    from times
    left join birth_dates
        on times.child_id_register = birth_dates.child_id_register
    cross join last_days
    window next_first as (
        partition by times.child_id_register
        order by times.started_at, times.episode_id_register
    )
),

-- A child who goes missing again must have returned before. So an uncertain end is no
-- later than the start of the child's next episode.
based as (
    select
        *,
        case
            when is_end_sure or next_away_by_at is null then back_by_at
            when next_away_by_at < greatest(away_by_at, back_from_at) then back_by_at
            when back_by_at is null or next_away_by_at < back_by_at
                then next_away_by_at
            else back_by_at
        end as returned_by_at,
        case
            when ended_at is not null then 'recorded'
            when next_started_at is not null then 'superseded'
            when is_end_given then 'closed'
            when eighteenth_birthday_date <= last_date then 'aged_out'
            else 'open'
        end as end_basis_code,
    from followed
),

measured as (
    select
        *,
        back_from_at as returned_from_at,
        {{ elapsed_days('start_date', 'end_date') }} as duration_days,
        greatest(
            least(
                {{ function('hours_between') }}(away_by_at, back_from_at),
                coalesce(
                    longest_sure_hours,
                    {{ function('hours_between') }}(away_by_at, back_from_at)
                )
            ),
            0.0
        ) as duration_hours_lower,
        {{ function('hours_between') }}(
            away_from_at, returned_by_at
        ) as duration_hours_upper,
        -- Durations in whole days: the difference of the two dates, as in the
        -- department's statistics. If the latest possible start or return is a
        -- midnight, it ends a day, and so counts as that day.
        {{ elapsed_days(
            day_before('away_by_at'), function('london_date') ~ '(back_from_at)'
        ) }}
            as days_lower,
        {{ elapsed_days(
            function('london_date') ~ '(away_from_at)', day_before('returned_by_at')
        ) }}
            as duration_days_highest,
    from based
),

final as (
    select
        * exclude (last_date),
        -- A midnight in `away_by_at` is the end of a day that was recorded as a date,
        -- so the child left before it. A lower bound of exactly 24 hours therefore
        -- means more than 24 hours.
        duration_hours_lower > 24
        or (duration_hours_lower >= 24 and {{ function('is_local_midnight') }}(
            away_by_at
        ))
            as is_over_24_hours_lower,
        coalesce(duration_hours_upper > 24, true) as is_over_24_hours_upper,
        greatest(
            least(days_lower, coalesce(floor(longest_sure_hours / 24), days_lower)), 0
        ) as duration_days_lowest,
    from measured
)

select * from final
