with

judged as (
    select * from {{ ref('int_reason_verdicts') }}
),

counted as (
    select
        true_reason_code,
        assigned_reason_code,
        count(*) as row_count,
    from judged
    group by true_reason_code, assigned_reason_code
),

final as (
    select
        true_reason_code || '|' || assigned_reason_code as reason_pair_id,
        *,
        cast(row_count as double)
        / sum(row_count) over (partition by true_reason_code) as true_reason_share,
        true_reason_code = assigned_reason_code as is_right,
    from counted
)

select * from final
