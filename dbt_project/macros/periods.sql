{# A period in the form that suppliers use: '2026-10', '2026-Q4', '2025-26', or '2024'. #}
{% macro period_label(feed, delivery_calendar, period_start) -%}
    case
        when {{ delivery_calendar }} = 'monthly'
            then substring(cast({{ period_start }} as varchar), 1, 7)
        when {{ delivery_calendar }} = 'quarterly'
            then substring(cast({{ period_start }} as varchar), 1, 4) || '-Q'
                || cast(cast((extract(month from {{ period_start }}) + 2) / 3 as integer) as varchar)
        when {{ feed }} = 'published_statistics'
            then cast(cast(extract(year from {{ period_start }}) as integer) + 1 as varchar)
        else {{ function('collection_year_of') }}({{ period_start }})
    end
{%- endmacro %}

{# The collection years of `days`, each with its first and last day. #}
{% macro collection_years(days) -%}
    select
        {{ function('collection_year_of') }}(date_day) as collection_year,
        min(date_day) as first_day,
        max(date_day) as last_day,
    from {{ days }}
    group by {{ function('collection_year_of') }}(date_day)
{%- endmacro %}
