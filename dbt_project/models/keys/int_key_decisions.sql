-- Every decision about two mentions, including decisions that were replaced later.
-- Names of reviewers and their reasons in words are left out, because these words may
-- name a child, a relative or a school.
with

decisions as (
    select * from {{ ref('stg_decisions__links') }}
),

in_force as (
    select * from {{ ref('int_link_decisions') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

final as (
    select
        decisions._row_number,
        decisions.decided_at,
        decisions.decision,
        in_force.decision is not null as is_in_force,
        {{ register_key('M', 'decisions.left_mention_key') }}
            as left_mention_id_register,
        {{ register_key('M', 'decisions.right_mention_key') }}
            as right_mention_id_register,
        left_side.child_id_register as left_child_id_register,
        right_side.child_id_register as right_child_id_register,
        decisions.reason_code,
    from decisions
    left join crosswalk as left_side
        on decisions.left_mention_key = left_side.mention_key
    left join crosswalk as right_side
        on decisions.right_mention_key = right_side.mention_key
    left join in_force
        on
            decisions.decided_at = in_force.decided_at
            and decisions.decision = in_force.decision
            and least(decisions.left_mention_key, decisions.right_mention_key)
            = in_force.left_mention_key
            and greatest(decisions.left_mention_key, decisions.right_mention_key)
            = in_force.right_mention_key
)

select * from final
