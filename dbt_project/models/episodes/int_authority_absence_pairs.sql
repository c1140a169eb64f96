with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

parameters as (
    {{ episode_parameters(
        ref('ref__episode_parameters'), ref('ref__merge_tolerances')
    ) }}
),

reports as (
    select
        *,
        feed_absence_key as absence_key,
    from intervals
    where source = 'authority' and feed_absence_key is not null
),

extract_reports as (
    select * from reports
    where feed = 'authority_extract'
),

return_reports as (
    select * from reports
    where feed = 'authority_return'
),

extract_bounds as (
    {{ absence_bounds('extract_reports', 'absence_key') }}
),

return_bounds as (
    {{ absence_bounds('return_reports', 'absence_key') }}
),

extract_absences as (
    {{ comparable_absences('extract_bounds', 'child_id_register') }}
),

return_absences as (
    {{ comparable_absences('return_bounds', 'child_id_register') }}
),

final as (
    {{ absence_pairs(
        'extract_absences', 'return_absences', 'parameters.across_hours'
    ) }}
)

select * from final
