with

placed as (
    select * from {{ ref('int_report_episodes') }}
),

final as (
    select
        episode_id_register,
        {{ register_key('R', 'report_key') }} as report_id_register,
        report_key = founding_report_key as is_founder,
        match_role_code,
    from placed
)

select * from final
