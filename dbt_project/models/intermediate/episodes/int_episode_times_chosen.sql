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

final as (
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
)

select * from final
