-- Fails if a record is lost or added between a delivered file and landing. Received
-- records must equal landed, quarantined and erased records together, and the ledger
-- must agree with the landed files.
with

tables as (
    select * from {{ ref('stg_ledger__tables') }}
),

landed_files as (
    select * from {{ ref('stg_ledger__landed_files') }}
),

counted as (
    select
        delivery_id,
        table_name,
        sum(received_row_count) as received_row_count,
        sum(landed_row_count) as landed_row_count,
        sum(quarantined_row_count) as quarantined_row_count,
        sum(erased_row_count) as erased_row_count,
    from tables
    group by delivery_id, table_name
)

select
    counted.delivery_id,
    counted.table_name,
    counted.received_row_count,
    counted.quarantined_row_count,
    counted.erased_row_count,
    landed_files.row_count,
from counted
left join landed_files
    on
        counted.delivery_id = landed_files.delivery_id
        and counted.table_name = landed_files.table_name
where
    coalesce(landed_files.row_count, 0) != counted.landed_row_count
    or counted.received_row_count
    != coalesce(landed_files.row_count, 0)
    + counted.quarantined_row_count
    + counted.erased_row_count
