with

sampled as (
    select * from {{ ref('stg_decisions__clerical_sample') }}
),

mentions as (
    select * from {{ ref('int_clean_mentions') }}
),

reviews as (
    select * from {{ ref('stg_decisions__reviews') }}
    where is_blind
),

latest_sample as (
    select
        *,
        max(drawn_at) over () as last_drawn_at,
    from sampled
),

latest_reviews as (
    select
        *,
        row_number() over (
            partition by left_mention_key, right_mention_key, reviewed_by
            order by reviewed_at desc, _row_number desc
        ) as review_rank,
    from reviews
),

votes as (
    select
        left_mention_key,
        right_mention_key,
        sum(case judgement when 'same' then 1 when 'different' then -1 else 0 end)
            as balance,
        count(*) as reviewer_count,
    from latest_reviews
    where review_rank = 1
    group by left_mention_key, right_mention_key
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

-- The latest sample, with the judgements of blind reviewers. A pair with a tied or
-- unsure judgement is left out; the other pairs of its stratum get a higher weight.
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
