-- The authority alone recorded the absence, although the police have delivered that
-- day. It recorded the child as away, not as missing, and carers need not report an
-- away child to the police. Away absences that both recorded are included for
-- comparison. That an absence was brief is no sign, because records of brief absences
-- are also lost, split or dated late.
with

expected_records as (
    select * from {{ ref('int_expected_records') }}
    where expected_source = 'police'
),

final as (
    select
        agreement_id,
        'D4' as reason_code,
        'strong' as strength,
        category_authority_code
        || coalesce(', ' || {{ number_text('recorded_hours') }} || ' h', '')
            as evidence,
        expected_source,
        is_missed,
    from expected_records
    where category_authority_code = 'away'
)

select * from final
