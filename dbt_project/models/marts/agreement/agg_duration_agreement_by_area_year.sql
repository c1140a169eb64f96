-- Authority duration minus police duration, where both recorded an end. Dates bound a
-- duration: the difference is between two bounds, and the limits are given for the
-- midpoint and, outside them, for the bounds.
{% set grain = ['linkage_code', 'area_level_code', 'area_code', 'collection_year'] %}
with

times as (
    select * from {{ ref('int_linkage_times') }}
    where duration_difference_middle_hours is not null
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

placed as (
    {{ placed_in_areas('times') }}
),

counted as (
    {{ duration_differences('placed', 'populations', grain) }}
),

final as (
    select
        {{ joined_key(grain + ['population_code']) }} as duration_agreement_id,
        *,
        {{ limits_of_agreement(
            'difference', 'difference_mean', 'difference_deviation', 'difference_count'
        ) }},
        lower_limit_of_agreement(
            difference_lower_mean, difference_lower_deviation, difference_count
        ) as difference_lowest_limit,
        upper_limit_of_agreement(
            difference_upper_mean, difference_upper_deviation, difference_count
        ) as difference_highest_limit,
    from counted
)

select * from final
