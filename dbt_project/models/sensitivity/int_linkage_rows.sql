-- Agreement at another threshold, for children who are not the same there. The area,
-- year, care status and expectations of an absence stay those of the register, so that
-- only linkage differs. These values come from its authority report or, without one, a
-- police report.
{% set ends = {'start': 'min', 'end': 'max'} %}
with

reports as (
    select * from {{ ref('int_linkage_reports') }}
),

grouped as (
    select * from {{ ref('int_linkage_assignments') }}
),

report_episodes as (
    select * from {{ ref('int_report_episodes') }}
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
),

categories as (
    select * from {{ ref('ref__categories') }}
),

placed as (
    select
        reports.linkage_code,
        reports.linkage_child_key,
        reports.source,
        {% for event in ends %}
            reports.{{ event }}_lower_at,
            reports.{{ event }}_upper_at,
        {% endfor %}
        coalesce(grouped.group_key, reports.absence_key) as group_key,
        report_episodes.episode_id_register,
        categories.sort_order,
        row_number() over (
            partition by
                reports.linkage_code, coalesce(grouped.group_key, reports.absence_key)
            order by
                reports.source asc, reports.start_lower_at asc, reports.report_key asc
        ) as report_rank,
    from reports
    inner join report_episodes on reports.report_key = report_episodes.report_key
    left join grouped on reports.absence_key = grouped.absence_key
    left join categories on reports.category_code = categories.category_code
),

summed as (
    select
        linkage_code,
        linkage_child_key,
        group_key,
        max(case when report_rank = 1 then episode_id_register end)
            as episode_id_register,
        {% for source in ['police', 'authority'] %}
            count(case when source = '{{ source }}' then 1 end)
                as {{ source }}_report_count,
            min(case when source = '{{ source }}' then sort_order end)
                as {{ source }}_sort_order,
            {% for event, furthest in ends.items() %}
                {% for bound in ['lower', 'upper'] %}
                    {{ furthest }}(case
                        when source = '{{ source }}' then {{ event }}_{{ bound }}_at
                    end) as {{ source }}_{{ event }}_{{ bound }}_at,
                {% endfor %}
            {% endfor %}
        {% endfor %}
    from placed
    group by linkage_code, linkage_child_key, group_key
),

final as (
    select
        summed.linkage_code,
        summed.linkage_child_key as child_key,
        summed.group_key as absence_key,
        agreement_rows.authority_code_dfe,
        agreement_rows.police_force_code,
        agreement_rows.collection_year,
        agreement_rows.care_status_code,
        agreement_rows.care_status_code = 'looked_after'
        and coalesce(agreement_rows.is_out_of_area, false) as is_out_of_area,
        {{ agreement_expectations('agreement_rows') }},
        case
            when summed.police_report_count = 0 then 'authority_only'
            when summed.authority_report_count = 0 then 'police_only'
            else 'both'
        end as status,
        police_categories.category_code as category_police_code,
        authority_categories.category_code as category_authority_code,
        police_categories.comparison_code = authority_categories.comparison_code
            as is_category_equal,
        {% for source in ['police', 'authority'] %}
            {% for event in ends %}
                summed.{{ source }}_{{ event }}_lower_at,
                summed.{{ source }}_{{ event }}_upper_at,
            {% endfor %}
        {% endfor %}
    from summed
    inner join agreement_rows
        on summed.episode_id_register = agreement_rows.episode_id_register
    left join categories as police_categories
        on summed.police_sort_order = police_categories.sort_order
    left join categories as authority_categories
        on summed.authority_sort_order = authority_categories.sort_order
    where {{ function('is_in_scope') }}(
        agreement_rows.start_date, agreement_rows.care_status_code
    )
)

select * from final
