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
        landed.child,
        {{ birth_date_of('landed.dob') }} as dob_date,
        {{ conformed_code(
            'category', 'landed.missing', missing='unmapped'
        ) }} as category_code,
        landed.missing as missing_source_code,
        {{ date_of('landed.mis_start') }} as mis_start_date,
        {{ date_of('landed.mis_end') }} as mis_end_date,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code('category', 'missing_type', 'landed.missing') }}
)

select * from final
