{# Macros for lists and for elapsed time, which each engine computes with its own functions. #}
{% macro collected_values(value) -%}
    {{ return(adapter.dispatch('collected_values')(value)) }}
{%- endmacro %}

{# The distinct values of a group as a sorted list without nulls, or an empty list. #}
{% macro duckdb__collected_values(value) -%}
    coalesce(
        list(distinct {{ value }} order by {{ value }})
            filter (where {{ value }} is not null),
        []
    )
{%- endmacro %}

{% macro spark__collected_values(value) -%}
    array_sort(collect_set({{ value }}))
{%- endmacro %}

{% macro seconds_between(first_moment, last_moment) -%}
    {{ return(adapter.dispatch('seconds_between')(first_moment, last_moment)) }}
{%- endmacro %}

{% macro duckdb__seconds_between(first_moment, last_moment) -%}
    (epoch({{ last_moment }}) - epoch({{ first_moment }}))
{%- endmacro %}

{# Computed from microseconds, because Spark's own function counts only whole seconds. #}
{% macro spark__seconds_between(first_moment, last_moment) -%}
    (
        unix_micros(to_timestamp_ltz({{ last_moment }})) / 1e6
        - unix_micros(to_timestamp_ltz({{ first_moment }})) / 1e6
    )
{%- endmacro %}

{% macro elapsed_days(first_date, last_date) -%}
    {{ return(adapter.dispatch('elapsed_days')(first_date, last_date)) }}
{%- endmacro %}

{% macro duckdb__elapsed_days(first_date, last_date) -%}
    date_diff('day', {{ first_date }}, {{ last_date }})
{%- endmacro %}

{% macro spark__elapsed_days(first_date, last_date) -%}
    {{ return(duckdb__elapsed_days(first_date, last_date)) }}
{%- endmacro %}
