-- Fails if the deviance of two shares is not the G of their two-by-two table. By hand,
-- for 10 of 20 against 2 of 20 (together 12 of 40):
-- G = 2 (10 ln(10/6) + 10 ln(10/14) + 2 ln(2/6) + 18 ln(18/14)) = 8.1399.
with

cases as (
    select
        'two_shares' as case_name,
        10 as one_count,
        20 as one_size,
        2 as other_count,
        20 as other_size,
        8.1399 as expected_deviance,
    union all
    select
        'equal_shares' as case_name,
        3 as one_count,
        6 as one_size,
        5 as other_count,
        10 as other_size,
        0.0 as expected_deviance,
    union all
    -- 0 of 5 against 5 of 5: G = 20 ln 2 = 10 ln 4.
    select
        'none_against_all' as case_name,
        0 as one_count,
        5 as one_size,
        5 as other_count,
        5 as other_size,
        13.8629 as expected_deviance,
    union all
    select
        'nothing_to_compare' as case_name,
        0 as one_count,
        0 as one_size,
        5 as other_count,
        9 as other_size,
        cast(null as double) as expected_deviance,
),

weighed as (
    select
        *,
        {{ function('shares_deviance') }}(one_count, one_size, other_count, other_size)
            as deviance,
    from cases
),

final as (
    select * from weighed
    where
        abs(deviance - expected_deviance) > 0.0001
        or (deviance is null) != (expected_deviance is null)
)

select * from final
