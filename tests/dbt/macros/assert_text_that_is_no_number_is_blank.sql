-- Fails if a mistyped number stops the load or becomes 0.
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
    union all
    select
        'a fraction of a year' as case_name,
        cast({{ number_or_null("'14.6'", 'integer') }} as varchar) as actual,
        cast('14' as varchar) as expected,
    union all
    select
        'a whole number with a point' as case_name,
        cast({{ number_or_null("'15.0'", 'integer') }} as varchar) as actual,
        cast('15' as varchar) as expected,
    union all
    select
        'more than a whole number holds' as case_name,
        cast({{ number_or_null("'99999999999'", 'integer') }} as varchar) as actual,
        cast(null as varchar) as expected,
    union all
    select
        'digits in groups' as case_name,
        cast({{ number_or_null("'1_4'", 'integer') }} as varchar) as actual,
        cast(null as varchar) as expected,
)

select *
from cases
where actual is distinct from expected
