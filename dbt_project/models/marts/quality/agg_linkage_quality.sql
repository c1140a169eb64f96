-- Linkage quality from a clerical sample of this home or, without a sample, an assumed
-- range. Measures against the simulated truth are in `evaluation/`.
with

pairs as (
    select * from {{ ref('int_linkage_pairs') }}
),

mention_groups as (
    select * from {{ ref('int_mention_groups') }}
),

pair_groups as (
    {{ pairs_in_groups('pairs', 'mention_groups') }}
),

counted as (
    {{ pair_errors('pair_groups') }}
),

effective as (
    {{ with_effective_counts('counted') }}
),

ranges as (
    select * from {{ ref('ref__linkage_error_range') }}
    where area_level = 'nation'
),

measured as (
    select count(*) as measured_count
    from counted
),

thresholds as (
    {% for linkage in linkage_thresholds() %}
        select '{{ linkage }}' as linkage
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

united as (
    select
        'clerical_sample' as basis,
        {{ linkage_quality_columns() }}
        cast(null as date) as measured_on,
        cast(null as varchar) as source_name,
    from effective
    union all
    select
        'assumed_range' as basis,
        thresholds.linkage,
        {% for name, value in {
            'unit': 'pair', 'grouping': 'all', 'group_value': 'all',
        }.items() -%}
            '{{ value }}' as {{ name }},
        {% endfor -%}
        cast(null as bigint) as true_count,
        cast(null as bigint) as false_count,
        cast(null as bigint) as missed_count,
        {% for rate in ['precision', 'recall'] %}
            cast(null as double) as {{ rate }},
            ranges.{{ rate }}_lower,
            ranges.{{ rate }}_upper,
        {% endfor %}
        cast(null as date) as measured_on,
        ranges.source as source_name,
    from ranges
    cross join thresholds
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
