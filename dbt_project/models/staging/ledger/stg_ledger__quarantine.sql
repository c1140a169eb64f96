{{ config(
    pre_hook="{{ choose_ledger_files('quarantine', 'quarantined_row_count > 0') }}"
) }}

{%- do source('ledger', 'quarantine') -%}
{%- do ref('stg_ledger__deliveries') -%}

with

set_aside as (
    select *
    from {{ read_ledger_files() }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

final as (
    select
        deliveries.supplier_code,
        deliveries.feed,
        deliveries.period,
        set_aside._delivery_id,
        set_aside._file,
        set_aside._row_number,
        set_aside.table_name,
        set_aside.rule_code,
        set_aside.column_name,
    from set_aside
    inner join deliveries on set_aside._delivery_id = deliveries.delivery_id
)

select * from final
