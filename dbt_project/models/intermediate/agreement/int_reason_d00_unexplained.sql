-- What needs a reason and shows none.
with

disagreements as (
    select * from {{ ref('int_disagreements_gathered') }}
),

reasons as (
    select distinct agreement_id
    from {{ ref('int_reasons_found') }}
),

final as (
    select
        disagreements.agreement_id,
        'D0' as reason_code,
        'weak' as strength,
        'none of the other reasons shows' as evidence,
    from disagreements
    left join reasons on disagreements.agreement_id = reasons.agreement_id
    where reasons.agreement_id is null
)

select * from final
