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
        landed.lega_person_id,
        {{ code_columns('legal_status', 'landed.lega_legal_status') }},
        {{ date_of('landed.lega_legal_status_start_date') }} as legal_status_start_date,
        {{ date_of('landed.lega_legal_status_end_date') }} as legal_status_end_date,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code(
        'legal_status', 'legal_status', 'landed.lega_legal_status'
    ) }}
)

select * from final
