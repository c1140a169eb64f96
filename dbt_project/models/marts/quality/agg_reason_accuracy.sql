with

judged as (
    select * from {{ ref('int_reasons_judged') }}
),

counted as (
    select
        coalesce(status, 'all') as status,
        count(*) as disagreement_count,
        sum(case when is_truth_known then 1 else 0 end) as known_count,
        sum(case when is_right then 1 else 0 end) as right_count,
        sum(case when assigned_reason_code = 'D0' then 1 else 0 end)
            as unexplained_count,
    from judged
    group by grouping sets ((status), ())
),

final as (
    select
        status,
        disagreement_count,
        cast(known_count as bigint) as known_count,
        cast(right_count as bigint) as right_count,
        cast(unexplained_count as bigint) as unexplained_count,
        cast(right_count as double) / nullif(known_count, 0) as right_share,
        {{ wilson_lower('right_count', 'known_count') }} as right_share_lower,
        {{ wilson_upper('right_count', 'known_count') }} as right_share_upper,
    from counted
    where disagreement_count > 0
)

select * from final
