with

landed as (
    select *
    from {{ landed() }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

code_map as (
    select * from {{ ref('map__authority_codes') }}
),

final as (
    select
        deliveries.supplier_code,
        deliveries.period,
        deliveries.received_at,
        landed.clae_person_id,
        {{ date_of('landed.clae_cla_episode_start_date') }} as episode_start_date,
        {{ code_columns(
            'start_reason', 'landed.clae_cla_episode_start_reason', missing=none
        ) }},
        {{ code_columns('need', 'landed.clae_cla_primary_need_code', missing=none) }},
        {{ date_of('landed.clae_cla_episode_ceased_date') }} as episode_ceased_date,
        {{ code_columns(
            'ceased_reason', 'landed.clae_cla_episode_ceased_reason', missing=none
        ) }},
        landed.clae_cla_placement_id,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code(
        'start_reason', 'start_reason', 'landed.clae_cla_episode_start_reason'
    ) }}
    {{ join_authority_code('need', 'need', 'landed.clae_cla_primary_need_code') }}
    {{ join_authority_code(
        'ceased_reason', 'ceased_reason', 'landed.clae_cla_episode_ceased_reason'
    ) }}
)

select * from final
