with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

breached as (
    select * from missing_rows
    where missing_source_code in ('M', 'A') and not is_start_given
),

final as (
    {{ return_breaches('564', 'missing', 'mis_start', 'breached') }}
)

select * from final
