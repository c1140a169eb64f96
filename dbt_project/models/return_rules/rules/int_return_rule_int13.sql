-- A date of birth that is blank or not readable does not break this rule. If a child
-- has several headers, one with another date is enough.
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
