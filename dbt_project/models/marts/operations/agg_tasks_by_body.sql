with

listed as (
    select * from {{ ref('case_list_children') }}
),

final as (
    select
        {{ joined_key(['task_code', 'body_type_code', 'body_code']) }}
            as task_count_id,
        task_code,
        max(task_name) as task_name,
        body_type_code,
        body_code,
        count(*) as children_count,
        cast(sum(episode_count) as bigint) as episode_count,
        max(age_days) as oldest_age_days,
        count(case when age_days > 28 then 1 end) as over_28_days_count,
        max(as_of_date) as as_of_date,
    from listed
    group by task_code, body_type_code, body_code
)

select * from final
