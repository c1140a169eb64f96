with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

breached as (
    select * from missing_rows
    where mis_end_date < mis_start_date
),

final as (
    {{ return_breaches('567', 'missing', 'mis_end', 'breached') }}
)

select * from final
