-- Fails if intervals of shares differ from Wilson's as published, to four decimals.
-- Source: Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3.
with

cases as (
    select
        81 as successes,
        263 as trials,
        0.2553 as expected_lower,
        0.3662 as expected_upper,
    union all
    select
        15 as successes,
        148 as trials,
        0.0624 as expected_lower,
        0.1605 as expected_upper,
    union all
    select
        0 as successes,
        20 as trials,
        0.0000 as expected_lower,
        0.1611 as expected_upper,
    union all
    select
        1 as successes,
        29 as trials,
        0.0061 as expected_lower,
        0.1718 as expected_upper,
    union all
    select
        29 as successes,
        29 as trials,
        0.8830 as expected_lower,
        1.0000 as expected_upper,
    union all
    select
        0 as successes,
        0 as trials,
        null as expected_lower,
        null as expected_upper,
),

found as (
    select
        *,
        {{ wilson_columns('actual', 'successes', 'trials') }},
    from cases
),

final as (
    select * from found
    where
        round(actual_lower, 4) is distinct from expected_lower
        or round(actual_upper, 4) is distinct from expected_upper
)

select * from final
