-- Prevents a load that stops, or a 0, for one mistyped number.
with

cases as (
    select
        'a number' as case_name,
        cast({{ number_or_null("'2.5'") }} as varchar) as actual,
        cast('2.5' as varchar) as expected,
    union all
    select
        'a whole number' as case_name,
        cast({{ number_or_null("'15'", 'integer') }} as varchar) as actual,
        cast('15' as varchar) as expected,
    union all
    select
        'text' as case_name,
        cast({{ number_or_null("'15y'", 'integer') }} as varchar) as actual,
        cast(null as varchar) as expected,
)

select *
from cases
where actual is distinct from expected
