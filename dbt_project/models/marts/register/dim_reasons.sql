with

reasons as (
    select * from {{ ref('ref__reasons') }}
),

final as (
    select
        reason_code,
        reason_name,
        how_it_shows,
        sort_order,
    from reasons
)

select * from final
