-- Fails if 1 January, a placeholder or the word unknown counts as a filled field.
with

cases as (
    select
        'a code' as case_name,
        cast({{ field_state(
            'code', "'female'", "'F'"
        ) }} as varchar) as actual,
        cast('valid' as varchar) as expected,
    union all
    select
        'a blank code' as case_name,
        cast({{ field_state(
            'code', "'unknown'", "cast(null as varchar)"
        ) }} as varchar) as actual,
        cast('missing' as varchar) as expected,
    union all
    select
        'unknown' as case_name,
        cast({{ field_state(
            'code', "'unknown'", "'U'"
        ) }} as varchar) as actual,
        cast('default' as varchar) as expected,
    union all
    select
        'unmapped' as case_name,
        cast({{ field_state(
            'code', "'unmapped'", "'Q'"
        ) }} as varchar) as actual,
        cast('invalid' as varchar) as expected,
    union all
    select
        'a code of its own for other' as case_name,
        cast({{ field_state(
            'code', "'other'", "'OTH'"
        ) }} as varchar) as actual,
        cast('other' as varchar) as expected,
    union all
    select
        'a name' as case_name,
        cast({{ field_state(
            'name', "'Amara'", "''"
        ) }} as varchar) as actual,
        cast('valid' as varchar) as expected,
    union all
    select
        'a placeholder' as case_name,
        cast({{ field_state(
            'name', "' Unknown '", "''"
        ) }} as varchar) as actual,
        cast('default' as varchar) as expected,
    union all
    select
        'no name' as case_name,
        cast({{ field_state(
            'name', "' '", "''"
        ) }} as varchar) as actual,
        cast('missing' as varchar) as expected,
    union all
    select
        'a birthday' as case_name,
        cast({{ field_state(
            'birth_date', "date '2011-05-06'", "''"
        ) }} as varchar) as actual,
        cast('valid' as varchar) as expected,
    union all
    select
        '1 January' as case_name,
        cast({{ field_state(
            'birth_date', "date '2011-01-01'", "''"
        ) }} as varchar) as actual,
        cast('default' as varchar) as expected,
    union all
    select
        '1 February' as case_name,
        cast({{ field_state(
            'birth_date', "date '2011-02-01'", "''"
        ) }} as varchar) as actual,
        cast('valid' as varchar) as expected,
    union all
    select
        'filled' as case_name,
        cast({{ field_state(
            'text', "'x'", "''"
        ) }} as varchar) as actual,
        cast('valid' as varchar) as expected,
    union all
    select
        'blank' as case_name,
        cast({{ field_state(
            'text', "cast(null as varchar)", "''"
        ) }} as varchar) as actual,
        cast('missing' as varchar) as expected,
)

select *
from cases
where actual is distinct from expected
