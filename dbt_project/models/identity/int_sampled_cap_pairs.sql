-- A cap is supported if the lower end of the 95 % interval reaches this share.
{% set supported_from = 0.9 %}
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
judged as (
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
),

counted as (
    select
        *,
        count(is_confirmed) over (partition by capped_by) as judged_count,
        count(case when is_confirmed then 1 end) over (partition by capped_by)
            as confirmed_count,
    from judged
),

bounded as (
    select
        *,
        {{ function('wilson_lower') }}(confirmed_count, judged_count)
            as confirmed_share_lower,
    from counted
),

final as (
    select
        capped_by,
        left_mention_key,
        right_mention_key,
        is_confirmed,
        confirmed_share_lower,
        coalesce(confirmed_share_lower >= {{ supported_from }}, false) as is_supported,
    from bounded
)

select * from final
