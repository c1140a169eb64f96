with

counted as (
    select * from {{ ref('int_linkage_area_counts') }}
),

final as (
    select
        * exclude (
            joined_children_count, joined_squares, police_only_squares,
            police_only_when_expected_count
        ),
        {{ agreement_measures() }},
    from counted
)

select * from final
