-- A date without a time means the whole day. An end before the start is ignored.
-- Reports of one feed form one absence if they overlap or are no further apart than the
-- tolerance of their source. A report that cannot be right is kept with the reason, but
-- joins no episode and is not counted.
with

reports as (
    select * from {{ ref('int_reports') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

birth_dates as (
    {{ child_birth_dates(ref('int_golden_record_values')) }}
),

deliveries as (
    select
        delivery_id,
        period_start,
        period_end,
        {{ function('london_date') }}(received_at) as received_date,
    from {{ ref('stg_ledger__deliveries') }}
),

tolerances as (
    {{ merge_tolerances(ref('ref__merge_tolerances')) }}
),

bounded as (
    select
        reports.*,
        crosswalk.child_id_register,
        birth_dates.birth_date,
        birth_dates.eighteenth_birthday_date,
        {{ function('london_date') }}(reports.started_at) as start_date,
        {{ function('latest_moment') }}(reports.started_at, reports.start_precision)
            as start_upper_at,
        {{ function('latest_moment') }}(reports.ended_at, reports.end_precision)
            as ended_by_at,
        deliveries.period_start,
        deliveries.period_end,
        deliveries.received_date,
        case
            when reports.found_at < reports.ended_at then reports.found_at
            else reports.ended_at
        end as first_end_at,
        case
            when reports.found_at < reports.ended_at then reports.found_precision
            else reports.end_precision
        end as first_end_precision,
    from reports
    inner join crosswalk on reports.mention_key = crosswalk.mention_key
    left join deliveries on reports._delivery_id = deliveries.delivery_id
    left join birth_dates
        on crosswalk.child_id_register = birth_dates.child_id_register
),

judged as (
    select
        *,
        {{ function('earliest_moment') }}(started_at) as start_lower_at,
        case
            when ended_by_at >= started_at
                then {{ function('earliest_moment') }}(ended_at)
        end as end_lower_at,
        case when ended_by_at >= started_at then ended_by_at end as end_upper_at,
        coalesce(ended_by_at < started_at, false) as is_end_before_start,
        -- A child has left by the time at which they are reported missing. A midnight
        -- stands for its whole day.
        case
            when reported_at >= started_at
                then {{ function('latest_clock_moment') }}(
                    reported_at, reported_precision
                )
            else {{ function('latest_clock_moment') }}(started_at, start_precision)
        end as away_by_at,
        {{ function('earliest_moment') }}(
            case when reported_at >= started_at then reported_at else started_at end
        ) as seen_away_at,
        -- The earlier of the found and returned times is a lower bound of the end, the
        -- later one an upper bound. A time of midnight gives no lower bound.
        case
            when
                ended_by_at >= started_at
                and not (
                    first_end_precision = 'minute'
                    and {{ function('is_local_midnight') }}(first_end_at)
                )
                then {{ function('earliest_moment') }}(first_end_at)
        end as back_from_at,
        case
            when ended_by_at >= started_at and found_at > ended_at
                then {{ function('latest_clock_moment') }}(found_at, found_precision)
            when ended_by_at >= started_at
                then {{ function('latest_clock_moment') }}(ended_at, end_precision)
            when ended_at is null and closed_at >= started_at
                then {{ function('latest_clock_moment') }}(closed_at, closed_precision)
        end as back_by_at,
        ended_at is not null or closed_at is not null as is_end_given,
        case
            when birth_date is not null then start_date < eighteenth_birthday_date
            else age_years < 18
        end as is_child_at_start,
    from bounded
),

-- A report joins no episode if it has no usable start. The start must not be before
-- birth, before the counted years, after the day of receipt, or on or after the 18th
-- birthday. A return's absence must also lie at least partly in the return's year.
intervals as (
    select
        * exclude (period_start, period_end, received_date),
        case
            when start_lower_at is null then 'no_usable_start'
            when start_date < birth_date then 'before_birth'
            when birth_date is null and age_years < 0 then 'before_birth'
            when start_date > received_date then 'in_future'
            when not {{ function('is_in_counted_years') }}(
                start_date
            ) then 'outside_years'
            when
                feed = 'authority_return'
                and (
                    start_date > period_end
                    or {{ function('london_date') }}(end_lower_at) < period_start
                )
                then 'outside_years'
            when not is_child_at_start then 'adult_at_start'
        end as episode_exclusion_reason,
    from judged
),

-- A later report that starts by `reaches_until_at` belongs to the same absence. This
-- moment is the end of the report, or else its start, plus the tolerance of its source.
-- If the end is a date or the tolerance is 0, the moment is just before the end. A
-- child who leaves again on the same day, or in the same minute, then starts a new
-- absence, as return rule 574 requires.
reaching as (
    select
        intervals.report_key,
        intervals.child_id_register,
        intervals.source,
        intervals.feed,
        intervals.start_lower_at,
        case
            when intervals.end_lower_at is not null and intervals.end_precision = 'date'
                then {{ dbt.dateadd('second', -1, 'intervals.end_lower_at') }}
            when tolerances.tolerance_hours = 0
                then
                    greatest(
                        intervals.start_lower_at,
                        {{ dbt.dateadd('second', -1, 'intervals.end_lower_at') }}
                    )
            else {{ dbt.dateadd(
                'second',
                'cast(tolerances.tolerance_hours * 3600 as integer)',
                'coalesce(intervals.end_lower_at, intervals.start_lower_at)'
            ) }}
        end as reaches_until_at,
    from intervals
    inner join tolerances on intervals.source = tolerances.source
    where intervals.episode_exclusion_reason is null
),

marked as (
    select
        *,
        case
            when start_lower_at <= max(reaches_until_at) over (
                partition by child_id_register, feed
                order by start_lower_at, report_key
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as is_first,
    from reaching
),

numbered as (
    select
        *,
        sum(is_first) over (
            partition by child_id_register, feed
            order by start_lower_at, report_key
            rows between unbounded preceding and current row
        ) as absence_number,
    from marked
),

absences as (
    select
        report_key,
        min(report_key) over (
            partition by child_id_register, feed, absence_number
        ) as feed_absence_key,
    from numbered
),

final as (
    select
        intervals.*,
        absences.feed_absence_key,
    from intervals
    left join absences on intervals.report_key = absences.report_key
)

select * from final
