-- Every measure by area and published year, summed from authorities before rounding. A
-- figure of an authority that did not deliver is null.
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
    select
        authority_code_dfe,
        collection_year,
        {{ zipped_rows(lists) }}
    from children
    group by authority_code_dfe, collection_year, category_code
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
        {{ function('collection_year_of') }}({{ dbt.dateadd('day', 1, 'as_of_date') }})
            as collection_year,
        category_authority_code || '_incidents' as measure_code,
        count(*) as carried_in_count,
    from open_absences
    where care_status_code = 'looked_after'
    group by
        authority_code_dfe,
        {{ function('collection_year_of') }}({{ dbt.dateadd('day', 1, 'as_of_date') }}),
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

ratios as (
    select
        listed.measure_code,
        listed.top_code,
        listed.bottom_code,
        listed.scale,
    from (
        values
        ('missing_incidents_per_child', 'missing_incidents', 'missing_children', 1e0),
        (
            'missing_children_percentage',
            'missing_children',
            'looked_after_children',
            100e0
        ),
        ('away_incidents_per_child', 'away_incidents', 'away_children', 1e0),
        ('away_children_percentage', 'away_children', 'looked_after_children', 100e0)
    ) as listed (measure_code, top_code, bottom_code, scale)
),

-- Averages and percentages are computed before rounding. Percentages are of the
-- register's children in care on every basis.
averages as (
    select
        bottoms.area_level_code,
        bottoms.area_code,
        bottoms.collection_year,
        ratios.measure_code,
        ratios.scale * tops.register_figure / nullif(bottoms.register_figure, 0)
            as register_figure,
        {% for basis in figure_bases() if basis != 'register' %}
            ratios.scale * tops.{{ basis }}_figure / nullif(
                case
                    when ratios.bottom_code = 'looked_after_children'
                        then bottoms.register_figure
                    else bottoms.{{ basis }}_figure
                end,
                0
            ) as {{ basis }}_figure,
        {% endfor %}
        cast(null as double) as carried_in_count,
        cast(null as double) as flagged_row_count,
        bottoms.authority_count,
        bottoms.full_year_count,
        bottoms.part_year_count,
    from totals as bottoms
    inner join ratios on bottoms.measure_code = ratios.bottom_code
    left join totals as tops
        on
            ratios.top_code = tops.measure_code
            and bottoms.area_level_code = tops.area_level_code
            and bottoms.area_code = tops.area_code
            and bottoms.collection_year = tops.collection_year
),

final as (
    select * from totals
    union all
    select * from averages
)

select * from final
