-- A date without a time is its whole day; an end before its start is not used. Reports
-- of one feed are one absence where they overlap or are within the tolerance of their
-- source.
with

reports as (
    select * from {{ ref('int_reports') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

birth_dates as (
    {{ child_birth_dates() }}
),

tolerances as (
    {{ merge_tolerances() }}
),

bounded as (
    select
        reports.*,
        crosswalk.child_id_register,
        birth_dates.birth_date,
        birth_dates.eighteenth_birthday_date,
        london_date(reports.started_at) as start_date,
        latest_moment(reports.started_at, reports.start_precision)
            as start_upper_at,
        latest_moment(reports.ended_at, reports.end_precision)
            as ended_by_at,
    from reports
    inner join crosswalk on reports.mention_key = crosswalk.mention_key
    left join birth_dates
        on crosswalk.child_id_register = birth_dates.child_id_register
),

judged as (
    select
        *,
        started_at as start_lower_at,
        case when ended_by_at >= started_at then ended_at end as end_lower_at,
        case when ended_by_at >= started_at then ended_by_at end as end_upper_at,
        coalesce(ended_by_at < started_at, false) as is_end_before_start,
        case
            when birth_date is not null then start_date < eighteenth_birthday_date
            else age_years < 18
        end as is_child_at_start,
    from bounded
),

intervals as (
    select
        *,
        case
            when start_lower_at is null then 'no_usable_start'
            when not is_child_at_start then 'adult_at_start'
        end as episode_exclusion_reason,
    from judged
),

-- A report reaches as far as its end and the tolerance of its source; one without an
-- end, as far as its start. A date reaches up to its own day and no further: starting
-- again on the day of a return is a new absence.
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
