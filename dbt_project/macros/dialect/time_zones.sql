{#
    Wall time in Europe/London to UTC, both without a zone. The hour that the clocks repeat in
    October is read as the second one (GMT); a wall time that the clocks skip in March is read as
    if they had not been put forward.
#}
{% macro london_to_utc(value) -%}
    {{ return(adapter.dispatch('london_to_utc')(value)) }}
{%- endmacro %}

{% macro duckdb__london_to_utc(value) -%}
    timezone('UTC', timezone('Europe/London', {{ value }}))
{%- endmacro %}

{% macro utc_to_london(value) -%}
    {{ return(adapter.dispatch('utc_to_london')(value)) }}
{%- endmacro %}

{% macro duckdb__utc_to_london(value) -%}
    timezone('Europe/London', timezone('UTC', {{ value }}))
{%- endmacro %}
