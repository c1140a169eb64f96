-- Police-only; the child is looked after, and placed outside the area of the authority
-- that should be informed.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
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
    from disagreements
    where is_missed_by_authority and is_out_of_area
)

select * from final
