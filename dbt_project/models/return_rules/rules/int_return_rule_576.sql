-- The row that fails is the child's earliest period of this year. It should be the
-- period that was open at the end of last year. If the child has no row this year,
-- no row fails.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

-- A period without a readable start is taken to start after all others.
rows_with_starts as (
    select
        *,
        coalesce(mis_start_date, cast('2099-01-01' as date)) as compared_start_date
    from missing_rows
),

rows_in_order as (
    select
        *,
        row_number() over (
            partition by _delivery_id, child
            order by compared_start_date, _file, _row_number
        ) as period_number
    from rows_with_starts
),

breached as (
    select * from rows_in_order
    where
        period_number = 1
        and exists (
            select 1
            from missing_rows as last_year_rows
            where
                last_year_rows.supplier_code = rows_in_order.supplier_code
                and last_year_rows.collection_year = rows_in_order.collection_year - 1
                and last_year_rows.child = rows_in_order.child
                and not last_year_rows.is_end_given
                and last_year_rows.mis_start_date <> rows_in_order.compared_start_date
        )
),

final as (
    {{ return_breaches('576', 'missing', 'child', 'breached') }}
)

select * from final
