with

deliveries as (
    select * from {{ ref('dim_deliveries') }}
),

landed_files as (
    select * from {{ ref('stg_ledger__landed_files') }}
),

counted as (
    select
        delivery_id,
        sum(
            case when table_name in ('quarantine', 'flags') then 0 else row_count end
        ) as landed_file_row_count,
        sum(case when table_name = 'quarantine' then row_count else 0 end)
            as quarantine_file_row_count,
    from landed_files
    group by delivery_id
),

final as (
    select
        deliveries.delivery_id,
        deliveries.supplier_code,
        deliveries.feed,
        deliveries.period,
        deliveries.outcome,
        deliveries.status,
        deliveries.received_row_count,
        deliveries.landed_row_count,
        deliveries.quarantined_row_count,
        deliveries.erased_row_count,
        deliveries.flag_count,
        cast(coalesce(counted.landed_file_row_count, 0) as bigint)
            as landed_file_row_count,
        cast(coalesce(counted.quarantine_file_row_count, 0) as bigint)
            as quarantine_file_row_count,
        deliveries.received_row_count
        = coalesce(counted.landed_file_row_count, 0)
        + coalesce(counted.quarantine_file_row_count, 0)
        + deliveries.erased_row_count as is_conserved,
    from deliveries
    left join counted on deliveries.delivery_id = counted.delivery_id
)

select * from final
