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
        count(is_confirmed) as judged_count,
        count(case when is_confirmed then 1 end) as confirmed_count,
    from pairs
    group by capped_by
),

bounded as (
    select
        *,
        {{ function('wilson_lower') }}(confirmed_count, judged_count)
            as confirmed_share_lower,
    from counted
),

final as (
    select
        *,
        coalesce(confirmed_share_lower >= {{ supported_from }}, false) as is_supported,
    from bounded
)

select * from final
