-- Fails if a symbol is read as 0, or if a number with a separator is lost.
with

cases as (
    select
        'thousands' as case_name,
        cast({{ published_figure("'1,234'") }} as varchar) as actual,
        cast(1234.0 as varchar) as expected,
    union all
    select
        'a share' as case_name,
        cast({{ published_figure("'4%'") }} as varchar) as actual,
        cast(4.0 as varchar) as expected,
    union all
    select
        'a decimal' as case_name,
        cast({{ published_figure("'6.5'") }} as varchar) as actual,
        cast(6.5 as varchar) as expected,
    union all
    select
        'suppressed' as case_name,
        cast({{ published_figure("'c'") }} as varchar) as actual,
        cast(null as varchar) as expected,
    union all
    select
        'not applicable' as case_name,
        cast({{ published_symbol("'z'") }} as varchar) as actual,
        cast('z' as varchar) as expected,
    union all
    select
        'low' as case_name,
        cast({{ published_symbol("'low'") }} as varchar) as actual,
        cast('low' as varchar) as expected,
    union all
    select
        'a colon' as case_name,
        cast({{ published_symbol("':'") }} as varchar) as actual,
        cast(':' as varchar) as expected,
    union all
    select
        'upper case' as case_name,
        cast({{ published_symbol("'K'") }} as varchar) as actual,
        cast('k' as varchar) as expected,
    union all
    select
        'a number has no symbol' as case_name,
        cast({{ published_symbol("'12'") }} as varchar) as actual,
        cast(null as varchar) as expected,
    union all
    select
        'anything else' as case_name,
        cast({{ published_symbol("'n/k'") }} as varchar) as actual,
        cast('unmapped' as varchar) as expected,
    union all
    select
        'a year ending in March' as case_name,
        cast({{ statistics_collection_year("'2024'") }} as varchar) as actual,
        cast('2023-24' as varchar) as expected,
    union all
    select
        'a year of six digits' as case_name,
        cast({{ statistics_collection_year("'202324'") }} as varchar) as actual,
        cast('2023-24' as varchar) as expected,
    union all
    select
        'a century' as case_name,
        cast({{ statistics_collection_year("'2000'") }} as varchar) as actual,
        cast('1999-00' as varchar) as expected,
)

select *
from cases
where actual is distinct from expected
