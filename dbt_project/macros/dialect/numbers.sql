{# A number from text, or null where the text is not one. #}
{% macro number_or_null(value, type='double') -%}
    {{ return(adapter.dispatch('number_or_null')(value, type)) }}
{%- endmacro %}

{% macro duckdb__number_or_null(value, type) -%}
    try_cast({{ value }} as {{ type }})
{%- endmacro %}
