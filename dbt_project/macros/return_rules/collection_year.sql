{# The year in which a return's collection year ends: 2026 for the period '2025-26'. #}
{% macro collection_year(period) -%}
    cast(substring({{ period }}, 1, 4) as integer) + 1
{%- endmacro %}

{# 1 April: the first day of the collection year of `period`. #}
{% macro collection_start_date(period) -%}
    cast(substring({{ period }}, 1, 4) || '-04-01' as date)
{%- endmacro %}

{# 31 March: the last day of the collection year of `period`. #}
{% macro collection_end_date(period) -%}
    cast(cast({{ collection_year(period) }} as varchar) || '-03-31' as date)
{%- endmacro %}
