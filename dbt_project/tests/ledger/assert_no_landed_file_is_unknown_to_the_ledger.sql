-- Prevents rows that are read although no delivery answers for them.
with

tables as (
    select * from {{ ref('stg_ledger__tables') }}
),

landed_files as (
    select * from {{ ref('stg_ledger__landed_files') }}
    where table_name not in ('quarantine', 'flags')
)

select
    landed_files.delivery_id,
    landed_files.table_name,
from landed_files
left join tables
    on
        landed_files.delivery_id = tables.delivery_id
        and landed_files.table_name = tables.table_name
where tables.delivery_id is null and landed_files.row_count > 0
