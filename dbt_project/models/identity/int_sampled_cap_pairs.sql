with

sampled as (
    select distinct
        sampled_cap as capped_by,
        left_mention_key,
        right_mention_key,
    from {{ ref('stg_decisions__clerical_sample') }}
    where sampled_cap is not null
),

votes as (
    select * from {{ ref('int_blind_votes') }}
),

decisions as (
    select * from {{ ref('int_link_decisions') }}
),

-- A decision in force outweighs judgements. A tie or an unsure reviewer confirms
-- nothing.
final as (
    select
        sampled.capped_by,
        sampled.left_mention_key,
        sampled.right_mention_key,
        coalesce(decisions.decision = 'link', votes.balance > 0) as is_confirmed,
    from sampled
    left join votes
        on
            sampled.left_mention_key = votes.left_mention_key
            and sampled.right_mention_key = votes.right_mention_key
    left join decisions
        on
            sampled.left_mention_key = decisions.left_mention_key
            and sampled.right_mention_key = decisions.right_mention_key
)

select * from final
