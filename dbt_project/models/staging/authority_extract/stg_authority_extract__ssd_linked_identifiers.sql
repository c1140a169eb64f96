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
        landed.link_person_id,
        {{ code_columns('identifier_type', 'landed.link_identifier_type') }},
        landed.link_identifier_value as identifier_value,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code(
        'identifier_type', 'identifier_type', 'landed.link_identifier_type'
    ) }}
)

select * from final
