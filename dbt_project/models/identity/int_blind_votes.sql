{{ config(materialized='ephemeral') }}

with

reviews as (
    select * from {{ ref('stg_decisions__reviews') }}
    where is_blind
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

final as (
    select
        left_mention_key,
        right_mention_key,
        sum(case judgement when 'same' then 1 when 'different' then -1 else 0 end)
            as balance,
        count(*) as reviewer_count,
    from latest_reviews
    where review_rank = 1
    group by left_mention_key, right_mention_key
)

select * from final
