-- A date alone stands for its whole day. An end before its start is no end.
with

reports as (
    select * from {{ ref('int_reports_conformed') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

birth_dates as (
    select * from {{ ref('int_child_birth_dates') }}
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

final as (
    select
        *,
        case
            when start_lower_at is null then 'no_usable_start'
            when not is_child_at_start then 'adult_at_start'
        end as episode_exclusion_reason,
    from judged
)

select * from final
