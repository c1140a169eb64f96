with

landed as (
    select *
    from {{ landed() }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

final as (
    select
        deliveries.supplier_code,
        deliveries.period,
        deliveries.received_at,
        landed.addr_person_id,
        {{ date_of('landed.addr_address_start_date') }} as address_start_date,
        {{ date_of('landed.addr_address_end_date') }} as address_end_date,
        landed.addr_address_postcode as postcode,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
)

select * from final
