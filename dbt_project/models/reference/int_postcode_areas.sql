with

postcodes as (
    select * from {{ ref('stg_reference__postcodes') }}
),

districts as (
    select * from {{ ref('ref__districts') }}
),

districts_wales as (
    select * from {{ ref('ref__districts_wales') }}
),

authorities as (
    select * from {{ ref('int_authority_periods') }}
    where is_current
),

final as (
    select
        postcodes.postcode,
        postcodes.postcode_district,
        postcodes.easting,
        postcodes.northing,
        postcodes.district_code_ons,
        authorities.authority_code_dfe,
        coalesce(authorities.police_force_code, districts_wales.police_force_code)
            as police_force_code,
    from postcodes
    left join districts
        on postcodes.district_code_ons = districts.district_code_ons
    left join authorities
        on districts.authority_code_ons = authorities.authority_code_ons
    left join districts_wales
        on postcodes.district_code_ons = districts_wales.district_code_ons
)

select * from final
