-- A case system that writes when work was done writes it later than it happened, in the
-- extract and in the return that is made from the same records.
with

systems as (
    select * from {{ ref('int_evidence_case_systems_timed') }}
    where is_administrative
),

tolerances as (
    {{ merge_tolerances() }}
),

final as (
    select
        systems.supplier_code,
        tolerances.tolerance_hours as slack_hours,
    from systems
    inner join tolerances on tolerances.source = 'across_administrative'
)

select * from final
