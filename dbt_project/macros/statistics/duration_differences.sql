{#
    Differences of duration summed by linkage, area, year and population: mean and deviation of the
    middle of each difference and of its two bounds, quantiles, and how many may be 0 as far as
    dates can tell. `placed` has `duration_difference_lower_hours`, `_middle_hours` and
    `_upper_hours`.
#}
{% macro duration_differences(placed, populations, grain) -%}
    select
        {%- for column in grain %}
        {{ placed }}.{{ column }},
        {%- endfor %}
        {{ populations }}.population_code,
        count(*) as difference_count,
        count(
            case
                when
                    {{ placed }}.duration_difference_lower_hours <= 0
                    and {{ placed }}.duration_difference_upper_hours >= 0
                    then 1
            end
        ) as meeting_count,
        {%- for part, name in {
            'middle': '', 'lower': '_lower', 'upper': '_upper',
        }.items() %}
        {%- set hours = placed ~ '.duration_difference_' ~ part ~ '_hours' %}
        {{ aggregate_by_size('avg', hours) }} as difference{{ name }}_mean,
        {{ aggregate_by_size('stddev_samp', hours) }} as difference{{ name }}_deviation,
        {%- endfor %}
        {{ quantile_columns(
            'difference',
            placed ~ '.duration_difference_middle_hours',
            {'p2_5': 0.025, 'median': 0.5, 'p97_5': 0.975},
        ) }},
    from {{ placed }}
    {{ join_populations(placed) }}
    group by
        {%- for column in grain %}
        {{ placed }}.{{ column }},
        {%- endfor %}
        {{ populations }}.population_code
{%- endmacro %}
