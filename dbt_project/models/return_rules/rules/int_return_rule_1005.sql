with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

breached as (
    select * from missing_rows
    where is_end_given and mis_end_date is null
),

final as (
    {{ return_breaches('1005', 'missing', 'mis_end', 'breached') }}
)

select * from final
