-- The police flag contradicts the period of care.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

final as (
    select
        agreement_id,
        'D14' as reason_code,
        case
            when status = 'both' and looked_after_agreement_code = 'differs'
                then 'strong'
            else 'weak'
        end as strength,
        'police flag '
        || looked_after_flag_code
        || ', by authority '
        || care_status_code as evidence,
    from disagreements
    where
        looked_after_agreement_code = 'differs'
        or (is_missed_by_authority and looked_after_flag_code != 'yes')
)

select * from final
