with

children as (
    select * from {{ ref('int_linkage_children_counted') }}
),

areas as (
    select * from {{ ref('int_authority_areas_listed') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

cells as (
    select
        linkage_code,
        authority_code_dfe,
        police_force_code,
        collection_year,
        care_status_code,
        is_out_of_area,
        cast(sum(timing_pair_count) as bigint) as timing_pair_count,
        cast(sum(unit_pair_count) as bigint) as unit_pair_count,
        {{ agreement_counts_added() }},
    from children
    group by
        linkage_code,
        authority_code_dfe,
        police_force_code,
        collection_year,
        care_status_code,
        is_out_of_area
),

placed as (
    {{ placed_in_areas('cells') }}
),

counted as (
    select
        placed.linkage_code,
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code,
        cast(sum(placed.timing_pair_count) as bigint) as timing_pair_count,
        cast(sum(placed.unit_pair_count) as bigint) as unit_pair_count,
        {{ agreement_counts_added() }},
    from placed
    {{ join_populations('placed') }}
    group by
        placed.linkage_code,
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code
),

final as (
    select
        {{ joined_key([
            'linkage_code', 'area_level_code', 'area_code', 'collection_year',
            'population_code',
        ]) }} as agreement_cell_id,
        *,
        {{ agreement_measures() }},
    from counted
)

select * from final
