with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

breached as (
    select * from missing_rows
    where mis_start_date > collection_end_date
),

final as (
    {{ return_breaches('570', 'missing', 'mis_start', 'breached') }}
)

select * from final
