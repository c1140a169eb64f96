-- If a source sent several reports of an episode, one category counts: the first in the
-- order of `ref__categories` (missing, away, no apparent risk, absent).
with

intervals as (
    select * from {{ ref('int_report_intervals') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

categories as (
    select * from {{ ref('ref__categories') }}
),

risk_levels as (
    select * from {{ ref('ref__risk_levels') }}
),

reports as (
    select
        placed.episode_id_register,
        placed.source_absence_key,
        placed.match_role_code,
        intervals.*,
        categories.sort_order as category_order,
        risk_levels.severity,
        row_number() over (
            partition by placed.episode_id_register, intervals.source
            order by intervals.start_lower_at, intervals.report_key
        ) as source_rank,
    from placed
    inner join intervals on placed.report_key = intervals.report_key
    left join categories on intervals.category_code = categories.category_code
    left join risk_levels
        on
            intervals.category_code = 'missing'
            and intervals.risk_highest_code = risk_levels.risk_level_code
),

summed as (
    select
        episode_id_register,
        min(child_id_register) as child_id_register,
        min(start_date) as start_date,
        count(*) as report_count,
        max(case match_role_code when 'matched_late' then 1 else 0 end) = 1
            as is_matched_late,
        {% for source in ['police', 'authority'] %}
            count(case when source = '{{ source }}' then 1 end)
                as {{ source }}_report_count,
            count(distinct case
                when source = '{{ source }}' then source_absence_key
            end) as {{ source }}_absence_count,
            min(case when source = '{{ source }}' then category_order end)
                as {{ source }}_category_order,
            min(case when source = '{{ source }}' then start_lower_at end)
                as {{ source }}_start_lower_at,
            min(case when source = '{{ source }}' then start_upper_at end)
                as {{ source }}_start_upper_at,
            max(case when source = '{{ source }}' then end_lower_at end)
                as {{ source }}_end_lower_at,
            max(case when source = '{{ source }}' then end_upper_at end)
                as {{ source }}_end_upper_at,
        {% endfor %}
        min(authority_code_dfe) as first_reporting_authority_code_dfe,
        max(authority_code_dfe) as reporting_authority_code_dfe,
        max(case when source_rank = 1 then police_force_code end)
            as police_force_code,
        count(distinct police_force_code) as police_force_count,
        max(home_postcode) as home_postcode,
        max(missing_from_postcode) as missing_from_postcode,
        max(age_years) as police_age_years,
        max(severity) as severity,
        case max(
            case looked_after_flag_code when 'yes' then 3 when 'no' then 2 else 1 end
        ) when 3 then 'yes' when 2 then 'no' else 'unknown' end
            as looked_after_flag_code,
    from reports
    group by episode_id_register
),

final as (
    select
        summed.*,
        police_categories.category_code as category_police_code,
        authority_categories.category_code as category_authority_code,
        any_categories.category_code,
        {{ function('incident_risk_level') }}(
            police_categories.category_code, summed.severity
        )
            as risk_level_police_code,
        -- Away, absent and no apparent risk have the same `comparison_code`, so these
        -- three categories count as equal.
        police_categories.comparison_code = authority_categories.comparison_code
            as is_category_equal,
        case
            when summed.police_report_count > 0 and summed.authority_report_count > 0
                then 'both'
            when summed.police_report_count > 0 then 'police_only'
            else 'authority_only'
        end as source_status,
    from summed
    left join categories as police_categories
        on summed.police_category_order = police_categories.sort_order
    left join categories as authority_categories
        on summed.authority_category_order = authority_categories.sort_order
    left join categories as any_categories
        on
            least(
                coalesce(summed.police_category_order, 99),
                coalesce(summed.authority_category_order, 99)
            ) = any_categories.sort_order
)

select * from final
