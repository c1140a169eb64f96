case
    when trials > 0
        then least(
            1.0, greatest(
                cast(successes as double) / trials,
                (
                    (successes + {{ var('interval_z') ** 2 / 2 }}e0)
                    + {{ var('interval_z') }}e0 * sqrt(
                        successes * cast(trials - successes as double) / trials
                        + {{ var('interval_z') ** 2 / 4 }}e0
                    )
                )
                / (trials + {{ var('interval_z') ** 2 }}e0)
            )
        )
end
