-- Two readable dates that differ; a child with two headers fails by either of them.
with

missing_rows as (
    select * from {{ ref('int_return_missing') }}
),

headers as (
    select * from {{ ref('int_return_headers') }}
),

breached as (
    select * from missing_rows
    where
        exists (
            select 1
            from headers
            where
                headers._delivery_id = missing_rows._delivery_id
                and headers.child = missing_rows.child
                and headers.dob_date <> missing_rows.dob_date
        )
),

final as (
    {{ return_breaches('INT13', 'missing', 'dob', 'breached') }}
)

select * from final
