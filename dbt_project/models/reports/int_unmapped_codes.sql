{%- set coded_columns = coded_source_columns() -%}

with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

unmapped as (
    {% for model, column_name, stem, source_column in coded_columns %}
        select
            '{{ model.split("__")[1] }}' as table_name,
            '{{ column_name }}' as column_name,
            _delivery_id,
            _file,
            _row_number,
        from {{ ref(model) }}
        where {{ stem }}_code = 'unmapped' and {{ source_column }} is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        deliveries.supplier_code,
        deliveries.feed,
        deliveries.period,
        unmapped.table_name,
        unmapped.column_name,
        unmapped._delivery_id,
        unmapped._file,
        unmapped._row_number,
    from unmapped
    inner join deliveries on unmapped._delivery_id = deliveries.delivery_id
)

select * from final
