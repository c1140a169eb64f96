{%- do source('ledger', 'deliveries') -%}

with

entries as (
    select *
    from {{ read_ledger_entries() }}
),

final as (
    select
        delivery_id,
        feed,
        supplier_code,
        period,
        period_start,
        period_end,
        received_at,
        content_hash,
        outcome,
        reject_rule_code,
        coalesce(is_held, false) as is_held,
        hold_rule_code,
        layout_name,
        case_system,
        source_form,
        file_count,
        coalesce(received_row_count, 0) as received_row_count,
        coalesce(landed_row_count, 0) as landed_row_count,
        coalesce(quarantined_row_count, 0) as quarantined_row_count,
        coalesce(flag_count, 0) as flag_count,
        {{ joined_text('unknown_columns') }} as unknown_columns,
        {{ landed_table_names('tables') }} as table_names,
        tables,
        code_version,
    from entries
    where received_at <= cast('{{ var("as_known_at") }}' as timestamp)
)

select * from final
