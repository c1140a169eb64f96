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
        landed.clap_cla_placement_id,
        landed.clap_person_id,
        {{ date_of('landed.clap_cla_placement_start_date') }} as placement_start_date,
        {{ code_columns('placement_type', 'landed.clap_cla_placement_type') }},
        {{ code_columns('placement_provider', 'landed.clap_cla_placement_provider') }},
        landed.clap_cla_placement_postcode as postcode,
        {{ number_or_null('landed.clap_cla_placement_distance') }} as distance_miles,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code(
        'placement_type', 'placement_type', 'landed.clap_cla_placement_type'
    ) }}
    {{ join_authority_code(
        'placement_provider', 'placement_provider', 'landed.clap_cla_placement_provider'
    ) }}
)

select * from final
