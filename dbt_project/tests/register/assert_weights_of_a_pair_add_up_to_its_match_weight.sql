-- Fails if the weights that explain a pair do not add up to its match weight.
with

pairs as (
    select * from {{ ref('review_pairs') }}
    where match_weight is not null
),

weights as (
    select
        review_pair_id,
        sum(weight) as weight_sum,
    from {{ ref('review_pair_weights') }}
    group by review_pair_id
)

select
    pairs.review_pair_id,
    pairs.match_weight,
    weights.weight_sum,
from pairs
left join weights on pairs.review_pair_id = weights.review_pair_id
where
    weights.weight_sum is null
    or abs(weights.weight_sum - pairs.match_weight) > 1e-6
