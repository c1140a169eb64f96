{#
    Precision and recall of links between the sources, weighted by the absences that they join:
    by a simulation's truth, else by a clerical sample, else as measured with the pinned model, by
    pairs. Weights are worth (Σw)² / Σw² pairs of one weight (Kish 1965).
#}
{% set linkages = ['strict', 'central', 'loose'] %}
with

meetings as (
    select * from {{ ref('int_linkage_meetings_counted') }}
),

pinned as (
    select * from {{ ref('ref__linkage_error') }}
    where unit = 'pair' and grouping = 'all' and group_value = 'all'
),

summed as (
    {% for linkage in linkages %}
        {% set linked = 'is_linked_' ~ linkage %}
        select
            basis_code,
            '{{ linkage }}' as linkage_code,
            {% for side, condition in {'linked': linked, 'truth': 'is_true'}.items() %}
                sum(case when {{ condition }} then meeting_weight end)
                    as {{ side }}_weight,
                power(sum(case when {{ condition }} then meeting_weight end), 2)
                / sum(case when {{ condition }} then power(meeting_weight, 2) end)
                    as {{ side }}_effective_count,
            {% endfor %}
            sum(case when is_true and {{ linked }} then meeting_weight else 0 end)
                as true_weight,
        from meetings
        group by basis_code
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

rated as (
    select
        basis_code,
        linkage_code,
        true_weight / linked_weight as link_precision,
        true_weight / truth_weight as link_recall,
        true_weight / linked_weight * linked_effective_count as linked_successes,
        true_weight / truth_weight * truth_effective_count as truth_successes,
        linked_effective_count,
        truth_effective_count,
        case basis_code when 'simulated_truth' then 1 else 2 end as basis_rank,
    from summed
    where linked_weight > 0 and truth_weight > 0
),

every_basis as (
    select
        basis_code,
        linkage_code,
        link_precision,
        wilson_lower(linked_successes, linked_effective_count)
            as link_precision_lower,
        wilson_upper(linked_successes, linked_effective_count)
            as link_precision_upper,
        link_recall,
        wilson_lower(truth_successes, truth_effective_count)
            as link_recall_lower,
        wilson_upper(truth_successes, truth_effective_count)
            as link_recall_upper,
        basis_rank,
    from rated
    union all
    select
        'pinned_model' as basis_code,
        linkage as linkage_code,
        precision as link_precision,
        precision_lower as link_precision_lower,
        precision_upper as link_precision_upper,
        recall as link_recall,
        recall_lower as link_recall_lower,
        recall_upper as link_recall_upper,
        3 as basis_rank,
    from pinned
),

ranked as (
    select
        *,
        row_number() over (partition by linkage_code order by basis_rank)
            as preference_rank,
    from every_basis
),

final as (
    select
        linkage_code,
        basis_code,
        link_precision,
        link_precision_lower,
        link_precision_upper,
        link_recall,
        link_recall_lower,
        link_recall_upper,
    from ranked
    where preference_rank = 1
)

select * from final
