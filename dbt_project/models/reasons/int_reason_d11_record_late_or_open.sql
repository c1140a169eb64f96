-- Without an end, or without a start; or not entered yet: so recent that it may still
-- come, or of a case system that exports completed forms only.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

counterparts as (
    select * from {{ ref('int_unmatched_candidates') }}
    where endless_count > 0
),

spans as (
    select
        supplier_code,
        max(covered_to_date) as covered_to_date,
    from {{ ref('int_supplier_coverage') }}
    group by supplier_code
),

systems as (
    select * from {{ ref('int_case_system_timestamp_profiles') }}
),

thresholds as (
    {{ reason_thresholds(['recent_days']) }}
),

judged as (
    select
        disagreements.agreement_id,
        case
            when disagreements.report_id_register is not null then 'no usable start'
            when
                disagreements.end_agreement_code
                in ('police_missing', 'authority_missing')
                and disagreements.status = 'both'
                then 'one source gives no end'
            when counterparts.agreement_id is not null
                then 'a record without an end near it'
        end as strong_evidence,
        case
            when
                {{ elapsed_days('disagreements.start_date', 'spans.covered_to_date') }}
                <= thresholds.recent_days
                then
                    cast(
                        {{ elapsed_days(
                            'disagreements.start_date', 'spans.covered_to_date'
                        ) }} as varchar
                    )
                    || ' days before the last day that the authority speaks of'
            when systems.is_completed_forms_only
                then 'the case system gives completed forms only'
        end as weak_evidence,
        disagreements.is_missed_by_authority,
    from disagreements
    cross join thresholds
    left join counterparts
        on disagreements.agreement_id = counterparts.agreement_id
    left join spans on disagreements.authority_code_dfe = spans.supplier_code
    left join systems on disagreements.authority_code_dfe = systems.supplier_code
),

final as (
    select
        agreement_id,
        'D11' as reason_code,
        case when strong_evidence is not null then 'strong' else 'weak' end as strength,
        coalesce(strong_evidence, weak_evidence) as evidence,
    from judged
    where
        strong_evidence is not null
        or (weak_evidence is not null and is_missed_by_authority)
)

select * from final
