with

risk_levels as (
    select * from {{ ref('ref__risk_levels') }}
),

final as (
    select
        risk_level_code,
        risk_level_name,
        severity,
        sort_order,
    from risk_levels
)

select * from final
