{% set rates = {'precision': 'linked', 'recall': 'truth'} %}
with

counted as (
    select * from {{ ref('int_linkage_errors') }}
),

pinned as (
    select * from {{ ref('ref__linkage_error') }}
),

measured as (
    select count(*) as measured_count
    from counted
),

rated as (
    select
        *,
        true_weight / nullif(cast(true_weight + false_weight as double), 0)
            as precision_share,
        true_weight / nullif(cast(true_weight + missed_weight as double), 0)
            as recall_share,
    from counted
),

ranged as (
    select
        *,
        precision_share * linked_effective_count as linked_successes,
        recall_share * truth_effective_count as truth_successes,
    from rated
),

united as (
    select
        {% for dimension in ['basis', 'linkage', 'unit', 'grouping'] %}
            {{ dimension }}_code as {{ dimension }},
        {% endfor %}
        group_value,
        cast(round(true_weight) as bigint) as true_count,
        cast(round(false_weight) as bigint) as false_count,
        cast(round(missed_weight) as bigint) as missed_count,
        {% for rate, side in rates.items() %}
            {{ rate }}_share as {{ rate }},
            wilson_lower({{ side }}_successes, {{ side }}_effective_count)
                as {{ rate }}_lower,
            wilson_upper({{ side }}_successes, {{ side }}_effective_count)
                as {{ rate }}_upper,
        {% endfor %}
        cast(null as date) as measured_on,
        cast(null as varchar) as source_name,
    from ranged
    union all
    select
        'pinned_model' as basis,
        pinned.linkage,
        pinned.unit,
        pinned.grouping,
        pinned.group_value,
        cast(null as bigint) as true_count,
        cast(null as bigint) as false_count,
        cast(null as bigint) as missed_count,
        pinned.precision,
        pinned.precision_lower,
        pinned.precision_upper,
        pinned.recall,
        pinned.recall_lower,
        pinned.recall_upper,
        pinned.measured_on,
        pinned.source as source_name,
    from pinned
    cross join measured
    where measured.measured_count = 0
),

final as (
    select
        {{ surrogate_key(['basis', 'linkage', 'unit', 'grouping', 'group_value']) }}
            as linkage_quality_id,
        *,
        2 * precision * recall / nullif(precision + recall, 0) as f1,
    from united
)

select * from final
