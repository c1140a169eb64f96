{{ config(materialized='ephemeral') }}

{%- do source('decisions', 'clerical_sample') -%}

with

sampled as (
    select
        *,
        row_number() over () as _row_number,
    from {{ read_decisions(
        'clerical_sample.csv',
        [
            'sample_id', 'drawn_at', 'seed', 'review_pair_id', 'left_mention_key',
            'right_mention_key', 'stratum', 'stratum_pair_count',
            'sampled_pair_count', 'sampling_weight',
        ]
    ) }}
),

final as (
    select
        sample_id,
        cast(drawn_at as timestamp) as drawn_at,
        review_pair_id,
        left_mention_key,
        right_mention_key,
        stratum,
        -- The stratum of a sample of one cap is `cap` and the name of the cap.
        case when stratum like 'cap %' then substr(stratum, 5) end as sampled_cap,
        cast(stratum_pair_count as integer) as stratum_pair_count,
        cast(sampled_pair_count as integer) as sampled_pair_count,
        cast(sampling_weight as double) as sampling_weight,
        _row_number,
    from sampled
    where
        cast(drawn_at as timestamp) <= cast('{{ var("as_known_at") }}' as timestamp)
)

select * from final
