-- Which sources hold an absence of a simulated home in some episode, and as which
-- children.
with

absences as (
    select * from {{ ref('stg_truth__absences') }}
),

reports as (
    select * from {{ ref('int_report_truths_known') }}
),

final as (
    select
        absences.absence_id_truth,
        reports.source,
        min(reports.child_id_register) as first_child_id,
        max(reports.child_id_register) as last_child_id,
    from absences
    inner join reports
        on
            case reports.source
                when 'police' then absences.absence_id_truth
                else absences.recorded_absence_id_truth
            end
            = reports.absence_id_truth
    group by absences.absence_id_truth, reports.source
)

select * from final
