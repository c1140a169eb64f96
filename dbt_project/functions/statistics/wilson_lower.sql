{#
    Wilson's score interval of a share: the shares that a test at the stated level would not reject
    (Wilson 1927, Journal of the American Statistical Association 22:209-212; method 3 of Newcombe
    1998, Statistics in Medicine 17:857-872). With s of n and z standard errors:

        (s + z²/2 ± z √(s (n - s) / n + z²/4)) / (n + z²)

    It never leaves 0 to 1 and has a width where s is 0 or n. The share itself bounds either end, so
    that rounding never puts it outside. Null without trials. A count may be a fraction, as a
    corrected count is.
#}
case
    when trials > 0
        then greatest(
            0.0, least(
                cast(successes as double) / trials,
                (
                    (successes + {{ var('interval_z') ** 2 / 2 }}e0)
                    - {{ var('interval_z') }}e0 * sqrt(
                        successes * cast(trials - successes as double) / trials
                        + {{ var('interval_z') ** 2 / 4 }}e0
                    )
                )
                / (trials + {{ var('interval_z') ** 2 }}e0)
            )
        )
end
