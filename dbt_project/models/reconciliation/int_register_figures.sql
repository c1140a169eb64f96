-- Every measure by area and published year, summed from authorities before rounding. A
-- figure of an authority that did not deliver is null.
with

areas as (
    select * from {{ ref('int_authority_areas') }}
),

breaches as (
    select distinct
        supplier_code,
        period,
        _delivery_id,
        _file,
        _row_number,
    from {{ ref('int_return_rule_breaches') }}
    where table_name = 'missing'
),

flagged as (
    select
        supplier_code as authority_code_dfe,
        period as collection_year,
        count(*) as flagged_row_count,
    from breaches
    group by supplier_code, period
),

reported_absences as (
    select * from {{ ref('int_reported_absences') }}
    where source = 'authority' and category_code in ('missing', 'away')
),

return_reports as (
    {{ returned_reports() }}
),

open_absences as (
    {{ absences_open_at_year_end() }}
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

-- By the department's rules: reported by the authority that looked after the child at
-- the start. Also for every child, and by the statutory return only.
figures as (
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
),

authority_years as (
    select * from {{ ref('int_authority_years') }}
    where is_in_being
),

measures as (
    select * from {{ ref('map__published_measures') }}
    where statistic_code = 'count'
),

carried_in as (
    select
        authority_code_dfe,
        collection_year_of({{ dbt.dateadd('day', 1, 'as_of_date') }})
            as collection_year,
        category_authority_code || '_incidents' as measure_code,
        count(*) as carried_in_count,
    from open_absences
    where care_status_code = 'looked_after'
    group by
        authority_code_dfe,
        collection_year_of({{ dbt.dateadd('day', 1, 'as_of_date') }}),
        category_authority_code
),

grid as (
    select
        authority_years.authority_code_dfe,
        authority_years.collection_year,
        authority_years.coverage_code,
        measures.measure_code,
        authority_years.coverage_code != 'none' as is_register_delivered,
        authority_years.coverage_code != 'none' as is_any_care_delivered,
        authority_years.is_return_delivered
        -- The return's stock and its children in care are not separated.
        and measures.measure_code not in (
            'looked_after_children',
            'missing_at_year_end_children',
            'away_at_year_end_children'
        ) as is_return_delivered,
        figures.register_figure,
        figures.any_care_figure,
        figures.return_figure,
        carried_in.carried_in_count,
        flagged.flagged_row_count,
    from authority_years
    cross join measures
    left join figures
        on
            authority_years.authority_code_dfe = figures.authority_code_dfe
            and authority_years.collection_year = figures.collection_year
            and measures.measure_code = figures.measure_code
    left join carried_in
        on
            authority_years.authority_code_dfe = carried_in.authority_code_dfe
            and authority_years.collection_year = carried_in.collection_year
            and measures.measure_code = carried_in.measure_code
    left join flagged
        on
            authority_years.authority_code_dfe = flagged.authority_code_dfe
            and authority_years.collection_year = flagged.collection_year
),

totals as (
    select
        areas.area_level_code,
        areas.area_code,
        grid.collection_year,
        grid.measure_code,
        {{ figure_sums('grid') }},
        cast(sum(coalesce(grid.carried_in_count, 0)) as double) as carried_in_count,
        cast(sum(coalesce(grid.flagged_row_count, 0)) as double) as flagged_row_count,
        count(*) as authority_count,
        count(case when grid.coverage_code = 'full' then 1 end) as full_year_count,
        count(case when grid.coverage_code = 'part' then 1 end) as part_year_count,
    from grid
    inner join areas on grid.authority_code_dfe = areas.authority_code_dfe
    group by
        areas.area_level_code, areas.area_code, grid.collection_year, grid.measure_code
),

final as (
    select * from totals
    union all
    {{ ratio_figures('totals') }}
)

select * from final
