-- Two children may be the same child in three cases. A link between their records
-- awaits review, clustering separated two linked records, or a cannot-link constraint
-- rejected the link.
with

evidence as (
    select * from {{ ref('int_link_evidence') }}
    where outcome_code in ('for_review', 'kept_apart_by_cluster', 'guarded')
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

placed as (
    select
        left_side.child_id_register as left_child_id,
        right_side.child_id_register as right_child_id,
        evidence.match_weight,
        evidence.outcome_code,
    from evidence
    inner join crosswalk as left_side
        on evidence.left_mention_key = left_side.mention_key
    inner join crosswalk as right_side
        on evidence.right_mention_key = right_side.mention_key
    where left_side.child_id_register != right_side.child_id_register
),

both_ways as (
    select
        left_child_id as child_id_register,
        right_child_id as other_child_id_register,
        match_weight,
        outcome_code,
    from placed
    union all
    select
        right_child_id as child_id_register,
        left_child_id as other_child_id_register,
        match_weight,
        outcome_code,
    from placed
),

final as (
    select
        child_id_register,
        other_child_id_register,
        max(match_weight) as match_weight,
        min(case when outcome_code = 'guarded' then 1 else 0 end) = 1 as is_guarded,
    from both_ways
    group by child_id_register, other_child_id_register
)

select * from final
