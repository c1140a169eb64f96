-- Fails if a duration in days counts hours rather than midnights, or has the wrong
-- sign.
with

cases as (
    select
        'over a leap day' as case_name,
        {{ elapsed_days("cast('2024-02-28' as date)", "cast('2024-03-01' as date)") }}
            as actual,
        2 as expected,
    union all
    select
        'the same day' as case_name,
        {{ elapsed_days("cast('2026-03-29' as date)", "cast('2026-03-29' as date)") }}
            as actual,
        0 as expected,
    union all
    select
        'the wrong way round' as case_name,
        {{ elapsed_days("cast('2026-04-02' as date)", "cast('2026-04-01' as date)") }}
            as actual,
        -1 as expected,
),

final as (
    select * from cases
    where actual is distinct from expected
)

select * from final
