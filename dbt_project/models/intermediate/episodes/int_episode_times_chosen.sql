-- An episode starts with the earliest day that a report gives and ends with the latest;
-- on one day a report to the minute is better than a date.
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
        {{ london_date('intervals.end_lower_at') }} as end_date,
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
                start_lower_at ASC,
                report_key ASC
        ) as start_rank,
        row_number() over (
            partition by episode_id_register
            order by
                case when end_lower_at is null then 1 else 0 end,
                end_date desc,
                case end_precision when 'minute' then 0 else 1 end,
                end_lower_at desc,
                report_key ASC
        ) as end_rank,
    from reports
),

final as (
    select
        bounds.episode_id_register,
        bounds.child_id_register,
        bounds.is_open as has_no_end,
        starts.started_at,
        starts.start_precision,
        starts.start_date,
        starts.start_upper_at,
        case when not bounds.is_open then ends.end_lower_at end as ended_at,
        case when not bounds.is_open then ends.end_precision end as end_precision,
        case when not bounds.is_open then ends.end_date end as end_date,
        case when not bounds.is_open then ends.end_upper_at end as end_upper_at,
    from bounds
    inner join ranked as starts
        on
            bounds.episode_id_register = starts.episode_id_register
            and starts.start_rank = 1
    inner join ranked as ends
        on
            bounds.episode_id_register = ends.episode_id_register
            and ends.end_rank = 1
)

select * from final
