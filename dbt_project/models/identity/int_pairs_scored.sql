with

scores as (
    select * from {{ ref('int_scores_kept') }}
),

final as (
    select
        * exclude (
            person_key,
            mention_hash,
            shape,
            blocking_keys,
            left_out_key
        )
    from scores
    where left_mention_key is not null
)

select * from final
