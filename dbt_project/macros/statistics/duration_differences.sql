{#
    Hours as a whole number of half seconds, so that sums are exact in any order of rows and no row
    is held in memory. The midpoint of two times to the second can lie on a half second.
#}
{% macro half_seconds(hours) -%}
    cast(round({{ hours }} * 7200) as decimal(19, 0))
{%- endmacro %}

{# The mean number of hours; null without any. #}
{% macro mean_of_hours(hours) -%}
    cast(sum({{ half_seconds(hours) }}) as double) / (7200e0 * count({{ hours }}))
{%- endmacro %}

{# The sample standard deviation of hours; null with fewer than two. #}
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
