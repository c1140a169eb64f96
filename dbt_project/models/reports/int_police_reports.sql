with

keys as (
    select * from {{ ref('int_source_keys') }}
),

reports as (
    select
        *,
        {{ police_person_id() }} as person_id,
        'police_reports:' || supplier_code as report_issuer,
    from {{ ref('stg_police_reports__reports') }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

versions as (
    {{ record_versions('reports', 'report_ref') }}
),

final as (
    select
        report_keys.source_key as report_key,
        person_keys.source_key as mention_key,
        versions.version_count,
        versions.first_received_at,
        versions.first_period_start,
        reports.*,
    from versions
    inner join reports on {{ is_same_row('versions', 'reports') }}
    {{ join_source_key(
        'report_keys', 'report', 'reports.report_issuer', 'reports.report_ref'
    ) }}
    {{ join_source_key(
        'person_keys', 'person', 'reports.supplier_code', 'reports.person_id'
    ) }}
    where versions.version_rank = 1
)

select * from final
