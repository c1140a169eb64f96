-- A link that is missed takes all of a child's absences with it: what both hold is
-- known the less surely the fewer children it comes from. By area, the sum of the
-- squares of what both hold of each child.
with

counts as (
    select
        linkage_code,
        child_key,
        authority_code_dfe,
        police_force_code,
        collection_year,
        care_status_code,
        is_out_of_area,
        both_count + timing_pair_count + unit_pair_count as joined_count,
    from {{ ref('int_linkage_children_counted') }}
    where both_count + timing_pair_count + unit_pair_count > 0
),

areas as (
    select * from {{ ref('int_authority_areas_listed') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

placed as (
    {{ placed_in_areas('counts') }}
),

children as (
    select
        placed.linkage_code,
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code,
        placed.child_key,
        sum(placed.joined_count) as joined_count,
    from placed
    {{ join_populations('placed') }}
    group by
        placed.linkage_code,
        placed.area_level_code,
        placed.area_code,
        placed.collection_year,
        populations.population_code,
        placed.child_key
),

final as (
    select
        linkage_code,
        area_level_code,
        area_code,
        collection_year,
        population_code,
        count(*) as joined_children_count,
        sum(power(joined_count, 2)) as joined_squares,
    from children
    group by
        linkage_code,
        area_level_code,
        area_code,
        collection_year,
        population_code
)

select * from final
