with

fields as (
    select * from {{ ref('int_fields_counted') }}
),

final as (
    select
        supplier_code,
        feed,
        table_name,
        field_name,
        row_count,
        cast(valid_count as bigint) as valid_count,
        cast(default_count as bigint) as default_count,
        cast(missing_count as bigint) as missing_count,
        cast(unmapped_count as bigint) as unmapped_count,
        cast(valid_count as double) / row_count as valid_share,
    from fields
)

select * from final
