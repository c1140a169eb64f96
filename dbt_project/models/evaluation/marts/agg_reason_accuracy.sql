-- Most disagreements are absences from home (D1), whose reason is easy to find. The
-- scope `all_but_home` shows the accuracy for all other disagreements.
with

judged as (
    select * from {{ ref('int_reason_verdicts') }}
),

nation as (
    select * from {{ ref('stg_truth__nation') }}
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
        sum(case when is_primary_right then 1 else 0 end) as primary_right_count,
        sum(case when is_home_right then 1 else 0 end) as always_home_right_count,
        sum(case when is_five_lines_right then 1 else 0 end)
            as five_lines_right_count,
        sum(case when assigned_reason_code = 'D0' then 1 else 0 end)
            as unexplained_count,
    from grouped
    group by scope
),

final as (
    select
        counted.scope as status,
        counted.disagreement_count,
        cast(counted.known_count as bigint) as known_count,
        cast(counted.right_count as bigint) as right_count,
        cast(counted.unexplained_count as bigint) as unexplained_count,
        cast(counted.right_count as double) / nullif(counted.known_count, 0)
            as right_share,
        {{ function('wilson_lower') }}(
            counted.right_count, counted.known_count
        ) as right_share_lower,
        {{ function('wilson_upper') }}(
            counted.right_count, counted.known_count
        ) as right_share_upper,
        {% for measured in ['primary', 'always_home', 'five_lines'] %}
            cast(counted.{{ measured }}_right_count as double)
            / nullif(counted.known_count, 0)
                as {{ measured }}_right_share,
        {% endfor %}
        nation.simulation_profile,
        nation.simulation_seed,
    from counted
    cross join nation
)

select * from final
