with

keys as (
    select * from {{ ref('int_source_keys_pseudonymised') }}
    where kind = 'person'
),

police_reports as (
    select
        *,
        {{ police_person_id() }} as person_id,
    from {{ ref('stg_police_reports__reports') }}
),

police_aliases as (
    select
        supplier_code,
        person_id,
        {{ split_parts('aliases') }} as alias_name,
    from police_reports
    where aliases is not null
),

extract_persons as (
    select * from {{ ref('stg_authority_extract__ssd_person') }}
),

extract_identifiers as (
    select * from {{ ref('stg_authority_extract__ssd_linked_identifiers') }}
),

extract_addresses as (
    select * from {{ ref('stg_authority_extract__ssd_address') }}
),

return_headers as (
    select * from {{ ref('stg_authority_return__header') }}
),

return_episodes as (
    select * from {{ ref('stg_authority_return__episodes') }}
),

attributes as (
    select
        supplier_code,
        person_id,
        'name' as attribute_kind,
        coalesce(forenames, '') || '|' || coalesce(surname, '') as attribute_value,
    from police_reports
    union distinct
    select supplier_code, person_id, 'name', alias_name from police_aliases
    union distinct
    select supplier_code, person_id, 'birth_date', cast(dob_date as varchar)
    from police_reports
    union distinct
    select supplier_code, person_id, 'postcode', home_postcode from police_reports
    union distinct
    select supplier_code, person_id, 'identifier', 'police|' || person_ref
    from police_reports
    union distinct
    select supplier_code, person_id, 'identifier', 'police|' || report_ref
    from police_reports
    union distinct
    select
        supplier_code,
        pers_person_id,
        'name',
        coalesce(forename, '') || '|' || coalesce(surname, ''),
    from extract_persons
    union distinct
    select supplier_code, pers_person_id, 'birth_date', cast(dob_date as varchar)
    from extract_persons
    union distinct
    select supplier_code, pers_person_id, 'identifier', 'nhs|' || nhs_number
    from extract_persons
    union distinct
    select
        supplier_code,
        link_person_id,
        'identifier',
        case identifier_type_code
            when 'nhs_number' then 'nhs|'
            when 'unique_pupil_number' then 'upn|'
            when 'home_office_registration' then 'home_office|'
            when 'police_reference' then 'police|'
        end || identifier_value,
    from extract_identifiers
    union distinct
    select supplier_code, addr_person_id, 'postcode', postcode from extract_addresses
    union distinct
    select supplier_code, child, 'birth_date', cast(dob_date as varchar)
    from return_headers
    union distinct
    select supplier_code, child, 'identifier', 'upn|' || upn from return_headers
    union distinct
    select supplier_code, child, 'postcode', home_postcode from return_episodes
),

final as (
    select
        keys.source_key as mention_key,
        attributes.attribute_kind,
        attributes.attribute_value,
    from attributes
    inner join keys
        on
            attributes.supplier_code = keys.issuer
            and attributes.person_id = keys.source_id
    where attributes.attribute_value is not null
)

select * from final
