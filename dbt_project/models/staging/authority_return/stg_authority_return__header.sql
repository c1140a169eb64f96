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

ethnicities as (
    select * from {{ ref('ref__ethnicities') }}
),

final as (
    select
        deliveries.supplier_code,
        deliveries.period,
        deliveries.received_at,
        landed.child,
        {{ code_columns('sex', 'landed.sex') }},
        {{ birth_date_of('landed.dob') }} as dob_date,
        {{ ethnicity_columns('landed.ethnic') }},
        landed.upn,
        landed.mother as mother_source_code,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code('sex', 'sex', 'landed.sex') }}
    {{ join_authority_code('ethnicity', 'ethnicity', 'landed.ethnic') }}
    {{ join_ethnicities() }}
)

select * from final
