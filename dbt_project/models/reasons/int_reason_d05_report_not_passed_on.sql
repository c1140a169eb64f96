-- Police-only; the child is looked after, and placed outside the area of the authority
-- that should be informed. Compared with what both recorded.
with

expected_records as (
    select * from {{ ref('int_expected_records') }}
    where expected_source = 'authority'
),

final as (
    select
        agreement_id,
        'D5' as reason_code,
        'strong' as strength,
        'authority '
        || authority_code_dfe
        || ', placed in '
        || coalesce(placement_authority_code_dfe, 'another area') as evidence,
        expected_source,
        is_missed,
    from expected_records
    where is_out_of_area
)

select * from final
