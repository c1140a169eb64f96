-- Each disagreement gets one primary reason; its other reasons contribute. A fact of
-- the row takes precedence over a sign that only a comparison supports. A compared sign
-- without evidence gives no reason.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

expected_records as (
    select * from {{ ref('int_expected_records') }}
    where is_missed
),

signs as (
    select * from {{ ref('int_reason_signs') }}
    where is_missed
),

likelihoods as (
    select * from {{ ref('int_reason_likelihoods') }}
),

facts as (
    select
        agreement_id,
        reason_code,
        strength,
        evidence,
        precedence,
        'row' as basis_code,
        0 as comparison_round,
        cast(null as double) as likelihood_ratio,
        cast(null as double) as excess_share,
    from signs
    where expected_record_id is null
),

compared as (
    select
        signs.agreement_id,
        signs.reason_code,
        signs.strength,
        signs.evidence,
        signs.precedence,
        'comparison' as basis_code,
        signs.comparison_round,
        likelihoods.likelihood_ratio,
        likelihoods.excess_share,
        likelihoods.is_evidence,
    from signs
    inner join expected_records
        on signs.expected_record_id = expected_records.expected_record_id
    left join likelihoods
        on
            expected_records.expected_source = likelihoods.expected_source
            and expected_records.expected_supplier_code = likelihoods.supplier_code
            and signs.reason_code = likelihoods.reason_code
            and signs.strength = likelihoods.strength
),

reasons_with_evidence as (
    select * from facts
    union all
    select
        agreement_id,
        reason_code,
        strength,
        evidence,
        precedence,
        basis_code,
        comparison_round,
        likelihood_ratio,
        excess_share,
    from compared
    where is_evidence
),

explained as (
    select distinct agreement_id
    from reasons_with_evidence
),

without_evidence as (
    select
        agreement_id,
        {{ dbt.listagg('reason_code', "'|'", 'order by precedence') }} as reason_codes,
    from compared
    group by agreement_id
),

-- A disagreement for which no reason was found has reason D0.
unexplained as (
    select
        disagreements.agreement_id,
        'D0' as reason_code,
        'weak' as strength,
        coalesce(
            'shows ' || without_evidence.reason_codes
            || ', as absences that both recorded do',
            'none of the other reasons shows'
        ) as evidence,
        999 as precedence,
        'none' as basis_code,
        0 as comparison_round,
        cast(null as double) as likelihood_ratio,
        cast(null as double) as excess_share,
    from disagreements
    left join explained on disagreements.agreement_id = explained.agreement_id
    left join without_evidence
        on disagreements.agreement_id = without_evidence.agreement_id
    where explained.agreement_id is null
),

found as (
    select * from reasons_with_evidence
    union all
    select * from unexplained
),

-- Facts come first, in the order of ref__reason_precedence. Compared signs follow by
-- round and, within a round, by excess share, the greatest first.
ranked_signs as (
    select
        *,
        row_number() over (
            partition by agreement_id
            order by
                comparison_round asc,
                coalesce(excess_share, 0) desc,
                precedence asc,
                reason_code asc
        ) as sign_rank,
    from found
),

-- A reason that has two signs is listed once.
ranked_codes as (
    select
        *,
        row_number() over (
            partition by agreement_id, reason_code
            order by sign_rank
        ) as code_rank,
    from ranked_signs
),

primary_reasons as (
    select * from ranked_codes
    where sign_rank = 1
),

contributing as (
    select
        agreement_id,
        {{ dbt.listagg('reason_code', "'|'", 'order by sign_rank') }}
            as contributing_reason_codes,
    from ranked_codes
    where sign_rank > 1 and code_rank = 1
    group by agreement_id
),

final as (
    select
        primary_reasons.agreement_id,
        primary_reasons.reason_code,
        primary_reasons.strength as reason_strength,
        primary_reasons.basis_code as reason_basis_code,
        primary_reasons.likelihood_ratio as reason_likelihood_ratio,
        primary_reasons.excess_share as reason_excess_share,
        primary_reasons.evidence as reason_evidence,
        contributing.contributing_reason_codes,
    from primary_reasons
    left join contributing
        on primary_reasons.agreement_id = contributing.agreement_id
)

select * from final
