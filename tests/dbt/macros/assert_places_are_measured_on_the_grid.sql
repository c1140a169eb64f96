-- Fails if distances are in metres or kilometres, or if a space changes a postcode.
with

cases as (
    select
        'three, four, five' as case_name,
        cast(round({{ grid_miles(
            '400000', '300000', '403000', '304000'
        ) }}, 4) as varchar) as actual,
        cast('3.1069' as varchar) as expected,
    union all
    select
        'an unknown point' as case_name,
        cast(
            {{ grid_miles('400000', '300000', 'null', '304000') }}
            as varchar
        ) as actual,
        cast(null as varchar) as expected,
    union all
    select
        'a spaced postcode' as case_name,
        cast({{ compact_postcode("' s1 2bj'") }} as varchar) as actual,
        cast('S12BJ' as varchar) as expected,
)

select *
from cases
where actual is distinct from expected
