-- Fails if the number of quarantined lines in the ledger differs from the number stored
-- in the quarantine file.
with

tables as (
    select * from {{ ref('stg_ledger__tables') }}
),

landed_files as (
    select * from {{ ref('stg_ledger__landed_files') }}
    where table_name = 'quarantine'
),

counted as (
    select
        delivery_id,
        sum(quarantined_row_count) as quarantined_row_count,
    from tables
    group by delivery_id
)

select
    counted.delivery_id,
    counted.quarantined_row_count,
    landed_files.row_count,
from counted
left join landed_files on counted.delivery_id = landed_files.delivery_id
where coalesce(landed_files.row_count, 0) != counted.quarantined_row_count
