{#
    Dates and times. Landing writes them as ISO text in Europe/London wall time; the text's length
    is the precision. From staging on, a moment is a UTC timestamp (`moment_at`) with a column for
    its precision (`moment_precision`: 'minute' or 'date', null without a moment). A date alone is
    local midnight with the precision 'date', and means the interval [d 00:00, d+1 00:00).
#}
{% macro date_of(value) -%}
    cast(substring({{ value }}, 1, 10) as date)
{%- endmacro %}

{# A date of birth; null if before 1950, because systems write an unknown date so. #}
{% macro birth_date_of(value) -%}
    case when {{ date_of(value) }} >= date '1950-01-01' then {{ date_of(value) }} end
{%- endmacro %}

{# The two columns of a moment: `<event>_at` and `<event>_precision`. #}
{% macro moment_columns(value, event) -%}
    {{ function('moment_at') }}({{ value }}) as {{ event }}_at,
    {{ function('moment_precision') }}({{ value }}) as {{ event }}_precision
{%- endmacro %}

{# The last day that any current delivery of a force or an authority covers, in one row. #}
{% macro last_covered_days(deliveries) -%}
    select max(least(period_end, cast(received_at as date))) as last_date
    from {{ deliveries }}
    where is_current and feed != 'published_statistics'
{%- endmacro %}
