with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

suppliers as (
    select * from {{ ref('dim_suppliers') }}
),

final as (
    select
        deliveries.delivery_id,
        coalesce(suppliers.supplier_code, 'unknown') as supplier_code,
        deliveries.feed,
        deliveries.period,
        deliveries.period_start,
        deliveries.period_end,
        deliveries.received_at,
        deliveries.outcome,
        deliveries.status,
        deliveries.reject_rule_code,
        deliveries.is_held,
        deliveries.hold_rule_code,
        deliveries.layout_name,
        deliveries.case_system,
        deliveries.source_form,
        deliveries.file_count,
        deliveries.received_row_count,
        deliveries.landed_row_count,
        deliveries.quarantined_row_count,
        deliveries.erased_row_count,
        deliveries.flag_count,
        deliveries.unknown_columns,
        deliveries.content_hash,
    from deliveries
    left join suppliers on deliveries.supplier_code = suppliers.supplier_code
)

select * from final
