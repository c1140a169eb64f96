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
        landed.pers_person_id,
        landed.pers_forename as forename,
        landed.pers_surname as surname,
        {{ code_columns('sex', 'landed.pers_sex') }},
        {{ ethnicity_columns('landed.pers_ethnicity') }},
        {{ birth_date_of('landed.pers_dob') }} as dob_date,
        landed.pers_common_child_id as nhs_number,
        {{ code_columns('upn_unknown', 'landed.pers_upn_unknown', missing=none) }},
        {{ date_of('landed.pers_death_date') }} as death_date,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_authority_code('sex', 'sex', 'landed.pers_sex') }}
    {{ join_authority_code('ethnicity', 'ethnicity', 'landed.pers_ethnicity') }}
    {{ join_authority_code('upn_unknown', 'upn_unknown', 'landed.pers_upn_unknown') }}
    {{ join_ethnicities() }}
)

select * from final
