-- Months of which the register of a simulated home has nothing from a supplier: the
-- delivery was never made, or was made and is held or was refused.
with

absences as (
    select * from {{ ref('stg_truth__absences') }}
),

records as (
    select * from {{ ref('stg_truth__records') }}
    where feed = 'police_reports' and not is_only_resubmitted
),

keys as (
    select * from {{ ref('int_source_keys_pseudonymised') }}
    where kind = 'report'
),

never_made as (
    select
        'police' as source,
        police_force_code as supplier_code,
        {{ month_of('start_date') }} as start_month,
    from absences
    where police_cause_code = 'D18'
    union distinct
    select
        'authority' as source,
        authority_code_dfe as supplier_code,
        {{ month_of('start_date') }} as start_month,
    from absences
    where authority_cause_code = 'D18'
),

kept_out as (
    select
        'police' as source,
        records.supplier_code,
        {{ month_of('absences.start_date') }} as start_month,
    from records
    inner join absences on records.absence_id_truth = absences.absence_id_truth
    left join keys
        on
            keys.issuer = 'police_reports:' || records.supplier_code
            and records.source_id = keys.source_id
    group by records.supplier_code, {{ month_of('absences.start_date') }}
    having count(keys.source_key) = 0
),

final as (
    select * from never_made
    union distinct
    select * from kept_out
)

select * from final
