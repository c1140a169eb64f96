-- Fails if limits of agreement differ from the published example: systolic pressure by
-- two methods in 85 people, mean difference -16.29 and standard deviation 19.61 mm Hg.
-- The authors round intermediate results, so 0.15 is allowed. Source: Bland and Altman
-- 1999, Statistical Methods in Medical Research 8:135-160, sections 2 and 2.1.
with

differences as (
    select
        -16.29 as mean_difference,
        19.61 as deviation,
        85 as difference_count,
),

found as (
    select
        {{ limits_of_agreement(
            'pressure', 'mean_difference', 'deviation', 'difference_count'
        ) }},
    from differences
),

compared as (
    select
        'mean, from' as figure_name,
        pressure_mean_lower as actual,
        -20.5 as expected,
    from found
    union all
    select
        'mean, to' as figure_name,
        pressure_mean_upper as actual,
        -12.1 as expected,
    from found
    union all
    select
        'lower limit' as figure_name,
        pressure_lower_limit as actual,
        -54.7 as expected,
    from found
    union all
    select
        'lower limit, from' as figure_name,
        pressure_lower_limit_lower as actual,
        -61.9 as expected,
    from found
    union all
    select
        'lower limit, to' as figure_name,
        pressure_lower_limit_upper as actual,
        -47.5 as expected,
    from found
    union all
    select
        'upper limit' as figure_name,
        pressure_upper_limit as actual,
        22.1 as expected,
    from found
    union all
    select
        'upper limit, from' as figure_name,
        pressure_upper_limit_lower as actual,
        14.9 as expected,
    from found
    union all
    select
        'upper limit, to' as figure_name,
        pressure_upper_limit_upper as actual,
        29.3 as expected,
    from found
),

final as (
    select * from compared
    where actual is null or abs(actual - expected) > 0.15
)

select * from final
