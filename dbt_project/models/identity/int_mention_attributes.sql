{{ config(materialized='ephemeral') }}

{#
    Each entry says where an identity attribute is found: relation, column of the
    person's identifier, kind of attribute, value.
#}
{% set said = [
    ('police_reports', 'person_id', 'name', "coalesce(forenames, '') || '|' || coalesce(surname, '')"),
    ('police_aliases', 'person_id', 'name', "alias_name"),
    ('police_reports', 'person_id', 'birth_date', "cast(dob_date as varchar)"),
    ('police_reports', 'person_id', 'sex', "sex_code"),
    ('police_reports', 'person_id', 'postcode', "home_postcode"),
    ('police_homes_left', 'person_id', 'postcode', "missing_from_postcode"),
    ('police_reports', 'person_id', 'identifier', "'police|person ' || person_ref"),
    ('police_reports', 'person_id', 'identifier', "'police|' || own_report_ref"),
    ('extract_persons', 'pers_person_id', 'name', "coalesce(forename, '') || '|' || coalesce(surname, '')"),
    ('extract_persons', 'pers_person_id', 'birth_date', "cast(dob_date as varchar)"),
    ('extract_persons', 'pers_person_id', 'sex', "sex_code"),
    ('extract_persons', 'pers_person_id', 'identifier', "'nhs|' || nhs_number"),
    ('extract_identifiers', 'link_person_id', 'identifier', "identifier_prefix || identifier_value"),
    ('extract_addresses', 'addr_person_id', 'postcode', "postcode"),
    ('extract_placements', 'clap_person_id', 'postcode', "postcode"),
    ('return_headers', 'child', 'birth_date', "cast(dob_date as varchar)"),
    ('return_headers', 'child', 'sex', "sex_code"),
    ('return_headers', 'child', 'identifier', "'upn|' || upn"),
    ('return_episodes', 'child', 'postcode', "home_postcode"),
    ('return_episodes', 'child', 'postcode', "placement_postcode"),
] %}
with

keys as (
    select * from {{ ref('int_source_keys') }}
    where kind = 'person'
),

numbered as (
    {{ numbered_records(
        ref('stg_police_reports__reports'), ref('int_report_numbers'),
        'report_ref', 'report_id'
    ) }}
),

police_reports as (
    select
        *,
        {{ police_person_id() }} as person_id,
        -- A reference that several reports share cannot identify a person.
        case when not is_reference_shared then report_ref end as own_report_ref,
    from numbered
),

police_aliases as (
    select
        supplier_code,
        person_id,
        {{ split_parts('aliases') }} as alias_name,
    from police_reports
    where aliases is not null
),

-- The place from which a child went missing is their address only if they lived there.
police_homes_left as (
    select *
    from police_reports
    where
        location_type_code in (
            'home', 'foster', 'childrens_home', 'semi_independent'
        )
),

extract_persons as (
    select * from {{ ref('stg_authority_extract__ssd_person') }}
),

extract_identifiers as (
    select
        *,
        case identifier_type_code
            when 'nhs_number' then 'nhs|'
            when 'unique_pupil_number' then 'upn|'
            when 'home_office_registration' then 'home_office|'
            when 'police_reference' then 'police|'
        end as identifier_prefix,
    from {{ ref('stg_authority_extract__ssd_linked_identifiers') }}
),

extract_addresses as (
    select * from {{ ref('stg_authority_extract__ssd_address') }}
),

extract_placements as (
    select * from {{ ref('stg_authority_extract__ssd_cla_placement') }}
),

return_headers as (
    select * from {{ ref('stg_authority_return__header') }}
),

return_episodes as (
    select * from {{ ref('stg_authority_return__episodes') }}
),

attributes as (
    {% for table, person, kind, value in said %}
        select
            supplier_code,
            {{ person }} as person_id,
            '{{ kind }}' as attribute_kind,
            {{ value }} as attribute_value,
        from {{ table }}
        {{ 'union distinct' if not loop.last }}
    {% endfor %}
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
