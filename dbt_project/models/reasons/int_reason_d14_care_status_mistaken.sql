-- The police flag for looked-after children contradicts the authority's period of care.
-- Or the authority missed an absence that the police recorded, but not as that of a
-- looked-after child. Such absences that both sources recorded are included for
-- comparison.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

expected_records as (
    select * from {{ ref('int_expected_records') }}
    where expected_source = 'authority'
),

contradicted as (
    select
        agreement_id,
        looked_after_flag_code,
        care_status_code,
        case status when 'both' then 'strong' else 'weak' end as strength,
        cast(null as varchar) as expected_source,
        true as is_missed,
    from disagreements
    where looked_after_agreement_code = 'differs' and not is_missed_by_authority
),

not_taken_for_looked_after as (
    select
        agreement_id,
        looked_after_flag_code,
        care_status_code,
        'weak' as strength,
        expected_source,
        is_missed,
    from expected_records
    where looked_after_flag_code != 'yes'
),

every_one as (
    select * from contradicted
    union all
    select * from not_taken_for_looked_after
),

final as (
    select
        agreement_id,
        'D14' as reason_code,
        strength,
        'police flag '
        || looked_after_flag_code
        || ', by authority '
        || care_status_code as evidence,
        expected_source,
        is_missed,
    from every_one
)

select * from final
