with

keys as (
    select * from {{ ref('int_source_keys') }}
),

numbered as (
    {{ numbered_records(
        ref('stg_authority_extract__ssd_missing'), ref('int_report_numbers'),
        'miss_table_id', 'report_id'
    ) }}
),

absences as (
    select
        *,
        'authority_extract:' || supplier_code as report_issuer,
    from numbered
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

first_known as (
    select * from {{ ref('int_extract_first_deliveries') }}
    where kind = 'report'
),

versions as (
    {{ record_versions('absences', 'report_id') }}
),

final as (
    select
        report_keys.source_key as report_key,
        person_keys.source_key as mention_key,
        versions.version_count,
        least(
            versions.first_received_at,
            coalesce(first_known.first_received_at, versions.first_received_at)
        ) as first_received_at,
        least(
            versions.first_period_start,
            coalesce(first_known.first_period_start, versions.first_period_start)
        ) as first_period_start,
        absences.*,
    from versions
    inner join absences on {{ is_same_row('versions', 'absences') }}
    {{ join_source_key(
        'report_keys', 'report', 'absences.report_issuer', 'absences.report_id'
    ) }}
    {{ join_source_key(
        'person_keys', 'person', 'absences.supplier_code', 'absences.miss_person_id'
    ) }}
    left join first_known
        on
            absences.supplier_code = first_known.supplier_code
            and absences.miss_table_id = first_known.source_id
    where versions.version_rank = 1
)

select * from final
