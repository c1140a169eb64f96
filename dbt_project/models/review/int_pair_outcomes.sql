-- Pairs of mentions with evidence for a link, a decision or a cannot-link constraint,
-- and weakly connected pairs that clustering kept in one child. If clustering rejected
-- the link of a pair, the row gives the cause.
with

evidence as (
    select * from {{ ref('int_link_evidence') }}
),

links as (
    select * from {{ ref('int_pair_links') }}
    where band != 'unlikely'
),

scored as (
    select
        left_mention_key,
        right_mention_key,
        blocking_rule_place,
    from {{ ref('int_pair_score_cache') }}
    where left_mention_key is not null
),

forbidden as (
    select * from {{ ref('int_pairs_cannot_link') }}
),

decisions as (
    select * from {{ ref('int_link_decisions') }}
),

undone as (
    select * from {{ ref('int_rejected_links') }}
),

kept as (
    select distinct
        left_mention_key,
        right_mention_key,
        'kept_in_doubt' as cause_code,
    from {{ ref('int_candidate_splits') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

{% set relations = ['evidence', 'links', 'forbidden', 'decisions', 'undone', 'kept'] %}
pairs as (
    {% for relation in relations %}
        select
            left_mention_key,
            right_mention_key,
        from {{ relation }}
        {{ 'union distinct' if not loop.last }}
    {% endfor %}
),

described as (
    select
        pairs.left_mention_key,
        pairs.right_mention_key,
        left_side.child_id_register as left_child_id_register,
        right_side.child_id_register as right_child_id_register,
        left_side.child_id_register = right_side.child_id_register as is_joined,
        links.match_weight,
        links.match_probability,
        coalesce(links.band, 'none') as band_code,
        links.is_loose,
        links.capped_by,
        scored.blocking_rule_place,
        forbidden.guard_code,
        evidence.link_method,
        coalesce(
            evidence.outcome_code,
            case
                when left_side.child_id_register = right_side.child_id_register
                    then 'joined'
                when forbidden.guard_code is not null then 'guarded'
                else 'for_review'
            end
        ) as outcome_code,
        coalesce(undone.cause_code, kept.cause_code) as cause_code,
        undone.guard_code as cause_guard_code,
        undone.cause_left_mention_key,
        undone.cause_right_mention_key,
        decisions.decision,
        decisions.decided_at,
        decisions.decided_by,
        decisions.reason as decision_reason,
    from pairs
    inner join crosswalk as left_side
        on pairs.left_mention_key = left_side.mention_key
    inner join crosswalk as right_side
        on pairs.right_mention_key = right_side.mention_key
    {% for relation in relations + ['scored'] %}
        left join {{ relation }}
            on
                pairs.left_mention_key = {{ relation }}.left_mention_key
                and pairs.right_mention_key = {{ relation }}.right_mention_key
    {% endfor %}
),

judged as (
    select
        *,
        coalesce(
            (decision = 'link' and not is_joined)
            or (decision = 'link' and band_code = 'none' and cause_code is null)
            or (
                decision in ('never_link', 'split')
                and band_code = 'link'
                and coalesce(link_method, '') != 'clerical_sample'
            ),
            false
        ) as has_decision_conflict,
    from described
),

final as (
    select
        *,
        case
            when outcome_code = 'decision_refused' then 'decision_refused'
            when has_decision_conflict then 'decision_conflict'
            when decision is not null then null
            when cause_code = 'kept_in_doubt' then cause_code
            when is_joined then null
            when outcome_code = 'kept_apart_by_cluster' then outcome_code
            when outcome_code = 'guarded' and band_code = 'link' then 'guarded_link'
            when band_code = 'review' and capped_by is not null then 'capped'
            when band_code = 'review' then 'review_band'
        end as review_reason_code,
    from judged
)

select * from final
