with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

merged as (
    select * from {{ ref('int_source_absences') }}
),

timestamp_profiles as (
    select * from {{ ref('int_case_system_timestamp_profiles') }}
),

tried as (
    select * from {{ ref('ref__tolerances_tried') }}
),

set_numbers as (
    {{ episode_parameters(
        ref('ref__episode_parameters'), ref('ref__merge_tolerances')
    ) }}
),

reports as (
    select
        intervals.*,
        merged.source_absence_key as absence_key,
        timestamp_profiles.entry_delay_tolerance_hours as slack_hours,
    from intervals
    inner join merged on intervals.report_key = merged.report_key
    left join timestamp_profiles
        on intervals.supplier_code = timestamp_profiles.supplier_code
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
    {{ absence_bounds('police_reports', 'absence_key', 'slack_hours') }}
),

authority_bounds as (
    {{ absence_bounds('authority_reports', 'absence_key', 'slack_hours') }}
),

police_absences as (
    {{ comparable_absences('police_bounds', 'child_id_register') }}
),

authority_absences as (
    {{ comparable_absences('authority_bounds', 'child_id_register') }}
),

-- Pairs of absences are found once, for the widest tolerance that any measure of
-- agreement uses.
parameters as (
    select
        set_numbers.unmatched_cost_hours,
        greatest(
            max(set_numbers.across_hours), max(tried.tolerance_days) * 24
        ) as widest_hours,
    from set_numbers
    cross join tried
    group by set_numbers.unmatched_cost_hours
),

final as (
    {{ absence_pairs(
        'police_absences', 'authority_absences', 'parameters.widest_hours'
    ) }}
)

select * from final
