with

definitions as (
    select * from {{ ref('ref__police_definitions') }}
),

final as (
    select
        police_force_code,
        absent_adopted,
        no_apparent_risk_adopted,
        basis,
    from definitions
)

select * from final
