with

delivery_rules as (
    select * from {{ ref('ref__delivery_rules') }}
),

return_rules as (
    select * from {{ ref('ref__return_rules') }}
),

final as (
    select
        rule_code,
        'delivery' as rule_family,
        title,
        outcome,
        what_to_fix,
    from delivery_rules
    union all
    select
        rule_code,
        'return' as rule_family,
        title,
        'flagged' as outcome,
        what_to_fix,
    from return_rules
)

select * from final
