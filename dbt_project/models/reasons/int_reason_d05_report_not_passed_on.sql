-- The police alone recorded the absence of a looked-after child who is placed outside
-- the area of the responsible authority. Their report may not have reached that
-- authority. Out-of-area absences that both recorded are included for comparison.
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
