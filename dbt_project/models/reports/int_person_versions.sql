{#
    Personal details of each person in a source, one row per record of a current
    delivery.
#}
with

keys as (
    select * from {{ ref('int_source_keys') }}
    where kind = 'person'
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

police_reports as (
    {{ numbered_records(
        ref('stg_police_reports__reports'), ref('int_report_numbers'),
        'report_ref', 'report_id'
    ) }}
),

unaccompanied as (
    select
        'authority' as source,
        supplier_code,
        child as person_id,
    from {{ ref('stg_authority_return__uasc') }}
    union distinct
    select
        'authority' as source,
        supplier_code,
        immi_person_id as person_id,
    from {{ ref('stg_authority_extract__ssd_immigration_status') }}
    where
        immigration_status_code = 'unaccompanied'
        or (
            -- Until a description is in the code map, a text that begins with UASC
            -- counts as unaccompanied.
            immigration_status_code = 'unmapped'
            and upper(immigration_status_source_code) like 'UASC%'
        )
),

versions as (
    select
        'police' as source,
        1 as source_rank,
        supplier_code,
        {{ police_person_id() }} as person_id,
        _delivery_id,
        _file,
        _row_number,
        forenames,
        surname,
        dob_date,
        sex_code,
        ethnicity_code,
        ethnicity_group_code,
        false as is_in_extract,
        cast(null as date) as death_date,
    from police_reports
    union all
    select
        'authority' as source,
        2 as source_rank,
        supplier_code,
        child as person_id,
        _delivery_id,
        _file,
        _row_number,
        cast(null as varchar) as forenames,
        cast(null as varchar) as surname,
        dob_date,
        sex_code,
        ethnicity_code,
        ethnicity_group_code,
        false as is_in_extract,
        cast(null as date) as death_date,
    from {{ ref('stg_authority_return__header') }}
    union all
    select
        'authority' as source,
        3 as source_rank,
        supplier_code,
        pers_person_id as person_id,
        _delivery_id,
        _file,
        _row_number,
        forename as forenames,
        surname,
        dob_date,
        sex_code,
        ethnicity_code,
        ethnicity_group_code,
        true as is_in_extract,
        death_date,
    from {{ ref('stg_authority_extract__ssd_person') }}
),

final as (
    select
        keys.source_key as mention_key,
        versions.source,
        versions.source_rank,
        versions._delivery_id,
        versions._file,
        versions._row_number,
        deliveries.received_at as known_at,
        deliveries.period_start as _period_start,
        versions.forenames,
        versions.surname,
        versions.dob_date as birth_date,
        versions.sex_code,
        versions.ethnicity_code,
        versions.ethnicity_group_code,
        versions.is_in_extract,
        versions.death_date,
        unaccompanied.person_id is not null as is_uasc,
    from versions
    inner join deliveries on versions._delivery_id = deliveries.delivery_id
    inner join keys
        on
            versions.supplier_code = keys.issuer
            and versions.person_id = keys.source_id
    left join unaccompanied
        on
            versions.source = unaccompanied.source
            and versions.supplier_code = unaccompanied.supplier_code
            and versions.person_id = unaccompanied.person_id
)

select * from final
