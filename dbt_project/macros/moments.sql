{#
    Dates and times as landing writes them: ISO text in Europe/London wall time, whose length is
    its precision. From staging on a moment is a UTC timestamp with its precision beside it; a date
    alone is local midnight with the precision 'date', that is the interval [d 00:00, d+1 00:00).
#}
{% macro date_of(value) -%}
    cast(substring({{ value }}, 1, 10) as date)
{%- endmacro %}

{% macro moment_at(value) -%}
    {{ london_to_utc('cast(' ~ value ~ ' as timestamp)') }}
{%- endmacro %}

{% macro moment_precision(value) -%}
    case
        when {{ value }} is null then null
        when length({{ value }}) > 10 then 'minute'
        else 'date'
    end
{%- endmacro %}

{# The pair of columns that every moment has: `<event>_at` and `<event>_precision`. #}
{% macro moment_columns(value, event) -%}
    {{ moment_at(value) }} as {{ event }}_at,
    {{ moment_precision(value) }} as {{ event }}_precision
{%- endmacro %}
