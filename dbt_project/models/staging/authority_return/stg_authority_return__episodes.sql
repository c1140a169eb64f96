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
        {{ date_of('landed.decom') }} as decom_date,
        {{ conformed_code(
            'start_reason', 'landed.rne', missing=none
        ) }} as start_reason_code,
        landed.rne,
        {{ conformed_code('legal_status', 'landed.ls') }} as legal_status_code,
        landed.ls,
        {{ conformed_code('need', 'landed.cin', missing=none) }} as need_code,
        landed.cin,
        {{ conformed_code('placement_type', 'landed.place') }} as placement_type_code,
        landed.place,
        {{ conformed_code(
            'placement_provider', 'landed.place_provider'
        ) }} as placement_provider_code,
        landed.place_provider,
        {{ date_of('landed.dec') }} as dec_date,
        {{ conformed_code(
            'ceased_reason', 'landed.rec', missing=none
        ) }} as ceased_reason_code,
        landed.rec,
        {{ conformed_code(
            'place_change', 'landed.reason_place_change', missing=none
        ) }} as place_change_code,
        landed.reason_place_change,
        landed.home_post as home_postcode,
        landed.pl_post as placement_postcode,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code('start_reason', 'start_reason', 'landed.rne') }}
    {{ join_authority_code('legal_status', 'legal_status', 'landed.ls') }}
    {{ join_authority_code('need', 'need', 'landed.cin') }}
    {{ join_authority_code('placement_type', 'placement_type', 'landed.place') }}
    {{ join_authority_code(
        'placement_provider', 'placement_provider', 'landed.place_provider'
    ) }}
    {{ join_authority_code('ceased_reason', 'ceased_reason', 'landed.rec') }}
    {{ join_authority_code(
        'place_change', 'place_change_reason', 'landed.reason_place_change'
    ) }}
)

select * from final
