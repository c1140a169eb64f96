-- Every measure for every area and published year, summed from authorities before any
-- rounding. Nothing of an authority that did not deliver is nought: it is blank.
with

authority_years as (
    select * from {{ ref('int_authority_years_covered') }}
    where is_in_being
),

figures as (
    select * from {{ ref('int_authority_figures_counted') }}
),

areas as (
    select * from {{ ref('int_authority_areas_listed') }}
),

measures as (
    select * from {{ ref('map__published_measures') }}
    where statistic_code = 'count'
),

carried_in as (
    select
        open_absences.authority_code_dfe,
        collection_year_of({{ dbt.dateadd('day', 1, 'open_absences.as_of_date') }})
            as collection_year,
        open_absences.category_authority_code || '_incidents' as measure_code,
        count(*) as carried_in_count,
    from {{ ref('int_absences_open_dated') }} as open_absences
    where
        open_absences.care_status_code = 'looked_after'
        and extract(month from open_absences.as_of_date) = 3
        and extract(day from open_absences.as_of_date) = 31
    group by
        open_absences.authority_code_dfe,
        collection_year_of({{ dbt.dateadd('day', 1, 'open_absences.as_of_date') }}),
        open_absences.category_authority_code
),

flagged as (
    select * from {{ ref('int_return_rows_flagged') }}
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
        -- The return's stock and its children in care are not told apart.
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
        {{ summed_figures('grid') }},
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
    {{ derived_figures('totals') }}
)

select * from final
