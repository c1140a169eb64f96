with

sampled_caps as (
    select * from {{ ref('int_sampled_caps') }}
),

final as (
    select
        capped_by,
        cast(drawn_count as bigint) as drawn_count,
        cast(judged_count as bigint) as judged_count,
        cast(one_child_count as bigint) as one_child_count,
        one_child_share_lower,
        is_supported,
    from sampled_caps
)

select * from final
