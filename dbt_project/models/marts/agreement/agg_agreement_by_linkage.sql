with

counted as (
    select * from {{ ref('int_linkage_area_counts') }}
),

final as (
    select
        {{ joined_key([
            'linkage_code', 'area_level_code', 'area_code', 'collection_year',
            'population_code',
        ]) }} as agreement_cell_id,
        * exclude (
            joined_children_count, joined_squares, police_only_squares,
            police_only_when_expected_count
        ),
        {{ agreement_measures() }},
    from counted
)

select * from final
