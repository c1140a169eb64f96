{#
    - `collection_year_of`: the collection year (1 April to 31 March) in which a date lies, as
      '2025-26';
    - `is_in_counted_years`: whether a date is in a year that the register counts.
#}
{% macro collection_year_functions() -%}
    {% call database_function('collection_year_of', ['day']) %}
        case
            when extract(month from day) >= 4
                then
                    cast(extract(year from day) as varchar)
                    || '-'
                    || right(cast(extract(year from day) + 1 as varchar), 2)
            else
                cast(extract(year from day) - 1 as varchar)
                || '-'
                || right(cast(extract(year from day) as varchar), 2)
        end
    {% endcall %}
    {% call database_function('is_in_counted_years', ['day']) %}
        day >= cast('{{ var("first_counted_date") }}' as date)
    {% endcall %}
{%- endmacro %}

{# The day to which an absence of a collection year is counted: its end, or 31 March. #}
{% macro absence_last_day(end_date, year) -%}
    least(
        coalesce({{ end_date }}, {{ collection_end_date(year) }}),
        {{ collection_end_date(year) }}
    )
{%- endmacro %}
