with

placement_types as (
    select * from {{ ref('ref__placement_types') }}
),

final as (
    select
        placement_type_code,
        placement_type_name,
        placement_group_code,
        sort_order,
    from placement_types
)

select * from final
