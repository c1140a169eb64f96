with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

breached as (
    select * from missing_rows
    where mis_end_date < collection_start_date or mis_end_date > collection_end_date
),

final as (
    {{ return_breaches('571', 'missing', 'mis_end', 'breached') }}
)

select * from final
