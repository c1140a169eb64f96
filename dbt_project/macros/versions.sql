{#
    Versions of one supplier's record over its deliveries: `version_rank` 1 is that of the latest
    period, and of those the one received last. `rows` and `deliveries` are CTEs; rows are ranked
    without the columns that nothing ranks by, for sorting whole records is what costs. Join back
    with `is_same_row`.
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

{# Whether two relations show the same line of the same file. #}
{% macro is_same_row(one, other) -%}
    (
        {{ one }}._delivery_id = {{ other }}._delivery_id
        and {{ one }}._file = {{ other }}._file
        and {{ one }}._row_number = {{ other }}._row_number
    )
{%- endmacro %}
