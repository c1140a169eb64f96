-- Both sources recorded the absence, but under different categories.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

final as (
    select
        agreement_id,
        'D2' as reason_code,
        'strong' as strength,
        'police ' || category_police_code || ', authority ' || category_authority_code
            as evidence,
    from disagreements
    where status = 'both' and category_agreement_code = 'differs'
)

select * from final
