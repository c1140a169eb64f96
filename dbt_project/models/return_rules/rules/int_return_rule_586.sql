-- A start on the day of birth breaks this rule too.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

breached as (
    select * from missing_rows
    where mis_start_date <= dob_date
),

final as (
    {{ return_breaches('586', 'missing', 'mis_start', 'breached') }}
)

select * from final
