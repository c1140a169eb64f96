-- Prevents a count of the unseen that is not Chapman's, or an interval that is not
-- log-normal. Hepatitis A in Taiwan: three pairs of lists, with estimate, standard
-- error and interval (Chao, Tsay, Lin, Shau and Chao 2001, Statistics in Medicine
-- 20:3123-3157; CARE1).
with

lists as (
    select
        49 as both_count,
        86 as first_only,
        73 as second_only,
        [334, 29, 289, 403] as expected,
    union all
    select
        45 as both_count,
        90 as first_only,
        81 as second_only,
        [374, 36, 319, 461] as expected,
    union all
    select
        46 as both_count,
        76 as first_only,
        80 as second_only,
        [331, 30, 285, 404] as expected,
),

found as (
    select
        *,
        [
            chapman_estimate(both_count, first_only, second_only),
            sqrt(chapman_variance(both_count, first_only, second_only)),
            chapman_lower(both_count, first_only, second_only, 1),
            chapman_upper(both_count, first_only, second_only, 1)
        ] as actual,
    from lists
),

final as (
    select * from found
    where cast(actual as integer[]) != expected
)

select * from final
