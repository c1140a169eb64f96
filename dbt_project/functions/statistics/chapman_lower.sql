least(
    {{ function('absences_at_odds_ratio') }}(both_count, police_only_count, authority_only_count, odds_ratio),
    both_count + police_only_count + authority_only_count
    + odds_ratio * greatest(0.0,
        {{ function('unrecorded_centre') }}(both_count, police_only_count, authority_only_count)
        * exp(-{{ var('interval_z') }}e0 * {{ function('unrecorded_log_error') }}(both_count, police_only_count, authority_only_count))
        - 0.5
    )
)
