{#
    Rank the versions of each record of a supplier: `version_rank` 1 is the version of the latest
    period or, among several, the last received. `rows` and `deliveries` are CTEs. Only the columns
    needed for ranking are sorted, because sorting whole records is slow; join the result to the
    records with `is_same_row`.
#}
{% macro record_versions(rows, record_id) -%}
    select
        {{ rows }}._delivery_id,
        {{ rows }}._file,
        {{ rows }}._row_number,
        row_number() over (
            partition by {{ rows }}.supplier_code, {{ rows }}.{{ record_id }}
            order by
                deliveries.period_end desc,
                deliveries.received_at desc,
                {{ rows }}._delivery_id desc,
                {{ rows }}._file desc,
                {{ rows }}._row_number desc
        ) as version_rank,
        count(*) over same_record as version_count,
        min(deliveries.received_at) over same_record as first_received_at,
        min(deliveries.period_start) over same_record as first_period_start,
    from {{ rows }}
    inner join deliveries on {{ rows }}._delivery_id = deliveries.delivery_id
    window same_record as (
        partition by {{ rows }}.supplier_code, {{ rows }}.{{ record_id }}
    )
{%- endmacro %}

{# Whether rows of two relations come from the same line of the same file. #}
{% macro is_same_row(one, other) -%}
    (
        {{ one }}._delivery_id = {{ other }}._delivery_id
        and {{ one }}._file = {{ other }}._file
        and {{ one }}._row_number = {{ other }}._row_number
    )
{%- endmacro %}

{#
    The time span of each version of a dimension, from `span_from` until just before `span_to`. The
    first version also covers all earlier times, because an earlier event has no other version.
#}
{% macro version_spans(dimension, code, version_id) -%}
    select
        {{ code }},
        {{ version_id }},
        case
            when lag(valid_from) over (partition by {{ code }} order by valid_from)
                is not null
                then valid_from
            else cast('0001-01-01' as timestamp)
        end as span_from,
        lead(valid_from) over (partition by {{ code }} order by valid_from) as span_to,
    from {{ dimension }}
{%- endmacro %}

{#
    Join the version in force at the time of an event, from a CTE of `version_spans`. An event
    without a time gets the latest version. At most one version matches, so no row of a fact is
    repeated.
#}
{% macro join_version(spans, version, code, value, event_at) -%}
    {%- set latest = "cast('9999-12-30' as timestamp)" -%}
    left join {{ spans }} as {{ version }}
        on
            {{ value }} = {{ version }}.{{ code }}
            and coalesce({{ event_at }}, {{ latest }}) >= {{ version }}.span_from
            and coalesce({{ event_at }}, {{ latest }})
            < coalesce({{ version }}.span_to, cast('9999-12-31' as timestamp))
{%- endmacro %}
