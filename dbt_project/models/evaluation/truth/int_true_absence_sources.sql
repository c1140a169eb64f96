{{ config(materialized='ephemeral') }}

-- The sources with a report of each simulated absence. Only reports that belong to an
-- episode count. The register may have given these reports to several children:
-- `first_child_id` and `last_child_id` are the lowest and the highest key among these
-- children.
with

absences as (
    select * from {{ ref('stg_truth__absences') }}
),

reports as (
    select * from {{ ref('int_true_reports') }}
),

-- A police report refers to the true absence. An authority's report refers to the
-- absence that its worker recorded, which may be a different one.
held_as as (
    select
        absence_id_truth,
        'police' as source,
        absence_id_truth as reported_absence_id_truth,
    from absences
    union all
    select
        absence_id_truth,
        'authority' as source,
        recorded_absence_id_truth as reported_absence_id_truth,
    from absences
),

final as (
    select
        held_as.absence_id_truth,
        held_as.source,
        min(reports.child_id_register) as first_child_id,
        max(reports.child_id_register) as last_child_id,
    from held_as
    inner join reports
        on
            held_as.source = reports.source
            and held_as.reported_absence_id_truth = reports.absence_id_truth
    group by held_as.absence_id_truth, held_as.source
)

select * from final
