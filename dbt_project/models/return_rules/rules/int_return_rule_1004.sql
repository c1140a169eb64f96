-- Without a start, a period cannot be placed. It makes no difference whether the start
-- is blank or is not a date.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

breached as (
    select * from missing_rows
    where mis_start_date is null
),

final as (
    {{ return_breaches('1004', 'missing', 'mis_start', 'breached') }}
)

select * from final
