with

categories as (
    select * from {{ ref('ref__categories') }}
),

final as (
    select
        category_code,
        category_name,
        comparison_code,
        sort_order,
    from categories
)

select * from final
