-- Only returns that contain the episodes module are checked.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

episodes as (
    select * from {{ ref('int_return_episodes') }}
),

breached as (
    select * from missing_rows
    where
        exists (
            select 1
            from episodes
            where episodes._delivery_id = missing_rows._delivery_id
        )
        and not exists (
            select 1
            from episodes
            where
                episodes._delivery_id = missing_rows._delivery_id
                and episodes.child = missing_rows.child
        )
),

final as (
    {{ return_breaches('1012', 'missing', 'child', 'breached') }}
)

select * from final
