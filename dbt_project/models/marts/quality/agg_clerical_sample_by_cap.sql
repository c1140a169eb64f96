with

sampled_caps as (
    select * from {{ ref('int_sampled_caps') }}
),

final as (
    select
        capped_by,
        cast(drawn_count as bigint) as drawn_count,
        cast(judged_count as bigint) as judged_count,
        cast(confirmed_count as bigint) as confirmed_count,
        confirmed_share_lower,
        is_supported,
    from sampled_caps
)

select * from final
