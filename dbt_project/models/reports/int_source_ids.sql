{% set tables = [
    ('stg_authority_extract__ssd_person', 'pers_person_id'),
    ('stg_authority_extract__ssd_missing', 'miss_person_id'),
    ('stg_authority_extract__ssd_cla_episodes', 'clae_person_id'),
    ('stg_authority_extract__ssd_cla_placement', 'clap_person_id'),
    ('stg_authority_extract__ssd_legal_status', 'lega_person_id'),
    ('stg_authority_extract__ssd_immigration_status', 'immi_person_id'),
    ('stg_authority_extract__ssd_linked_identifiers', 'link_person_id'),
    ('stg_authority_extract__ssd_address', 'addr_person_id'),
    ('stg_authority_return__header', 'child'),
    ('stg_authority_return__episodes', 'child'),
    ('stg_authority_return__missing', 'child'),
    ('stg_authority_return__uasc', 'child'),
] %}
{{ config(materialized='view') }}
with

police_reports as (
    {{ numbered_records(
        ref('stg_police_reports__reports'), ref('int_report_numbers'),
        'report_ref', 'report_id'
    ) }}
),

extract_absences as (
    {{ numbered_records(
        ref('stg_authority_extract__ssd_missing'), ref('int_report_numbers'),
        'miss_table_id', 'report_id'
    ) }}
),

extract_interviews as (
    {{ numbered_records(
        ref('stg_authority_extract__return_interviews'), ref('int_report_numbers'),
        'interview_id', 'interview_number'
    ) }}
),

extract_placements as (
    select * from {{ ref('stg_authority_extract__ssd_cla_placement') }}
),

return_absences as (
    {{ numbered_records(
        ref('stg_authority_return__missing'), ref('int_report_numbers'),
        return_absence_id(), 'absence_id'
    ) }}
),

return_episodes as (
    select * from {{ ref('stg_authority_return__episodes') }}
),

named as (
    {% for table, column in tables %}
        select
            supplier_code,
            _delivery_id,
            {{ column }} as person_id,
        from {{ ref(table) }}
        {{ 'union distinct' if not loop.last }}
    {% endfor %}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

first_known as (
    select * from {{ ref('int_extract_first_deliveries') }}
    where kind = 'person'
),

authority_persons as (
    select
        'person' as kind,
        named.supplier_code,
        named.person_id,
        min(least(
            deliveries.received_at,
            coalesce(first_known.first_received_at, deliveries.received_at)
        )) as first_received_at,
        min(least(
            deliveries.period_start,
            coalesce(first_known.first_period_start, deliveries.period_start)
        )) as first_period_start,
    from named
    inner join deliveries on named._delivery_id = deliveries.delivery_id
    left join first_known
        on
            named.supplier_code = first_known.supplier_code
            and named.person_id = first_known.source_id
    where named.person_id is not null
    group by named.supplier_code, named.person_id
),

identifiers as (
    select
        'person' as kind,
        supplier_code as issuer,
        supplier_code,
        {{ police_person_id() }} as source_id,
        coalesce(person_ref, 'report:' || report_ref) as reference,
    from police_reports
    union distinct
    select
        'person' as kind,
        supplier_code as issuer,
        supplier_code,
        person_id as source_id,
        person_id as reference,
    from authority_persons
    union distinct
    select
        'report' as kind,
        'police_reports:' || supplier_code as issuer,
        supplier_code,
        report_id as source_id,
        report_ref as reference,
    from police_reports
    union distinct
    select
        'report' as kind,
        'authority_extract:' || supplier_code as issuer,
        supplier_code,
        report_id as source_id,
        miss_table_id as reference,
    from extract_absences
    union distinct
    select
        'report' as kind,
        'authority_return:' || supplier_code as issuer,
        supplier_code,
        absence_id as source_id,
        {{ return_absence_id() }} as reference,
    from return_absences
    union distinct
    select
        'interview' as kind,
        supplier_code as issuer,
        supplier_code,
        interview_number as source_id,
        interview_id as reference,
    from extract_interviews
    union distinct
    select
        'placement' as kind,
        supplier_code as issuer,
        supplier_code,
        clap_cla_placement_id as source_id,
        clap_cla_placement_id as reference,
    from extract_placements
    union distinct
    select
        'placement' as kind,
        supplier_code as issuer,
        supplier_code,
        {{ return_placement_id() }} as source_id,
        {{ return_placement_id() }} as reference,
    from return_episodes
),

final as (
    select
        identifiers.kind,
        identifiers.issuer,
        identifiers.supplier_code,
        identifiers.source_id,
        identifiers.reference,
        authority_persons.first_received_at,
        authority_persons.first_period_start,
    from identifiers
    left join authority_persons
        on
            identifiers.kind = authority_persons.kind
            and identifiers.supplier_code = authority_persons.supplier_code
            and identifiers.source_id = authority_persons.person_id
    where identifiers.source_id is not null
)

select * from final
