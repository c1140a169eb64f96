{{ config(materialized='ephemeral') }}

with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

entries as (
    select
        delivery_id,
        feed,
        supplier_code,
        {{ entry_rows('tables') }} as entry,
    from deliveries
),

final as (
    select
        delivery_id,
        feed,
        supplier_code,
        {{ entry_field('entry', 'table_name') }} as table_name,
        {{ entry_field('entry', 'file_name') }} as file_name,
        {{ entry_field('entry', 'received_row_count') }} as received_row_count,
        {{ entry_field('entry', 'landed_row_count') }} as landed_row_count,
        {{ entry_field('entry', 'quarantined_row_count') }}
            as quarantined_row_count,
        coalesce({{ entry_field('entry', 'erased_row_count') }}, 0) as erased_row_count,
    from entries
)

select * from final
