with

listed as (
    select * from {{ ref('case_list_falling_through') }}
),

final as (
    select
        {{ joined_key(['list_code', 'reason_code', 'body_type_code', 'body_code']) }}
            as falling_through_count_id,
        list_code,
        reason_code,
        body_type_code,
        body_code,
        count(*) as case_count,
        count(distinct child_id_register) as children_count,
        max(age_days) as oldest_age_days,
        avg(age_days) as mean_age_days,
        count(case when age_days > 28 then 1 end) as over_28_days_count,
        max(as_of_date) as as_of_date,
    from listed
    group by list_code, reason_code, body_type_code, body_code
)

select * from final
