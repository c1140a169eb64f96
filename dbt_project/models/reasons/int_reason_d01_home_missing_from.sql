-- The child went missing from home: by authority data, no period of care covers the
-- start, so no authority is expected to record the absence.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

final as (
    select
        agreement_id,
        'D1' as reason_code,
        'strong' as strength,
        'no period of care on the first day' as evidence,
    from disagreements
    where status = 'police_only' and care_status_code = 'home'
)

select * from final
