{#
    `excess_share` at the lower bound of the odds ratio. The logarithm of the bound lies `deviate`
    standard errors below the logarithm of the ratio. The limit of 700 keeps `exp` from overflowing.
    Source: Woolf 1955, Annals of Human Genetics 19:251-253.
#}
1 - exp(least(
    deviate * sqrt(
        1 / (case_size * case_rate * (1 - case_rate))
        + 1 / (control_size * control_rate * (1 - control_rate))
    )
    - {{ function('log_odds_ratio') }}(case_rate, control_rate),
    700
))
