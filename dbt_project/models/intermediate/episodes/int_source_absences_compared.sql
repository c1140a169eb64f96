with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

merged as (
    select * from {{ ref('int_source_absences_merged') }}
),

tolerances as (
    {{ merge_tolerances() }}
),

reports as (
    select
        intervals.*,
        merged.source_absence_key as absence_key,
    from intervals
    inner join merged on intervals.report_key = merged.report_key
),

police_reports as (
    select * from reports
    where source = 'police'
),

authority_reports as (
    select * from reports
    where source = 'authority'
),

police_bounds as (
    {{ absence_bounds('police_reports', 'absence_key') }}
),

authority_bounds as (
    {{ absence_bounds('authority_reports', 'absence_key') }}
),

police_absences as (
    {{ comparable_absences('police_bounds', 'child_id_register') }}
),

authority_absences as (
    {{ comparable_absences('authority_bounds', 'child_id_register') }}
),

final as (
    {{ absence_pairs('police_absences', 'authority_absences') }}
)

select * from final
