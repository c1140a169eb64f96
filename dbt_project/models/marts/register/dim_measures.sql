with

measures as (
    select * from {{ ref('ref__measures') }}
),

final as (
    select
        measure_code,
        measure_name,
        category_name,
        unit,
        population,
        category_rule,
        denominator,
        definition,
        sort_order,
    from measures
)

select * from final
