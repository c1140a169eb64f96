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

ranked as (
    select
        reports.*,
        row_number() over (
            partition by reports.supplier_code, reports.report_ref
            order by
                deliveries.period_end desc,
                deliveries.received_at desc,
                reports._delivery_id desc,
                reports._file desc,
                reports._row_number desc
        ) as version_rank,
        count(*) over (
            partition by reports.supplier_code, reports.report_ref
        ) as version_count,
        min(deliveries.received_at) over (
            partition by reports.supplier_code, reports.report_ref
        ) as first_received_at,
        min(deliveries.period_start) over (
            partition by reports.supplier_code, reports.report_ref
        ) as first_period_start,
    from reports
    inner join deliveries on reports._delivery_id = deliveries.delivery_id
),

final as (
    select
        report_keys.source_key as report_key,
        person_keys.source_key as mention_key,
        ranked.*,
    from ranked
    {{ join_source_key(
        'report_keys', 'report', 'ranked.report_issuer', 'ranked.report_ref'
    ) }}
    {{ join_source_key(
        'person_keys', 'person', 'ranked.supplier_code', 'ranked.person_id'
    ) }}
    where ranked.version_rank = 1
)

select * from final
