{# The day to which an absence of a collection year is counted: its end, or 31 March. #}
{% macro absence_last_day(end_date, year) -%}
    least(
        coalesce({{ end_date }}, {{ collection_end_date(year) }}),
        {{ collection_end_date(year) }}
    )
{%- endmacro %}
