-- Fails if a period's name is not the one that suppliers use: its delivery would then
-- belong to no period.
with

cases as (
    select
        'a month' as case_name,
        cast({{ period_label(
            "'police_reports'", "'monthly'", "date '2026-10-01'"
        ) }} as varchar) as actual,
        cast('2026-10' as varchar) as expected,
    union all
    select
        'first quarter' as case_name,
        cast({{ period_label(
            "'authority_extract'", "'quarterly'", "date '2026-01-01'"
        ) }} as varchar) as actual,
        cast('2026-Q1' as varchar) as expected,
    union all
    select
        'last quarter' as case_name,
        cast({{ period_label(
            "'authority_extract'", "'quarterly'", "date '2026-10-01'"
        ) }} as varchar) as actual,
        cast('2026-Q4' as varchar) as expected,
    union all
    select
        'a return' as case_name,
        cast({{ period_label(
            "'authority_return'", "'yearly'", "date '2025-04-01'"
        ) }} as varchar) as actual,
        cast('2025-26' as varchar) as expected,
    union all
    select
        'a release' as case_name,
        cast({{ period_label(
            "'published_statistics'", "'yearly'", "date '2023-04-01'"
        ) }} as varchar) as actual,
        cast('2024' as varchar) as expected,
)

select *
from cases
where actual is distinct from expected
