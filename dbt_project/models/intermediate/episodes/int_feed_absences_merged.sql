-- Gaps and islands inside one feed. A report reaches as far as its end and the
-- tolerance of its source; one without an end, as far as its start. A date reaches up
-- to its own day and no further: starting again on the day of a return is a new
-- absence.
with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

tolerances as (
    {{ merge_tolerances() }}
),

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

final as (
    select
        report_key,
        child_id_register,
        source,
        feed,
        min(report_key) over (
            partition by child_id_register, feed, absence_number
        ) as feed_absence_key,
    from numbered
)

select * from final
