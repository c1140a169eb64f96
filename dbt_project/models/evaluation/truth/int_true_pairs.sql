-- Pairs of mentions that truly belong to one child, or that at least one threshold
-- links. Both mentions must be in the simulation's truth: otherwise the true status is
-- not known.
with

truth as (
    select * from {{ ref('int_true_mentions') }}
),

mentions as (
    select * from {{ ref('int_clean_mentions') }}
),

founders as (
    {{ founders_by_threshold(
        ref('int_child_crosswalk'), ref('int_clusters_by_threshold')
    ) }}
),

grouped as (
    select
        mention_key,
        'truth|' || person_id_truth as group_key,
    from truth
    union all
    select
        truth.mention_key,
        founders.linkage_code || '|' || founders.founding_mention_key as group_key,
    from truth
    inner join founders on truth.mention_key = founders.mention_key
),

concerned as (
    select distinct
        left_side.mention_key as left_mention_key,
        right_side.mention_key as right_mention_key,
    from grouped as left_side
    inner join grouped as right_side
        on
            left_side.group_key = right_side.group_key
            and left_side.mention_key < right_side.mention_key
),

judged as (
    select
        concerned.left_mention_key,
        concerned.right_mention_key,
        left_side.person_id_truth = right_side.person_id_truth as is_true,
        cast(1 as double) as pair_weight,
    from concerned
    inner join truth as left_side
        on concerned.left_mention_key = left_side.mention_key
    inner join truth as right_side
        on concerned.right_mention_key = right_side.mention_key
),

final as (
    {{ pairs_by_threshold('judged') }}
)

select * from final
