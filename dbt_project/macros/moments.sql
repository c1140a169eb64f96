{#
    Dates and times as landing writes them: ISO text in Europe/London wall time, whose length is
    its precision. From staging on a moment is a UTC timestamp (`moment_at`) with a column for its
    precision (`moment_precision`: 'minute' or 'date', null without a moment); a date alone is local
    midnight with the precision 'date', that is the interval [d 00:00, d+1 00:00).
#}
{% macro date_of(value) -%}
    cast(substring({{ value }}, 1, 10) as date)
{%- endmacro %}

{# The pair of columns that every moment has: `<event>_at` and `<event>_precision`. #}
{% macro moment_columns(value, event) -%}
    {{ function('moment_at') }}({{ value }}) as {{ event }}_at,
    {{ function('moment_precision') }}({{ value }}) as {{ event }}_precision
{%- endmacro %}

{# The last day that any delivery covers, for the import CTE `last_days`: one row. #}
{% macro last_covered_days() -%}
    select max(least(period_end, cast(received_at as date))) as last_date
    from {{ ref('stg_ledger__deliveries') }}
    where is_current and feed != 'published_statistics'
{%- endmacro %}
