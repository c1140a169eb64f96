{#
    Precision and recall of links between the sources, weighted by the absences that they join:
    by a simulation's truth, else by a clerical sample, else as measured with the pinned model, by
    pairs. Weights are worth (Σw)² / Σw² pairs of one weight (Kish 1965).
#}
{% set linkages = ['strict', 'central', 'loose'] %}
with

pairs as (
    select * from {{ ref('int_linkage_pairs') }}
    where scope_code = 'between'
),

reports as (
    select
        mention_key,
        source,
        report_key,
        start_lower_at,
        coalesce(end_upper_at, start_upper_at) as meets_until_at,
    from {{ ref('int_report_intervals') }}
    where episode_exclusion_reason is null
),

police_reports as (
    select * from reports
    where source = 'police'
),

authority_reports as (
    select * from reports
    where source = 'authority'
),

facing as (
    select
        *,
        left_mention_key as police_mention_key,
        right_mention_key as authority_mention_key,
    from pairs
    union all
    select
        *,
        right_mention_key as police_mention_key,
        left_mention_key as authority_mention_key,
    from pairs
),

met as (
    select
        facing.basis_code,
        facing.left_mention_key,
        facing.right_mention_key,
        count(distinct police_reports.report_key) as meeting_count,
    from facing
    inner join police_reports
        on facing.police_mention_key = police_reports.mention_key
    inner join authority_reports
        on
            facing.authority_mention_key = authority_reports.mention_key
            and police_reports.start_lower_at <= authority_reports.meets_until_at
            and police_reports.meets_until_at >= authority_reports.start_lower_at
    group by
        facing.basis_code,
        facing.left_mention_key,
        facing.right_mention_key
),

-- The effect of a link between the sources on agreement is the number of absences it
-- joins: the police reports of one that overlap a report of the other. A false link
-- without overlapping absences does not create an absence recorded by both.
pair_overlaps as (
    select
        pairs.*,
        met.meeting_count,
        pairs.pair_weight * met.meeting_count as meeting_weight,
    from pairs
    inner join met
        on
            pairs.basis_code = met.basis_code
            and pairs.left_mention_key = met.left_mention_key
            and pairs.right_mention_key = met.right_mention_key
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
        from pair_overlaps
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
