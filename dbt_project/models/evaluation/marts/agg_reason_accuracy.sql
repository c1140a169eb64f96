-- Most disagreements are absences from home, which are easy to explain: the rest has a
-- row of its own.
with

judged as (
    select * from {{ ref('int_reason_verdicts') }}
),

grouped as (
    select
        'all' as scope,
        *,
    from judged
    union all
    select
        'all_but_home' as scope,
        *,
    from judged
    where true_reason_code != 'D1'
    union all
    select
        status as scope,
        *,
    from judged
),

counted as (
    select
        scope,
        count(*) as disagreement_count,
        sum(case when is_truth_known then 1 else 0 end) as known_count,
        sum(case when is_right then 1 else 0 end) as right_count,
        sum(case when assigned_reason_code = 'D0' then 1 else 0 end)
            as unexplained_count,
    from grouped
    group by scope
),

final as (
    select
        scope as status,
        disagreement_count,
        cast(known_count as bigint) as known_count,
        cast(right_count as bigint) as right_count,
        cast(unexplained_count as bigint) as unexplained_count,
        cast(right_count as double) / nullif(known_count, 0) as right_share,
        wilson_lower(right_count, known_count) as right_share_lower,
        wilson_upper(right_count, known_count) as right_share_upper,
    from counted
)

select * from final
