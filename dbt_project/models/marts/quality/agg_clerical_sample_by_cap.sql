with

sampled_pairs as (
    select * from {{ ref('int_sampled_cap_pairs') }}
),

final as (
    select
        capped_by,
        cast(count(*) as bigint) as drawn_count,
        cast(count(is_confirmed) as bigint) as judged_count,
        cast(count(case when is_confirmed then 1 end) as bigint) as confirmed_count,
        confirmed_share_lower,
        is_supported,
    from sampled_pairs
    group by capped_by, confirmed_share_lower, is_supported
)

select * from final
