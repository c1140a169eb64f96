with

keys as (
    select * from {{ ref('int_source_keys_pseudonymised') }}
),

absences as (
    select
        *,
        'authority_extract:' || supplier_code as report_issuer,
    from {{ ref('stg_authority_extract__ssd_missing') }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries_current') }}
),

first_known as (
    select * from {{ ref('int_extract_ids_first_known') }}
    where kind = 'report'
),

-- Ranked without the columns that nothing ranks by: sorting whole records is what
-- costs.
versions as (
    select
        absences._delivery_id,
        absences._file,
        absences._row_number,
        row_number() over (
            partition by absences.supplier_code, absences.miss_table_id
            order by
                deliveries.period_end desc,
                deliveries.received_at desc,
                absences._delivery_id desc,
                absences._file desc,
                absences._row_number desc
        ) as version_rank,
        count(*) over same_report as version_count,
        min(deliveries.received_at) over same_report as first_received_at,
        min(deliveries.period_start) over same_report as first_period_start,
    from absences
    inner join deliveries on absences._delivery_id = deliveries.delivery_id
    window same_report as (
        partition by absences.supplier_code, absences.miss_table_id
    )
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
    inner join absences
        on
            versions._delivery_id = absences._delivery_id
            and versions._file = absences._file
            and versions._row_number = absences._row_number
    {{ join_source_key(
        'report_keys', 'report', 'absences.report_issuer', 'absences.miss_table_id'
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
