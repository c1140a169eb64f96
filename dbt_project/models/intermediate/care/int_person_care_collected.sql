-- Care that has not ended: which authority looks after a person now, and where.
with

keys as (
    select * from {{ ref('int_source_keys_pseudonymised') }}
    where kind = 'person'
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries_current') }}
),

episodes as (
    select
        2 as source_rank,
        *,
    from {{ ref('int_care_return_episodes_prepared') }}
    union all
    select
        3 as source_rank,
        *,
    from {{ ref('int_care_extract_episodes_prepared') }}
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
    where episodes.episode_end_date is null
)

select * from final
