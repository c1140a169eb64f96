-- A pair or cluster counts once in each group to which any of its mentions belongs.
with

truth as (
    select * from {{ ref('int_true_mentions') }}
),

pairs as (
    select * from {{ ref('int_true_pairs') }}
),

known_groups as (
    select * from {{ ref('int_mention_groups') }}
),

founders as (
    {{ founders_by_threshold(
        ref('int_child_crosswalk'), ref('int_clusters_by_threshold')
    ) }}
),

mention_groups as (
    select
        mention_key,
        grouping_code,
        group_value,
    from known_groups
    union distinct
    select
        mention_key,
        'error_mode' as grouping_code,
        {{ split_parts('errors') }} as group_value,
    from truth
),

known as (
    select
        founders.linkage_code,
        truth.mention_key,
        truth.person_id_truth,
        founders.founding_mention_key,
    from truth
    inner join founders on truth.mention_key = founders.mention_key
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

-- A child counts as found only if one cluster contains exactly the child's mentions.
-- Clusters of one mention and children with one mention do not count.
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
    {{ pairs_in_groups('pairs', 'mention_groups') }}
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
    {{ pair_errors('pair_groups') }}
    union all
    select
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

effective as (
    {{ with_effective_counts('counted') }}
),

rated as (
    select
        {{ linkage_quality_columns() }}
    from effective
),

final as (
    select
        {{ surrogate_key(['linkage', 'unit', 'grouping', 'group_value']) }}
            as linkage_quality_id,
        *,
        2 * precision * recall / nullif(precision + recall, 0) as f1,
    from rated
)

select * from final
