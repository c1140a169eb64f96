with

keys as (
    select * from {{ ref('int_source_keys_pseudonymised') }}
),

reports as (
    select
        *,
        {{ police_person_id() }} as person_id,
        'police_reports:' || supplier_code as report_issuer,
    from {{ ref('stg_police_reports__reports') }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries_current') }}
),

-- Ranked without the columns that nothing ranks by: sorting whole records is what
-- costs.
versions as (
    select
        reports._delivery_id,
        reports._file,
        reports._row_number,
        row_number() over (
            partition by reports.supplier_code, reports.report_ref
            order by
                deliveries.period_end desc,
                deliveries.received_at desc,
                reports._delivery_id desc,
                reports._file desc,
                reports._row_number desc
        ) as version_rank,
        count(*) over same_report as version_count,
        min(deliveries.received_at) over same_report as first_received_at,
        min(deliveries.period_start) over same_report as first_period_start,
    from reports
    inner join deliveries on reports._delivery_id = deliveries.delivery_id
    window same_report as (
        partition by reports.supplier_code, reports.report_ref
    )
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
    inner join reports
        on
            versions._delivery_id = reports._delivery_id
            and versions._file = reports._file
            and versions._row_number = reports._row_number
    {{ join_source_key(
        'report_keys', 'report', 'reports.report_issuer', 'reports.report_ref'
    ) }}
    {{ join_source_key(
        'person_keys', 'person', 'reports.supplier_code', 'reports.person_id'
    ) }}
    where versions.version_rank = 1
)

select * from final
