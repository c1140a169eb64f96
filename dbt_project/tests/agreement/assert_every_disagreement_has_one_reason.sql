-- Fails if a row that disagrees does not have exactly one primary reason, or if a row
-- that agrees has a reason. Also fails if a reason belongs to no row of
-- `fct_agreement`.
with

fields as (
    select * from {{ ref('int_agreement_fields') }}
),

reasons as (
    select * from {{ ref('int_agreement_reasons') }}
),

agreement as (
    select * from {{ ref('fct_agreement') }}
),

counted as (
    select
        coalesce(fields.agreement_id, reasons.agreement_id) as agreement_id,
        max(case when fields.is_disagreement then 1 else 0 end) as expected_count,
        count(reasons.reason_code) as reason_count,
    from fields
    full outer join reasons on fields.agreement_id = reasons.agreement_id
    group by coalesce(fields.agreement_id, reasons.agreement_id)
),

final as (
    select
        counted.agreement_id,
        counted.expected_count,
        counted.reason_count,
        agreement.reason_code,
    from counted
    left join agreement on counted.agreement_id = agreement.agreement_id
    where
        counted.expected_count != counted.reason_count
        or agreement.agreement_id is null
        or (counted.expected_count = 1) != (agreement.reason_code is not null)
)

select * from final
