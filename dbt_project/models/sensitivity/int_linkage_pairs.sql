with

sampled as (
    select * from {{ ref('stg_decisions__clerical_sample') }}
    where sampled_cap is null
),

mentions as (
    select * from {{ ref('int_clean_mentions') }}
),

votes as (
    select * from {{ ref('int_blind_votes') }}
),

latest_sample as (
    select
        *,
        max(drawn_at) over () as last_drawn_at,
    from sampled
),

judged_by_reviewers as (
    select
        latest_sample.*,
        votes.balance > 0 as is_true,
        votes.reviewer_count,
        count(*) over (partition by latest_sample.stratum) as stratum_judged_count,
    from latest_sample
    inner join votes
        on
            latest_sample.left_mention_key = votes.left_mention_key
            and latest_sample.right_mention_key = votes.right_mention_key
    where
        latest_sample.drawn_at = latest_sample.last_drawn_at
        and votes.balance != 0
),

-- The latest sample over all strata, with the judgements of blind reviewers. A pair
-- with a tied or unsure judgement is left out; the other pairs of its stratum get a
-- higher weight.
clerical as (
    select
        sample_id,
        left_mention_key,
        right_mention_key,
        stratum,
        is_true,
        reviewer_count,
        stratum_pair_count / cast(stratum_judged_count as double) as pair_weight,
    from judged_by_reviewers
),

founders as (
    {{ founders_by_threshold(
        ref('int_child_crosswalk'), ref('int_clusters_by_threshold')
    ) }}
),

final as (
    {{ pairs_by_threshold('clerical') }}
)

select * from final
