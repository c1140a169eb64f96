with

ends as (
    select * from {{ ref('int_episode_times') }}
),

summaries as (
    select * from {{ ref('int_episode_reports') }}
),

care as (
    select * from {{ ref('int_episode_care') }}
),

dated as (
    select
        *,
        {{ function('collection_year_of') }}(start_date) as collection_year,
        lag(start_date, {{ var('repeat_trigger_count') - 1 }}) over (
            partition by child_id_register order by started_at, episode_id_register
        ) as second_last_start_date,
    from ends
),

assigned as (
    select
        dated.*,
        row_number() over (
            partition by dated.child_id_register, dated.collection_year
            order by dated.started_at, dated.episode_id_register
        ) > 1 as is_repeat_in_year,
        coalesce(
            {{ elapsed_days('dated.second_last_start_date', 'dated.start_date') }}
            <= {{ var('repeat_window_days') }},
            false
        ) as is_third_in_90_days,
        case
            when dated.birth_date is not null
                then {{ function('age_on') }}(dated.birth_date, dated.start_date)
            else summaries.police_age_years
        end as age_at_start,
        summaries.report_count,
        summaries.police_report_count,
        summaries.authority_report_count,
        summaries.police_force_count,
        summaries.police_absence_count,
        summaries.authority_absence_count,
        case
            when summaries.source_status != 'both' then 'single_source'
            when
                summaries.police_absence_count = 1
                and summaries.authority_absence_count = 1
                then 'one_to_one'
            else 'many_to_one'
        end as source_match_code,
        case
            when summaries.source_status = 'both'
                then
                    coalesce(summaries.is_matched_late, false)
                    or not {{ meets_unwidened(
                        'summaries.police', 'summaries.authority'
                    ) }}
        end as is_matched_after_widening,
        summaries.source_status,
        summaries.category_code,
        summaries.category_police_code,
        summaries.category_authority_code,
        summaries.risk_level_police_code,
        summaries.is_category_equal,
        summaries.looked_after_flag_code,
        case
            when care.care_status_code is not null then care.care_status_code
            when
                care.is_authority_covered
                or (
                    care.authority_code_dfe is null
                    and summaries.looked_after_flag_code = 'no'
                )
                then 'home'
            else 'unknown'
        end as care_status_code,
        care.legal_status_code,
        care.placement_key,
        care.placement_type_code,
        care.placement_provider_code,
        care.distance_miles,
        care.is_out_of_area,
        care.is_over_20_miles,
        care.placing_authority_code_dfe,
        care.authority_code_dfe not in (
            summaries.first_reporting_authority_code_dfe,
            summaries.reporting_authority_code_dfe
        ) as is_reported_by_other_authority,
        care.authority_code_dfe,
        care.host_authority_code_dfe,
        care.police_force_code,
        care.is_police_covered,
        care.is_authority_covered,
        {% for event in ['start', 'end'] %}
            {{ function('signed_hours_apart') }}(
                summaries.police_{{ event }}_lower_at,
                summaries.police_{{ event }}_upper_at,
                summaries.authority_{{ event }}_lower_at,
                summaries.authority_{{ event }}_upper_at
            ) as {{ event }}_difference_hours,
        {% endfor %}
    from dated
    inner join summaries
        on dated.episode_id_register = summaries.episode_id_register
    inner join care on dated.episode_id_register = care.episode_id_register
),

final as (
    select
        *,
        {{ function('counted_category') }}(
            category_code, care_status_code, category_police_code
        )
            as counted_category_code,
    from assigned
)

select * from final
