-- A start outside all periods of care of the child breaks this rule. It breaks rule 581
-- too, unless it lies in an episode that ends after the last episode of its period. A
-- child without any episode of care breaks neither rule.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

periods_of_care as (
    select * from {{ ref('int_return_periods_of_care') }}
),

compared as (
    select
        missing_rows.*,
        missing_rows.mis_start_date < in_care.care_period_start_date
        or coalesce(
            missing_rows.mis_start_date > in_care.care_period_end_date, false
        ) as is_outside
    from missing_rows
    inner join periods_of_care as in_care
        on
            missing_rows._delivery_id = in_care._delivery_id
            and missing_rows.child = in_care.child
    where missing_rows.mis_start_date is not null
),

breached as (
    select
        supplier_code,
        period,
        _delivery_id,
        _file,
        _row_number
    from compared
    group by supplier_code, period, _delivery_id, _file, _row_number
    having min(case when is_outside then 1 else 0 end) = 1
),

final as (
    {{ return_breaches('578', 'missing', 'mis_start', 'breached') }}
)

select * from final
