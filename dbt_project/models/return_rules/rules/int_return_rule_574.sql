-- Missing and away periods of a child are put in one order: by end (by start if the
-- period is open), then by start, then by line. Each period is compared only with the
-- one before it, not with all earlier ones.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

rows_in_order as (
    select
        *,
        row_number() over (
            partition by _delivery_id, child
            order by
                coalesce(mis_end_date, mis_start_date) nulls last,
                mis_start_date nulls last,
                _file,
                _row_number
        ) as period_number
    from missing_rows
),

breached as (
    select current_rows.*
    from rows_in_order as current_rows
    inner join rows_in_order as previous_rows
        on
            current_rows._delivery_id = previous_rows._delivery_id
            and current_rows.child = previous_rows.child
            and current_rows.period_number = previous_rows.period_number + 1
    where
        previous_rows.mis_end_date is null
        or current_rows.mis_start_date < previous_rows.mis_end_date
),

final as (
    {{ return_breaches('574', 'missing', 'mis_start', 'breached') }}
)

select * from final
