with

ranked as (
    select * from {{ ref('int_reasons_ranked') }}
),

primary_reasons as (
    select * from ranked
    where reason_rank = 1
),

contributing as (
    select
        agreement_id,
        {{ dbt.listagg('reason_code', "'|'", 'order by reason_rank') }}
            as contributing_reason_codes,
    from ranked
    where reason_rank > 1
    group by agreement_id
),

final as (
    select
        primary_reasons.agreement_id,
        primary_reasons.reason_code,
        primary_reasons.strength as reason_strength,
        primary_reasons.evidence as reason_evidence,
        contributing.contributing_reason_codes,
    from primary_reasons
    left join contributing
        on primary_reasons.agreement_id = contributing.agreement_id
)

select * from final
