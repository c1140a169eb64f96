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
        {{ mean_of_hours(hours) }} as difference{{ name }}_mean,
        {{ deviation_of_hours(hours) }} as difference{{ name }}_deviation,
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

{#
    Hours as half seconds: the middle of two times that are to the second is one. Sums of whole
    numbers are exact in whatever order rows come, and keep no row: fractions put in order took 6 GB
    for ten national years.
#}
{% macro half_seconds(hours) -%}
    cast(round({{ hours }} * 7200) as decimal(19, 0))
{%- endmacro %}

{# The mean of hours, null without any. #}
{% macro mean_of_hours(hours) -%}
    cast(sum({{ half_seconds(hours) }}) as double) / (7200e0 * count({{ hours }}))
{%- endmacro %}

{# The standard deviation of hours as of a sample, null with fewer than two. #}
{% macro deviation_of_hours(hours) -%}
    {%- set total -%}
        cast(sum({{ half_seconds(hours) }}) as double)
    {%- endset -%}
    {%- set squares -%}
        cast(sum({{ half_seconds(hours) }} * {{ half_seconds(hours) }}) as double)
    {%- endset -%}
    case
        when count({{ hours }}) > 1
            then sqrt(greatest(
                (count({{ hours }}) * {{ squares }} - {{ total }} * {{ total }})
                / (count({{ hours }}) * (count({{ hours }}) - 1e0)),
                0e0
            )) / 7200e0
    end
{%- endmacro %}
