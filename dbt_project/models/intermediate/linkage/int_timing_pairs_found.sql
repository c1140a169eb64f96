-- Two records of one child that time alone kept apart: each is the other's counterpart,
-- and both have the reason D7 or D8. Named by the authority's.
with

counterparts as (
    select * from {{ ref('int_evidence_counterparts_found') }}
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
    where status = 'authority_only'
),

reasons as (
    select * from {{ ref('int_agreement_reasons_chosen') }}
    where reason_code in ('D7', 'D8')
),

final as (
    select
        counterparts.agreement_id,
        counterparts.counterpart_agreement_id,
    from counterparts
    inner join agreement_rows
        on counterparts.agreement_id = agreement_rows.agreement_id
    inner join reasons as own on counterparts.agreement_id = own.agreement_id
    inner join reasons as other
        on counterparts.counterpart_agreement_id = other.agreement_id
)

select * from final
