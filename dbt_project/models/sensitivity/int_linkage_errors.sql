{#
    A pair, or a cluster, counts once in every group that any of its mentions belongs
    to, so that groups may add up to more than the whole. The squares of the weights
    give the effective number of equally weighted pairs (Kish 1965), for the confidence
    intervals.
#}
{% set linkages = ['strict', 'central', 'loose'] %}
with

truth as (
    {{ true_mentions() }}
),

pairs as (
    select * from {{ ref('int_linkage_pairs') }}
),

mention_groups as (
    select * from {{ ref('int_mention_groups') }}
),

linked as (
    select
        'central' as linkage_code,
        mention_key,
        founding_mention_key,
    from {{ ref('int_child_crosswalk') }}
    union all
    select
        linkage_code,
        mention_key,
        founding_mention_key,
    from {{ ref('int_clusters_by_threshold') }}
),

known as (
    select
        linked.linkage_code,
        truth.mention_key,
        truth.person_id_truth,
        linked.founding_mention_key,
    from truth
    inner join linked on truth.mention_key = linked.mention_key
),

sized as (
    select
        *,
        count(*) over (partition by linkage_code, founding_mention_key) as found_size,
        count(*) over (partition by linkage_code, person_id_truth) as true_size,
        count(*) over (
            partition by linkage_code, founding_mention_key, person_id_truth
        ) as shared_size,
    from known
),

-- A child counts as found only if the cluster contains exactly its mentions. Clusters
-- of one mention, found or true, are neither right nor wrong.
clusters as (
    select
        linkage_code,
        'found' as side_code,
        founding_mention_key as cluster_key,
        mention_key,
        found_size = shared_size and true_size = shared_size as is_exact,
    from sized
    where found_size > 1
    union all
    select
        linkage_code,
        'true' as side_code,
        cast(person_id_truth as varchar) as cluster_key,
        mention_key,
        found_size = shared_size and true_size = shared_size as is_exact,
    from sized
    where true_size > 1
),

pair_groups as (
    {% for side in ['left', 'right'] %}
        select
            pairs.*,
            mention_groups.grouping_code,
            mention_groups.group_value,
        from pairs
        inner join mention_groups
            on pairs.{{ side }}_mention_key = mention_groups.mention_key
        union distinct
    {% endfor %}
    select
        pairs.*,
        'sources' as grouping_code,
        pairs.scope_code as group_value,
    from pairs
),

cluster_groups as (
    select distinct
        clusters.linkage_code,
        clusters.side_code,
        clusters.cluster_key,
        clusters.is_exact,
        mention_groups.grouping_code,
        mention_groups.group_value,
    from clusters
    inner join mention_groups on clusters.mention_key = mention_groups.mention_key
),

counted as (
    {% for linkage in linkages %}
        {% set linked = 'is_linked_' ~ linkage %}
        select
            basis_code,
            '{{ linkage }}' as linkage_code,
            'pair' as unit_code,
            grouping_code,
            group_value,
            sum(case when is_true and {{ linked }} then pair_weight else 0 end)
                as true_weight,
            sum(case when not is_true and {{ linked }} then pair_weight else 0 end)
                as false_weight,
            sum(case when is_true and not {{ linked }} then pair_weight else 0 end)
                as missed_weight,
            sum(case when {{ linked }} then pair_weight * pair_weight else 0 end)
                as linked_squares,
            sum(case when is_true then pair_weight * pair_weight else 0 end)
                as truth_squares,
        from pair_groups
        group by basis_code, grouping_code, group_value
        union all
    {% endfor %}
    select
        'simulated_truth' as basis_code,
        linkage_code,
        'cluster' as unit_code,
        grouping_code,
        group_value,
        sum(case when side_code = 'true' and is_exact then 1 else 0 end) as true_weight,
        sum(case when side_code = 'found' and not is_exact then 1 else 0 end)
            as false_weight,
        sum(case when side_code = 'true' and not is_exact then 1 else 0 end)
            as missed_weight,
        sum(case when side_code = 'found' then 1 else 0 end) as linked_squares,
        sum(case when side_code = 'true' then 1 else 0 end) as truth_squares,
    from cluster_groups
    group by linkage_code, grouping_code, group_value
),

final as (
    select
        *,
        (true_weight + false_weight) * (true_weight + false_weight)
        / nullif(cast(linked_squares as double), 0) as linked_effective_count,
        (true_weight + missed_weight) * (true_weight + missed_weight)
        / nullif(cast(truth_squares as double), 0) as truth_effective_count,
    from counted
)

select * from final
