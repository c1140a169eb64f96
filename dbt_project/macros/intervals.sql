{# The London day of a moment; a midnight belongs to the day that it ends. #}
{% macro day_before(moment) -%}
    {{ function('london_date') }}({{ dbt.dateadd('second', -1, moment) }})
{%- endmacro %}

{# Hours between the starts or the ends (`event`) of two intervals, each named by its relation. #}
{% macro moments_apart(event, one, other) -%}
    {{ function('hours_apart') }}(
        {{ one }}.{{ event }}_lower_at,
        {{ one }}.{{ event }}_upper_at,
        {{ other }}.{{ event }}_lower_at,
        {{ other }}.{{ event }}_upper_at
    )
{%- endmacro %}

{#
    Hours from the end of one interval to the start of another; 0 if they may overlap. Each interval
    is read as wide as possible: from the lower bound of its start to `meets_until_at`.
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
    Whether two intervals overlap for certain, whatever their exact ends. Each is read as narrow as
    possible: from the upper bound of its start to `sure_until_at`.
#}
{% macro certainly_overlaps(one, other) -%}
    greatest({{ one }}.start_upper_at, {{ other }}.start_upper_at)
    < least({{ one }}.sure_until_at, {{ other }}.sure_until_at)
{%- endmacro %}

{#
    Whether two intervals overlap if a date is read as its first moment. Intervals that may overlap,
    but not by this reading, overlap only because dates were widened to whole days. An interval
    without an end continues. `one` and `other` are the prefixes of the intervals' columns.
#}
{% macro meets_unwidened(one, other) -%}
    (
        {{ one }}_start_lower_at
        <= coalesce({{ other }}_end_lower_at, {{ one }}_start_lower_at)
        and {{ other }}_start_lower_at
        <= coalesce({{ one }}_end_lower_at, {{ other }}_start_lower_at)
    )
{%- endmacro %}
