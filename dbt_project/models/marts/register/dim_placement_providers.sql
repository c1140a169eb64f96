with

placement_providers as (
    select * from {{ ref('ref__placement_providers') }}
),

final as (
    select
        placement_provider_code,
        placement_provider_name,
        sort_order,
    from placement_providers
)

select * from final
