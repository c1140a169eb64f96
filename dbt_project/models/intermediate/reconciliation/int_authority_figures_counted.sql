-- By the department's rules: what an authority reported, of children it looked after at
-- the start; a child once within an authority. Beside it the same without asking for
-- care, and the statutory return alone.
{% set categories = ['missing', 'away'] %}
with

episodes as (
    select
        *,
        coalesce(authority_code_dfe, 'unknown') as counted_authority_code_dfe,
    from {{ ref('int_episodes_merged') }}
    where category_authority_code in ('missing', 'away')
),

return_reports as (
    {{ returned_reports() }}
),

open_absences as (
    {{ absences_open_at_year_end() }}
),

children_in_care as (
    select * from {{ ref('int_care_children_counted') }}
    where area_level_code = 'authority'
),

absences as (
    select
        counted_authority_code_dfe as authority_code_dfe,
        collection_year,
        child_id_register,
        category_authority_code as category_code,
        case when care_status_code = 'looked_after' then 1 else 0 end as is_register,
        1 as is_any_care,
        0 as is_return,
    from episodes
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
    {{ absence_figures('children') }}
    union all
    {{ year_end_figures('open_absences') }}
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
