-- Every pair of mentions with evidence for a link, joined or not, and every pair with a
-- person's decision. If a cannot-link constraint or another decision overrides a
-- decision to link, the outcome is `decision_refused`.
with

links as (
    select * from {{ ref('int_pair_links') }}
    where band != 'unlikely'
),

decisions as (
    select * from {{ ref('int_link_decisions') }}
),

forbidden as (
    select * from {{ ref('int_pairs_cannot_link') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

pairs as (
    select
        coalesce(links.left_mention_key, decisions.left_mention_key)
            as left_mention_key,
        coalesce(links.right_mention_key, decisions.right_mention_key)
            as right_mention_key,
        links.match_weight,
        case
            when decisions.decision = 'link' then 'decision'
            else coalesce(links.link_method, 'decision')
        end as link_method,
        links.evidence,
        links.band,
        links.is_exact,
        decisions.decision,
    from links
    full outer join decisions
        on
            links.left_mention_key = decisions.left_mention_key
            and links.right_mention_key = decisions.right_mention_key
),

placed as (
    select
        pairs.*,
        forbidden.guard_code,
        coalesce(
            left_side.founding_mention_key = right_side.founding_mention_key, false
        ) as is_joined,
    from pairs
    left join crosswalk as left_side
        on pairs.left_mention_key = left_side.mention_key
    left join crosswalk as right_side
        on pairs.right_mention_key = right_side.mention_key
    left join forbidden
        on
            pairs.left_mention_key = forbidden.left_mention_key
            and pairs.right_mention_key = forbidden.right_mention_key
),

final as (
    select
        *,
        case
            when decision = 'link' and not is_joined then 'decision_refused'
            when is_joined then 'joined'
            when decision in ('never_link', 'split') then 'kept_apart_by_decision'
            when guard_code is not null then 'guarded'
            when band = 'review' then 'for_review'
            else 'kept_apart_by_cluster'
        end as outcome_code,
    from placed
)

select * from final
