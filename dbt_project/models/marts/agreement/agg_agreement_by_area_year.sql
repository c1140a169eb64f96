-- Shares of small areas are shrunk towards the share of all areas of the same
-- geographic level.
with

cells as (
    select * from {{ ref('agg_agreement_by_authority_force_month') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

coverage as (
    select * from {{ ref('int_area_year_coverage') }}
),

placed as (
    {{ placed_in_areas('cells') }}
),

counted as (
    select
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code,
        {{ agreement_count_sums() }},
    from placed
    {{ join_populations('placed') }}
    group by
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code
),

measured as (
    select
        *,
        {{ agreement_measures() }},
    from counted
),

shrunk as (
    {{ agreement_shrinkage(
        'measured', ['area_level_code', 'collection_year', 'population_code']
    ) }}
),

final as (
    select
        {{ joined_key([
            'shrunk.area_level_code', 'shrunk.area_code', 'shrunk.collection_year',
            'shrunk.population_code',
        ]) }} as agreement_cell_id,
        shrunk.*,
        {{ coverage_columns() }},
    from shrunk
    {{ join_coverage('shrunk') }}
)

select * from final
