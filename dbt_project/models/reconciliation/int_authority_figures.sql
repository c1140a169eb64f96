{{ config(materialized='ephemeral') }}

-- The figures of an authority by the department's rules, on three bases: `register`
-- (absences reported by the authority that looked after the child at the start),
-- `any_care` (absences of every child) and `return` (the statutory return alone). A
-- measure without any record for an authority has no row.
{% set lists = {'measure_code': [
    "category_code || '_incidents'",
    "category_code || '_children'",
    "category_code || '_repeatedly_children'",
]} %}
{% for basis in figure_bases() %}
    {% do lists.update({basis ~ '_figure': [
        'cast(sum(' ~ basis ~ '_count) as bigint)',
        'count(case when ' ~ basis ~ '_count > 0 then 1 end)',
        'count(case when ' ~ basis ~ '_count > 1 then 1 end)',
    ]}) %}
{% endfor %}
with

reported_absences as (
    select * from {{ ref('int_reported_absences') }}
    where source = 'authority' and category_code in ('missing', 'away')
),

return_reports as (
    {{ returned_reports(ref('int_report_intervals')) }}
),

open_absences as (
    {{ absences_open_at_year_end(ref('int_open_absences')) }}
),

children_in_care as (
    select * from {{ ref('int_children_in_care') }}
    where area_level_code = 'authority'
),

absences as (
    select
        coalesce(other_authority_code_dfe, authority_code_dfe) as authority_code_dfe,
        collection_year,
        child_id_register,
        category_code,
        case
            when care_status_code = 'looked_after' and other_authority_code_dfe is null
                then 1
            else 0
        end as is_register,
        1 as is_any_care,
        0 as is_return,
    from reported_absences
    union all
    select
        supplier_code as authority_code_dfe,
        collection_year,
        child_id_register,
        category_code,
        0 as is_register,
        0 as is_any_care,
        1 as is_return,
    from return_reports
),

children as (
    select
        authority_code_dfe,
        collection_year,
        category_code,
        child_id_register,
        sum(is_register) as register_count,
        sum(is_any_care) as any_care_count,
        sum(is_return) as return_count,
    from absences
    group by authority_code_dfe, collection_year, category_code, child_id_register
),

final as (
    select
        authority_code_dfe,
        collection_year,
        {{ zipped_rows(lists) }}
    from children
    group by authority_code_dfe, collection_year, category_code
    union all
    -- Children who are or may be missing or away at the end of 31 March. The return has
    -- no figure of its own.
    select
        authority_code_dfe,
        collection_year,
        category_authority_code || '_at_year_end_children' as measure_code,
        count(
            distinct case
                when care_status_code = 'looked_after' then child_id_register
            end
        ) as register_figure,
        count(distinct child_id_register) as any_care_figure,
        cast(null as bigint) as return_figure,
    from open_absences
    group by authority_code_dfe, collection_year, category_authority_code
    union all
    select
        area_code as authority_code_dfe,
        collection_year,
        'looked_after_children' as measure_code,
        authority_children_count as register_figure,
        authority_children_count as any_care_figure,
        cast(null as bigint) as return_figure,
    from children_in_care
)

select * from final
