{%- do source('ledger', 'deliveries') -%}

with

entries as (
    select *
    from {{ read_ledger_entries() }}
),

final as (
    select
        entries.delivery_id,
        entries.feed,
        entries.supplier_code,
        entries.period,
        entries.period_start,
        entries.period_end,
        entries.received_at,
        entries.content_hash,
        entries.outcome,
        entries.reject_rule_code,
        coalesce(entries.is_held, false) as is_held,
        entries.hold_rule_code,
        entries.layout_name,
        entries.case_system,
        entries.source_form,
        entries.file_count,
        coalesce(entries.received_row_count, 0) as received_row_count,
        coalesce(entries.landed_row_count, 0) as landed_row_count,
        coalesce(entries.quarantined_row_count, 0) as quarantined_row_count,
        coalesce(entries.flag_count, 0) as flag_count,
        {{ joined_text('entries.unknown_columns') }} as unknown_columns,
        {{ landed_table_names('entries.tables') }} as table_names,
        entries.tables,
        entries.code_version,
    from entries
    where
        entries.received_at
        <= cast('{{ var("as_known_at") }}' as timestamp)
)

select * from final
