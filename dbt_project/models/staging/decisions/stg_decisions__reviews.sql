{{ config(materialized='ephemeral') }}

{%- do source('decisions', 'reviews') -%}

with

reviews as (
    select
        *,
        row_number() over () as _row_number,
    from {{ read_decisions(
        'reviews.csv',
        [
            'reviewed_at', 'reviewed_by', 'left_mention_key', 'right_mention_key',
            'judgement', 'is_blind', 'purpose',
        ]
    ) }}
),

final as (
    select
        cast(reviewed_at as timestamp) as reviewed_at,
        reviewed_by,
        least(left_mention_key, right_mention_key) as left_mention_key,
        greatest(left_mention_key, right_mention_key) as right_mention_key,
        judgement,
        cast(is_blind as boolean) as is_blind,
        purpose,
        _row_number,
    from reviews
    where
        cast(reviewed_at as timestamp)
        <= cast('{{ var("as_known_at") }}' as timestamp)
)

select * from final
