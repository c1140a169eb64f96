-- A cap is supported if the lower end of the 95 % interval reaches this share.
{% set supported_from = 0.9 %}
with

pairs as (
    select * from {{ ref('int_sampled_cap_pairs') }}
),

counted as (
    select
        capped_by,
        count(*) as drawn_count,
        count(is_one_child) as judged_count,
        count(case when is_one_child then 1 end) as one_child_count,
    from pairs
    group by capped_by
),

bounded as (
    select
        *,
        {{ function('wilson_lower') }}(one_child_count, judged_count)
            as one_child_share_lower,
    from counted
),

final as (
    select
        *,
        coalesce(one_child_share_lower >= {{ supported_from }}, false) as is_supported,
    from bounded
)

select * from final
