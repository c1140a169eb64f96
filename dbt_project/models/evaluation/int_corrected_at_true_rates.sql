{{ config(materialized='ephemeral') }}

{% set counts = ['joined_count', 'police_left_count', 'authority_left_count'] %}
{% set both = 'joined.rule_code, joined.' ~ counts | join(', joined.')
    ~ ', true_rates.both_factor' %}
with

estimates as (
    select * from {{ ref('int_linkage_area_counts') }}
),

rates as (
    select * from {{ ref('int_true_linkage_rates') }}
),

true_rates as (
    select
        linkage_code,
        max(case when kind_code = 'both' then link_precision / link_recall end)
            as both_factor,
        max(case when kind_code = 'police_only' then link_precision / link_recall end)
            as police_only_factor,
    from rates
    group by linkage_code
),

paired as (
    select
        *,
        least(timing_pair_count, police_only_count, authority_only_count)
            as paired_count,
    from estimates
),

joined as (
    select
        agreement_cell_id,
        linkage_code,
        {{ function('correction_rule') }}(population_code) as rule_code,
        both_count + paired_count + unit_pair_count as joined_count,
        police_only_count - paired_count as police_left_count,
        greatest(0, authority_only_count - paired_count - unit_pair_count)
            as authority_left_count,
    from paired
),

corrected as (
    select
        joined.agreement_cell_id,
        {{ function('corrected_both') }}({{ both }}) as both_count,
        {{ function('corrected_authority_only') }}({{ both }}) as authority_only_count,
        {{ function('corrected_police_only') }}(
            {{ both }}, true_rates.police_only_factor
        )
            as police_only_count,
    from joined
    left join true_rates on joined.linkage_code = true_rates.linkage_code
),

final as (
    select
        agreement_cell_id,
        {% for status in agreement_statuses() %}
            {{ status }}_count
            / nullif(both_count + police_only_count + authority_only_count, 0)
                as {{ status }}_share,
        {% endfor %}
    from corrected
)

select * from final
