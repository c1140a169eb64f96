{# The London day of a moment; a midnight belongs to the day that it ends. #}
{% macro day_before(moment) -%}
    {{ function('london_date') }}({{ dbt.dateadd('second', -1, moment) }})
{%- endmacro %}

{# Hours between the `event` of two intervals (`start`, `end`), each named by its relation. #}
{% macro moments_apart(event, one, other) -%}
    {{ function('hours_apart') }}(
        {{ one }}.{{ event }}_lower_at,
        {{ one }}.{{ event }}_upper_at,
        {{ other }}.{{ event }}_lower_at,
        {{ other }}.{{ event }}_upper_at
    )
{%- endmacro %}

{#
    Hours from the end of one interval to the start of another; 0 if they may overlap. This is the
    widest reading: from the lower bound of the start to `meets_until_at`.
#}
{% macro gap_hours(one, other) -%}
    {{ function('hours_apart') }}(
        {{ one }}.start_lower_at,
        {{ one }}.meets_until_at,
        {{ other }}.start_lower_at,
        {{ other }}.meets_until_at
    )
{%- endmacro %}

{#
    Whether two intervals overlap wherever within their bounds they start and end. This is the
    narrowest reading: from the upper bound of the start to `sure_until_at`.
#}
{% macro certainly_overlaps(one, other) -%}
    greatest({{ one }}.start_upper_at, {{ other }}.start_upper_at)
    < least({{ one }}.sure_until_at, {{ other }}.sure_until_at)
{%- endmacro %}

{#
    Whether two intervals overlap when a date is read as its first moment. Intervals that may
    overlap but do not by this reading overlap only because dates were widened to whole days. An
    interval without an end continues. The intervals are named by the prefixes of their columns.
#}
{% macro meets_unwidened(one, other) -%}
    (
        {{ one }}_start_lower_at
        <= coalesce({{ other }}_end_lower_at, {{ one }}_start_lower_at)
        and {{ other }}_start_lower_at
        <= coalesce({{ one }}_end_lower_at, {{ other }}_start_lower_at)
    )
{%- endmacro %}
