-- Fails if the estimated number of cases is not Chapman's. The three pairs of lists and
-- their estimates are published for hepatitis A in Taiwan (program CARE1). Source:
-- Chao, Tsay, Lin, Shau and Chao 2001, Statistics in Medicine 20:3123-3157.
with

lists as (
    select
        49 as both_count,
        86 as first_only,
        73 as second_only,
        334 as expected,
    union all
    select
        45 as both_count,
        90 as first_only,
        81 as second_only,
        374 as expected,
    union all
    select
        46 as both_count,
        76 as first_only,
        80 as second_only,
        331 as expected,
),

found as (
    select
        *,
        {{ function('chapman_estimate') }}(both_count, first_only, second_only) as actual,
    from lists
),

final as (
    select * from found
    where round(actual) != expected
)

select * from final
