-- Only returns that contain the header module are checked.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

headers as (
    select * from {{ ref('int_return_headers') }}
),

breached as (
    select * from missing_rows
    where
        exists (
            select 1
            from headers
            where headers._delivery_id = missing_rows._delivery_id
        )
        and not exists (
            select 1
            from headers
            where
                headers._delivery_id = missing_rows._delivery_id
                and headers.child = missing_rows.child
        )
),

final as (
    {{ return_breaches('INT04', 'missing', 'child', 'breached') }}
)

select * from final
