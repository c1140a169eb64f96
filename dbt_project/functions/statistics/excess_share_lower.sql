1 - exp(least(
    deviate * sqrt(
        1 / (case_size * case_rate * (1 - case_rate))
        + 1 / (control_size * control_rate * (1 - control_rate))
    )
    - {{ function('log_odds_ratio') }}(case_rate, control_rate),
    700
))
