-- Fails if a landed delivery has no entry in the ledger. Also fails if a landed file
-- with rows belongs to a table that is not in its delivery's entry.
with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

tables as (
    select * from {{ ref('stg_ledger__tables') }}
),

landed_files as (
    select * from {{ ref('stg_ledger__landed_files') }}
)

select
    landed_files.delivery_id,
    landed_files.table_name,
from landed_files
left join deliveries on landed_files.delivery_id = deliveries.delivery_id
left join tables
    on
        landed_files.delivery_id = tables.delivery_id
        and landed_files.table_name = tables.table_name
where
    deliveries.delivery_id is null
    or (
        tables.delivery_id is null
        and landed_files.table_name not in ('quarantine', 'flags')
        and landed_files.row_count > 0
    )
