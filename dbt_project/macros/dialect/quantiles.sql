{#
    Quantiles of the values of a group; nulls are ignored. The result is a column `<name>_<label>`
    for each entry of `shares`, a mapping from labels to shares in ascending order. Between two
    values, quantiles are interpolated linearly. The values are sorted only once.
    Between equal values, interpolation may be wrong in the last digit, so that a median could be
    below the tenth percentile. Therefore the quantiles themselves are sorted. Source: definition 7
    of Hyndman and Fan 1996, American Statistician 50:361-365.
#}
{% macro quantile_columns(name, value, shares) -%}
    {{ return(adapter.dispatch('quantile_columns')(name, value, shares)) }}
{%- endmacro %}

{# One quantile of the values of a group, by the definition of `quantile_columns`. #}
{% macro quantile_of(value, share) -%}
    {{ return(adapter.dispatch('quantile_of')(value, share)) }}
{%- endmacro %}

{% macro duckdb__quantile_of(value, share) -%}
    quantile_cont({{ value }}, {{ share }})
{%- endmacro %}

{% macro spark__quantile_of(value, share) -%}
    percentile(cast({{ value }} as double), {{ share }})
{%- endmacro %}

{% macro duckdb__quantile_columns(name, value, shares) -%}
    {%- set listed = shares.values() | join(', ') -%}
    {%- for label in shares %}
    list_sort(quantile_cont({{ value }}, [{{ listed }}]))[{{ loop.index }}]
        as {{ name }}_{{ label }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{% macro spark__quantile_columns(name, value, shares) -%}
    {%- set listed = shares.values() | join(', ') -%}
    {%- for label in shares %}
    element_at(
        array_sort(percentile(cast({{ value }} as double), array({{ listed }}))),
        {{ loop.index }}
    ) as {{ name }}_{{ label }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
