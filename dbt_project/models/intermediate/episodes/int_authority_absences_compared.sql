with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

merged as (
    select * from {{ ref('int_feed_absences_merged') }}
),

parameters as (
    {{ episode_parameters() }}
),

reports as (
    select
        intervals.*,
        merged.feed_absence_key as absence_key,
    from intervals
    inner join merged on intervals.report_key = merged.report_key
    where intervals.source = 'authority'
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
