{#
    The lower end of Wilson's score interval of a share, `successes` of `trials`. `wilson_upper` is
    the upper end. The interval contains every true share that a test at the level of `interval_z`
    would not reject. With s successes, n trials and z = `interval_z`, its ends are

        (s + z²/2 ± z √(s (n - s) / n + z²/4)) / (n + z²)

    The interval stays within 0 to 1, and has a width even where s is 0 or n. Rounding never puts an
    end on the wrong side of the share. Null without trials. Both arguments may be fractions, as
    corrected counts are.

    Sources: Wilson 1927, Journal of the American Statistical Association 22:209-212; method 3 of
    Newcombe 1998, Statistics in Medicine 17:857-872.
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
