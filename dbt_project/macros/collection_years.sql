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
