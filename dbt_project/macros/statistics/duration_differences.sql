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
    {%- set seconds = half_seconds(hours) -%}
    {%- set total = 'cast(sum(' ~ seconds ~ ') as double)' -%}
    {%- set squares = 'cast(sum(' ~ seconds ~ ' * ' ~ seconds ~ ') as double)' -%}
    case
        when count({{ hours }}) > 1
            then sqrt(greatest(
                (count({{ hours }}) * {{ squares }} - {{ total }} * {{ total }})
                / (count({{ hours }}) * (count({{ hours }}) - 1e0)),
                0e0
            )) / 7200e0
    end
{%- endmacro %}
