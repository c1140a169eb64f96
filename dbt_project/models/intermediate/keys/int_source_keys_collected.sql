{{ config(materialized='view') }}

with

police_reports as (
    select * from {{ ref('stg_police_reports__reports') }}
),

extract_absences as (
    select * from {{ ref('stg_authority_extract__ssd_missing') }}
),

extract_interviews as (
    select * from {{ ref('stg_authority_extract__return_interviews') }}
),

extract_placements as (
    select * from {{ ref('stg_authority_extract__ssd_cla_placement') }}
),

return_absences as (
    select * from {{ ref('stg_authority_return__missing') }}
),

return_episodes as (
    select * from {{ ref('stg_authority_return__episodes') }}
),

authority_persons as (
    select * from {{ ref('int_authority_persons_collected') }}
),

identifiers as (
    select
        'person' as kind,
        supplier_code as issuer,
        supplier_code,
        {{ police_person_id() }} as source_id,
    from police_reports
    union distinct
    select
        'person' as kind,
        supplier_code as issuer,
        supplier_code,
        person_id as source_id,
    from authority_persons
    union distinct
    select
        'report' as kind,
        'police_reports:' || supplier_code as issuer,
        supplier_code,
        report_ref as source_id,
    from police_reports
    union distinct
    select
        'report' as kind,
        'authority_extract:' || supplier_code as issuer,
        supplier_code,
        miss_table_id as source_id,
    from extract_absences
    union distinct
    select
        'report' as kind,
        'authority_return:' || supplier_code as issuer,
        supplier_code,
        {{ return_absence_id() }} as source_id,
    from return_absences
    union distinct
    select
        'interview' as kind,
        supplier_code as issuer,
        supplier_code,
        interview_id as source_id,
    from extract_interviews
    union distinct
    select
        'placement' as kind,
        supplier_code as issuer,
        supplier_code,
        clap_cla_placement_id as source_id,
    from extract_placements
    union distinct
    select
        'placement' as kind,
        supplier_code as issuer,
        supplier_code,
        {{ return_placement_id() }} as source_id,
    from return_episodes
),

final as (
    select
        kind,
        issuer,
        supplier_code,
        source_id,
    from identifiers
    where source_id is not null
)

select * from final
