-- Fails if summer time shifts a time by an hour, or if a date is read as a minute.
with

cases as (
    select
        'summer time' as case_name,
        cast({{ function('moment_at') }}('2026-07-01T22:30:00') as varchar) as actual,
        cast('2026-07-01 21:30:00' as varchar) as expected,
    union all
    select
        'winter time' as case_name,
        cast({{ function('moment_at') }}('2026-01-01T22:30:00') as varchar) as actual,
        cast('2026-01-01 22:30:00' as varchar) as expected,
    union all
    select
        'a date alone is local midnight' as case_name,
        cast({{ function('moment_at') }}('2026-07-01') as varchar) as actual,
        cast('2026-06-30 23:00:00' as varchar) as expected,
    union all
    select
        'the repeated hour is the second one' as case_name,
        cast({{ function('moment_at') }}('2026-10-25T01:30:00') as varchar) as actual,
        cast('2026-10-25 01:30:00' as varchar) as expected,
    union all
    select
        'the skipped hour is read without summer time' as case_name,
        cast({{ function('moment_at') }}('2026-03-29T01:30:00') as varchar) as actual,
        cast('2026-03-29 01:30:00' as varchar) as expected,
    union all
    select
        'a blank stays blank' as case_name,
        cast({{ function('moment_at') }}(cast(null as varchar)) as varchar) as actual,
        cast(null as varchar) as expected,
    union all
    select
        'a date is precise to the date' as case_name,
        cast({{ function('moment_precision') }}('2026-07-01') as varchar) as actual,
        cast('date' as varchar) as expected,
    union all
    select
        'a time is precise to the minute' as case_name,
        cast({{ function('moment_precision') }}('2026-07-01T00:00:00') as varchar) as actual,
        cast('minute' as varchar) as expected,
    union all
    select
        'a blank has no precision' as case_name,
        cast({{ function('moment_precision') }}(cast(null as varchar)) as varchar) as actual,
        cast(null as varchar) as expected,
    union all
    select
        'the day of a time' as case_name,
        cast({{ date_of("'2026-07-01T22:30:00'") }} as varchar) as actual,
        cast('2026-07-01' as varchar) as expected,
    union all
    select
        'and back to london' as case_name,
        cast(
            {{ utc_to_london("timestamp '2026-07-01 21:30:00'") }}
            as varchar
        ) as actual,
        cast('2026-07-01 22:30:00' as varchar) as expected,
)

select *
from cases
where actual is distinct from expected
