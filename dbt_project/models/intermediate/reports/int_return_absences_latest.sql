with

keys as (
    select * from {{ ref('int_source_keys_pseudonymised') }}
),

absences as (
    select
        *,
        {{ return_absence_id() }} as absence_id,
        'authority_return:' || supplier_code as report_issuer,
    from {{ ref('stg_authority_return__missing') }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries_current') }}
),

ranked as (
    select
        absences.*,
        row_number() over (
            partition by absences.supplier_code, absences.absence_id
            order by
                deliveries.period_end desc,
                deliveries.received_at desc,
                absences._delivery_id desc,
                absences._file desc,
                absences._row_number desc
        ) as version_rank,
        count(*) over (
            partition by absences.supplier_code, absences.absence_id
        ) as version_count,
        min(deliveries.received_at) over (
            partition by absences.supplier_code, absences.absence_id
        ) as first_received_at,
        min(deliveries.period_start) over (
            partition by absences.supplier_code, absences.absence_id
        ) as first_period_start,
    from absences
    inner join deliveries on absences._delivery_id = deliveries.delivery_id
),

final as (
    select
        report_keys.source_key as report_key,
        person_keys.source_key as mention_key,
        ranked.*,
    from ranked
    {{ join_source_key(
        'report_keys', 'report', 'ranked.report_issuer', 'ranked.absence_id'
    ) }}
    {{ join_source_key(
        'person_keys', 'person', 'ranked.supplier_code', 'ranked.child'
    ) }}
    where ranked.version_rank = 1
)

select * from final
