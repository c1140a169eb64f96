1 - exp(-{{ function('log_odds_ratio') }}(case_rate, control_rate))
