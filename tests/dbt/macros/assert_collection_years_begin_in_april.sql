-- Fails if a collection year begins in January or ends a day late.
with

cases as (
    select
        'last day' as case_name,
        cast({{ function('collection_year_of') }}(date '2026-03-31') as varchar) as actual,
        cast('2025-26' as varchar) as expected,
    union all
    select
        'first day' as case_name,
        cast({{ function('collection_year_of') }}(date '2026-04-01') as varchar) as actual,
        cast('2026-27' as varchar) as expected,
    union all
    select
        'january' as case_name,
        cast({{ function('collection_year_of') }}(date '2026-01-01') as varchar) as actual,
        cast('2025-26' as varchar) as expected,
    union all
    select
        'a century' as case_name,
        cast({{ function('collection_year_of') }}(date '1999-12-31') as varchar) as actual,
        cast('1999-00' as varchar) as expected,
)

select *
from cases
where actual is distinct from expected
