1.0 - {{ function('small_share_lower') }}(trials - successes, trials)
