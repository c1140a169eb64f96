{#
    A number read from text. Null unless the text consists of digits with at most a sign, a point
    and an exponent: each engine alone would accept other forms too, such as `1_000`, `0x1p3` or
    `inf`. If `type` is a whole number, decimals are cut off, not rounded: an age of 14.6 is 14.
#}
{% macro number_or_null(value, type='double') -%}
    {{ return(adapter.dispatch('number_or_null')(value, type)) }}
{%- endmacro %}

{% macro duckdb__number_or_null(value, type) -%}
    {%- set number = 'try_cast(' ~ value ~ ' as double)' -%}
    {%- set read = number if type == 'double' else 'try_cast(trunc(' ~ number ~ ') as ' ~ type ~ ')' -%}
    case when {{ is_number(value) }} then {{ read }} end
{%- endmacro %}

{% macro spark__number_or_null(value, type) -%}
    {%- set number = 'try_cast(' ~ value ~ ' as double)' -%}
    {%- set read = number if type == 'double' else 'try_cast(' ~ number ~ ' as ' ~ type ~ ')' -%}
    case when {{ is_number(value) }} then {{ read }} end
{%- endmacro %}

{% macro is_number(value) -%}
    regexp_matches({{ value }}, '^ *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)? *$')
{%- endmacro %}

{#
    A sum of fractions whose last digit does not depend on the order in which threads read the rows.
    The values are sorted by size, so they are held in memory. Sums of whole numbers do not need
    this macro.
#}
{% macro sum_by_size(value) -%}
    {{ return(adapter.dispatch('sum_by_size')(value)) }}
{%- endmacro %}

{% macro duckdb__sum_by_size(value) -%}
    sum({{ value }} order by {{ value }})
{%- endmacro %}

{# Spark's aggregates take rows in any order, so the values are first collected and sorted. #}
{% macro spark__sum_by_size(value) -%}
    case
        when count({{ value }}) > 0
            then aggregate(
                array_sort(collect_list({{ value }})),
                cast(0 as double),
                lambda so_far, item: so_far + item
            )
    end
{%- endmacro %}

{# The sum of a fraction (`value`) over the rows of a group that meet a condition. #}
{% macro sum_where(condition, value, otherwise='null') -%}
    {{ sum_by_size(
        'case when ' ~ condition ~ ' then ' ~ value ~ ' else ' ~ otherwise ~ ' end'
    ) }}
{%- endmacro %}

{#
    A number as text with one decimal. A number that rounds to zero loses its sign, because DuckDB
    writes `-0.0` for a small negative number and Spark `0.0`.
#}
{% macro number_text(value) -%}
    case
        when round({{ value }}, 1) = 0 then '0.0'
        else cast(round({{ value }}, 1) as varchar)
    end
{%- endmacro %}
