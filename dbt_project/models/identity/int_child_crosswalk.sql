with

clustered as (
    select * from {{ ref('int_children_clustered') }}
),

mentions as (
    select * from {{ ref('int_mentions_cleaned') }}
),

final as (
    select
        clustered.mention_key,
        {{ register_key('C', 'clustered.founding_mention_key') }} as child_id_register,
        clustered.founding_mention_key,
        clustered.mention_key = clustered.founding_mention_key as is_founder,
        clustered.cluster_size as mention_count,
        mentions.source,
        mentions.issuer_code,
        mentions.first_received_at,
    from clustered
    inner join mentions on clustered.mention_key = mentions.mention_key
)

select * from final
