{#
    Quantiles of the values of a group, each between two observed values by linear interpolation
    (definition 7 of Hyndman and Fan 1996, American Statistician 50:361-365), without nulls: a
    column `<name>_<label>` for each label of `shares`. The values are put in order once for all
    of them.
#}
{% macro quantile_columns(name, value, shares) -%}
    {{ return(adapter.dispatch('quantile_columns')(name, value, shares)) }}
{%- endmacro %}

{% macro duckdb__quantile_columns(name, value, shares) -%}
    {%- set listed = shares.values() | join(', ') -%}
    {%- for label in shares %}
    quantile_cont({{ value }}, [{{ listed }}])[{{ loop.index }}] as {{ name }}_{{ label }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
