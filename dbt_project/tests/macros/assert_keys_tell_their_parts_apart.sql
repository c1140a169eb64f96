-- Prevents two rows that share a key because a part is blank or a part moved.
with

cases as (
    select
        'null and blank differ' as case_name,
        cast({{ surrogate_key(["null", "'a'"]) }}
            = {{ surrogate_key(["''", "'a'"]) }} as varchar) as actual,
        cast(false as varchar) as expected,
    union all
    select
        'parts keep their place' as case_name,
        cast({{ surrogate_key(["'ab'", "'c'"]) }}
            = {{ surrogate_key(["'a'", "'bc'"]) }} as varchar) as actual,
        cast(false as varchar) as expected,
    union all
    select
        'the same parts, the same key' as case_name,
        cast({{ surrogate_key(["1", "'a'"]) }}
            = {{ surrogate_key(["1", "'a'"]) }} as varchar) as actual,
        cast(true as varchar) as expected,
    union all
    select
        'a published key is a letter and 24 digits' as case_name,
        cast({{ register_key('P', "'0123456789abcdef0123456789abcdef'") }} as varchar) as actual,
        cast('P0123456789ABCDEF01234567' as varchar) as expected,
)

select *
from cases
where actual is distinct from expected
