-- Authority duration minus police duration, for absences with an end in both sources.
-- If only dates are recorded, the difference lies between two bounds. The limits of
-- agreement are then computed from the midpoints; wider limits are computed from the
-- bounds.
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
    select
        {% for column in grain %}
            placed.{{ column }},
        {% endfor %}
        populations.population_code,
        count(*) as difference_count,
        count(
            case
                when
                    placed.duration_difference_lower_hours <= 0
                    and placed.duration_difference_upper_hours >= 0
                    then 1
            end
        ) as meeting_count,
        {% for part, name in {
            'middle': '', 'lower': '_lower', 'upper': '_upper',
        }.items() %}
            {% set hours = 'placed.duration_difference_' ~ part ~ '_hours' %}
            {{ mean_of_hours(hours) }} as difference{{ name }}_mean,
            {{ deviation_of_hours(hours) }} as difference{{ name }}_deviation,
        {% endfor %}
        {{ quantile_columns(
            'difference',
            'placed.duration_difference_middle_hours',
            {'p2_5': 0.025, 'median': 0.5, 'p97_5': 0.975},
        ) }},
    from placed
    {{ join_populations('placed') }}
    group by
        {% for column in grain %}
            placed.{{ column }},
        {% endfor %}
        populations.population_code
),

final as (
    select
        {{ joined_key(grain + ['population_code']) }} as duration_agreement_id,
        *,
        {{ limits_of_agreement(
            'difference', 'difference_mean', 'difference_deviation', 'difference_count'
        ) }},
        {{ function('lower_limit_of_agreement') }}(
            difference_lower_mean, difference_lower_deviation, difference_count
        ) as difference_lowest_limit,
        {{ function('upper_limit_of_agreement') }}(
            difference_upper_mean, difference_upper_deviation, difference_count
        ) as difference_highest_limit,
    from counted
)

select * from final
