-- Fails if an episode's report counts differ from its reports, or if one of its reports
-- belongs to another child.
with

episodes as (
    select * from {{ ref('fct_episodes') }}
),

bridge as (
    select * from {{ ref('bridge_episode_reports') }}
),

reports as (
    select * from {{ ref('fct_reports') }}
),

counted as (
    select
        bridge.episode_id_register,
        count(*) as report_count,
        count(case when reports.source = 'police' then 1 end) as police_report_count,
        min(reports.child_id_register) as first_child,
        max(reports.child_id_register) as last_child,
    from bridge
    inner join reports on bridge.report_id_register = reports.report_id_register
    group by bridge.episode_id_register
),

final as (
    select episodes.episode_id_register
    from episodes
    left join counted
        on episodes.episode_id_register = counted.episode_id_register
    where
        coalesce(counted.report_count, 0) != episodes.report_count
        or counted.police_report_count != episodes.police_report_count
        or counted.first_child != episodes.child_id_register
        or counted.last_child != episodes.child_id_register
)

select * from final
