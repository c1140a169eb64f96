odds_ratio * cast(police_only_count as double) * authority_only_count
/ (both_count + 1)
