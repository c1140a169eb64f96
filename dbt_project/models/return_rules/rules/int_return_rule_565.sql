with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

breached as (
    select * from missing_rows
    where is_start_given and missing_source_code is null
),

final as (
    {{ return_breaches('565', 'missing', 'missing', 'breached') }}
)

select * from final
