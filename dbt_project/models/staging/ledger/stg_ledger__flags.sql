{{ config(
    pre_hook="{{ choose_ledger_files('flags', 'flag_count > 0') }}"
) }}

{%- do source('ledger', 'flags') -%}
{%- do ref('stg_ledger__deliveries') -%}

with

flagged as (
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
        flagged._delivery_id,
        flagged._file,
        flagged._row_number,
        flagged.table_name,
        flagged.rule_code,
        flagged.column_name,
    from flagged
    inner join deliveries on flagged._delivery_id = deliveries.delivery_id
)

select * from final
