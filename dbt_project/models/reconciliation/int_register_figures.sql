-- Figures of every measure by area and published year. An area's figure is the sum over
-- its authorities, before rounding.
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

open_absences as (
    {{ absences_open_at_year_end(ref('int_open_absences')) }}
),

figures as (
    select * from {{ ref('int_authority_figures') }}
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
        -- These measures are not counted from the return (`return_figure` is null).
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
        -- The figure is 0 where an authority of the area delivered but has nothing to
        -- count, and null where none of the area's authorities delivered.
        {% for basis in figure_bases() %}
            cast(
                sum(
                    case
                        when grid.is_{{ basis }}_delivered
                            then coalesce(grid.{{ basis }}_figure, 0)
                    end
                ) as double
            ) as {{ basis }}_figure,
        {% endfor %}
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

-- Averages and percentages are computed before rounding. On every basis, percentages
-- are of the register's number of looked-after children.
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
