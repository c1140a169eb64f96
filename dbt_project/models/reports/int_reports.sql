-- The fields that both sources record, and the police fields that date, place or count
-- an absence. `fct_reports` joins the other police fields. A police report starts when
-- the child was last seen, or else when they were reported missing. It ends when they
-- returned, or else when they were found.
with

keys as (
    select * from {{ ref('int_source_keys') }}
),

numbered as (
    {{ numbered_records(
        ref('stg_authority_return__missing'), ref('int_report_numbers'),
        return_absence_id(), 'absence_id'
    ) }}
),

absences as (
    select
        *,
        'authority_return:' || supplier_code as report_issuer,
    from numbered
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

versions as (
    {{ record_versions('absences', 'absence_id') }}
),

return_absences as (
    select
        report_keys.source_key as report_key,
        person_keys.source_key as mention_key,
        versions.version_count,
        versions.first_received_at,
        versions.first_period_start,
        absences.*,
    from versions
    inner join absences on {{ is_same_row('versions', 'absences') }}
    {{ join_source_key(
        'report_keys', 'report', 'absences.report_issuer', 'absences.absence_id'
    ) }}
    {{ join_source_key(
        'person_keys', 'person', 'absences.supplier_code', 'absences.child'
    ) }}
    where versions.version_rank = 1
),

police as (
    select
        'police' as source,
        'police_reports' as feed,
        report_key,
        mention_key,
        supplier_code,
        _delivery_id,
        _file,
        _row_number,
        version_count,
        first_received_at,
        first_period_start,
        -- Some forces record no apparent risk as a category, others as a risk level.
        case
            when category_code = 'missing' and risk_highest_code = 'no_apparent'
                then 'no_apparent_risk'
            else category_code
        end as category_code,
        coalesce(last_seen_at, reported_at) as started_at,
        coalesce(last_seen_precision, reported_precision) as start_precision,
        coalesce(returned_at, found_at) as ended_at,
        coalesce(returned_precision, found_precision) as end_precision,
        last_seen_at,
        reported_at,
        reported_precision,
        found_at,
        found_precision,
        closed_at,
        closed_precision,
        looked_after_flag_code,
        location_type_code,
        home_postcode,
        missing_from_postcode,
        age_years,
        cast(null as varchar) as authority_code_dfe,
        supplier_code as police_force_code,
        risk_highest_code,
    from {{ ref('int_police_reports') }}
),

extract as (
    select
        'authority' as source,
        'authority_extract' as feed,
        report_key,
        mention_key,
        supplier_code,
        _delivery_id,
        _file,
        _row_number,
        version_count,
        first_received_at,
        first_period_start,
        category_code,
        missing_start_at as started_at,
        missing_start_precision as start_precision,
        missing_end_at as ended_at,
        missing_end_precision as end_precision,
    from {{ ref('int_extract_absences') }}
),

returned as (
    select
        'authority' as source,
        'authority_return' as feed,
        report_key,
        mention_key,
        supplier_code,
        _delivery_id,
        _file,
        _row_number,
        version_count,
        first_received_at,
        first_period_start,
        category_code,
        {{ london_to_utc('cast(mis_start_date as timestamp)') }} as started_at,
        case when mis_start_date is not null then 'date' end as start_precision,
        {{ london_to_utc('cast(mis_end_date as timestamp)') }} as ended_at,
        case when mis_end_date is not null then 'date' end as end_precision,
    from return_absences
),

authority as (
    select * from extract
    union all
    select * from returned
),

final as (
    select * from police
    union all
    select
        authority.*,
        cast(null as timestamp) as last_seen_at,
        cast(null as timestamp) as reported_at,
        cast(null as varchar) as reported_precision,
        cast(null as timestamp) as found_at,
        cast(null as varchar) as found_precision,
        cast(null as timestamp) as closed_at,
        cast(null as varchar) as closed_precision,
        cast(null as varchar) as looked_after_flag_code,
        cast(null as varchar) as location_type_code,
        cast(null as varchar) as home_postcode,
        cast(null as varchar) as missing_from_postcode,
        cast(null as integer) as age_years,
        supplier_code as authority_code_dfe,
        cast(null as varchar) as police_force_code,
        cast(null as varchar) as risk_highest_code,
    from authority
)

select * from final
