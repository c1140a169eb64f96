-- Every report that counts is in exactly one episode, whose key is that of the report
-- known first.
with

merged as (
    select * from {{ ref('int_source_absences_merged') }}
),

grouped as (
    select * from {{ ref('int_source_absences_grouped') }}
),

reports as (
    select * from {{ ref('int_reports_conformed') }}
),

grouped_reports as (
    select
        merged.report_key,
        merged.child_id_register,
        merged.source_absence_key,
        coalesce(grouped.group_key, merged.source_absence_key) as episode_group_key,
        coalesce(grouped.role, 'alone') as match_role_code,
        reports.first_received_at,
        reports.first_period_start,
    from merged
    left join grouped on merged.source_absence_key = grouped.absence_key
    inner join reports on merged.report_key = reports.report_key
),

founded as (
    select
        *,
        first_value(report_key) over (
            partition by episode_group_key
            order by first_received_at, first_period_start, report_key
        ) as founding_report_key,
    from grouped_reports
),

final as (
    select
        report_key,
        child_id_register,
        source_absence_key,
        match_role_code,
        founding_report_key,
        {{ register_key('E', 'founding_report_key') }} as episode_id_register,
    from founded
)

select * from final
