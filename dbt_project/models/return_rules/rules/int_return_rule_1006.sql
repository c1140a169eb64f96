with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

breached as (
    select * from missing_rows
    where missing_source_code not in ('M', 'A')
),

final as (
    {{ return_breaches('1006', 'missing', 'missing', 'breached') }}
)

select * from final
