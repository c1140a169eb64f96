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
        landed.immi_person_id,
        {{ code_columns('immigration_status', 'landed.immi_immigration_status') }},
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code(
        'immigration_status', 'immigration_status', 'landed.immi_immigration_status'
    ) }}
)

select * from final
