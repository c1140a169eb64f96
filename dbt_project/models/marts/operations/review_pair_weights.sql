with

weights as (
    select * from {{ ref('int_pair_weights') }}
),

identified as (
    select
        *,
        {{ review_pair_id('left_mention_key', 'right_mention_key') }} as review_pair_id,
    from weights
),

final as (
    select
        review_pair_id || '-' || comparison_code as review_weight_id,
        review_pair_id,
        comparison_place,
        comparison_code,
        level_code,
        weight,
    from identified
)

select * from final
