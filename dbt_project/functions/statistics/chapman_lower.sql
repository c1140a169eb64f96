{#
    The lower end of Sadinle's interval of `absences_at_odds_ratio`; `chapman_upper` is the upper
    end. The interval is also valid for few absences, and where one source recorded no absence that
    the other lacks. At an odds ratio of 1, the number of unrecorded absences lies between the two
    values of centre × exp(± z σ) - 1/2. A negative value counts as 0. Half an absence is added to
    each count, and z is `interval_z`:

        centre = (police only + 1/2)(authority only + 1/2) / (both + 1/2)
        σ²     = 1/(both + 1/2) + 1/(police only + 1/2) + 1/(authority only + 1/2)
               + 1 / max(centre, 1/4)

    Both values are multiplied by the odds ratio. The limit of 1/4 keeps the upper end finite where
    both sources recorded nearly every absence. The estimate itself always lies within the interval.
    tests/dbt/statistics/test_small_cells.py measures how often the interval contains the true
    number. It does the same for the log-normal interval, which has no width where a count is 0.

    Source: Sadinle 2009, Communications in Statistics, Simulation and Computation 38:1909-1924.
#}
least(
    {{ function('absences_at_odds_ratio') }}(both_count, police_only_count, authority_only_count, odds_ratio),
    both_count + police_only_count + authority_only_count
    + odds_ratio * greatest(0.0,
        {{ function('unrecorded_centre') }}(both_count, police_only_count, authority_only_count)
        * exp(-{{ var('interval_z') }}e0 * {{ function('unrecorded_log_error') }}(both_count, police_only_count, authority_only_count))
        - 0.5
    )
)
