-- Prevents checks that pass because they look at nothing.
{%- set ranges = "(select * from (values ('a', date '2020-01-01', date '2020-03-31'), "
    ~ "('a', date '2020-03-31', null), ('b', date '2020-01-01', null), "
    ~ "('b', date '2021-01-01', null)) as given (owner, first_day, last_day))" -%}
{%- set numbers = "(select * from (values (1, 2), (1, 2), (3, null)) "
    ~ "as given (one, other))" %}
with

found as (
    select
        'inclusive ranges' as check_name,
        2 as expected,
        (
            select count(*)
            from ({{ test_mutually_exclusive_ranges(
                ranges, 'owner', 'first_day', 'last_day'
            ) }}) as failing
        ) as actual,
    union all
    select
        'exclusive ranges' as check_name,
        1 as expected,
        (
            select count(*)
            from ({{ test_mutually_exclusive_ranges(
                ranges, 'owner', 'first_day', 'last_day', false
            ) }}) as failing
        ) as actual,
    union all
    select
        'combinations' as check_name,
        1 as expected,
        (
            select count(*)
            from ({{ test_unique_combination(numbers, ['one', 'other']) }}) as failing
        ) as actual,
    union all
    select
        'expressions' as check_name,
        1 as expected,
        (
            select count(*)
            from ({{ test_expression_is_true(numbers, 'one < other') }}) as failing
        ) as actual,
)

select *
from found
where actual != expected
