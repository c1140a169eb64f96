-- Care that has not ended: which authority looks after a person now, and where.
with

keys as (
    select * from {{ ref('int_source_keys') }}
    where kind = 'person'
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

episodes as (
    select * from {{ ref('int_care_episode_records') }}
    where episode_end_date is null
),

final as (
    select
        keys.source_key as mention_key,
        'authority' as source,
        episodes.source_rank,
        episodes.supplier_code as authority_code_dfe,
        episodes.placement_type_code,
        episodes.placement_postcode,
        episodes.episode_start_date as stated_on,
        deliveries.received_at as known_at,
        episodes._delivery_id,
        episodes._row_number,
    from episodes
    inner join deliveries on episodes._delivery_id = deliveries.delivery_id
    inner join keys
        on
            episodes.supplier_code = keys.issuer
            and episodes.person_id = keys.source_id
)

select * from final
