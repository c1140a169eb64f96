-- Fails if two records that a guard or a reviewer keeps apart belong to the same child.
with

forbidden as (
    select * from {{ ref('int_pairs_cannot_link') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

final as (
    select forbidden.guard_code
    from forbidden
    inner join crosswalk as left_side
        on forbidden.left_mention_key = left_side.mention_key
    inner join crosswalk as right_side
        on forbidden.right_mention_key = right_side.mention_key
    where left_side.child_id_register = right_side.child_id_register
)

select * from final
