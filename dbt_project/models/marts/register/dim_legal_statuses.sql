with

legal_statuses as (
    select * from {{ ref('ref__legal_statuses') }}
),

final as (
    select
        legal_status_code,
        legal_status_name,
        legal_status_group_code,
        is_short_break,
        sort_order,
    from legal_statuses
)

select * from final
