with

ethnicities as (
    select * from {{ ref('ref__ethnicities') }}
),

final as (
    select
        ethnicity_code,
        ethnicity_name,
        ethnicity_group_code,
        ethnicity_group_name,
        sort_order,
    from ethnicities
)

select * from final
