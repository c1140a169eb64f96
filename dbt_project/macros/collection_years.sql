{# The collection year (1 April to 31 March) in which a date lies, as '2025-26'. #}
{% macro collection_year_of(date_value) -%}
    case
        when extract(month from {{ date_value }}) >= 4
            then
                cast(extract(year from {{ date_value }}) as varchar)
                || '-'
                || right(cast(extract(year from {{ date_value }}) + 1 as varchar), 2)
        else
            cast(extract(year from {{ date_value }}) - 1 as varchar)
            || '-'
            || right(cast(extract(year from {{ date_value }}) as varchar), 2)
    end
{%- endmacro %}

{# The day to which an absence of a collection year is counted: its end, or 31 March. #}
{% macro absence_last_day(end_date, year) -%}
    least(
        coalesce({{ end_date }}, {{ collection_end_date(year) }}),
        {{ collection_end_date(year) }}
    )
{%- endmacro %}
