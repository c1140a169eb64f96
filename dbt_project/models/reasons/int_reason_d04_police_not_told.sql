-- Authority only, and the police had delivered; the child was away and not missing,
-- which carers need not report. Compared with what both recorded. That an absence was
-- brief is no sign: brief records are also lost, split, or written when work was done.
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
