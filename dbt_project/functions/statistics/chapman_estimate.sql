{#
    Chapman's estimate of how many absences happened, recorded or not. The arguments count the
    recorded absences: `both_count` (recorded by both sources), `police_only_count` and
    `authority_only_count`.

        N = (police + 1)(authority + 1) / (both + 1) - 1
          = recorded + police only × authority only / (both + 1)

    The estimate makes four assumptions: each source learns of an absence independently of the
    other; every absence is equally likely to be recorded; no link is wrong or missed; and both
    sources cover the same absences. The first is false, because the sources inform each other.
    `absences_at_odds_ratio` therefore takes `odds_ratio`: the odds that the authority records an
    absence if the police recorded it, divided by the odds if they did not. The counts of two
    sources do not tell this ratio, so the estimate is given for several stated ratios. A ratio of 1
    is Chapman's own estimate; a ratio above 1 means that one source informs the other, and that
    more absences are unrecorded.

    `chapman_lower` and `chapman_upper` are the ends of Sadinle's interval. It is also valid for few
    absences, and where one source recorded no absence that the other lacks. The number of
    unrecorded absences lies between the two values of centre × exp(± z σ) - 1/2. Half an absence is
    added to each count, and z is `interval_z`:

        centre = (police only + 1/2)(authority only + 1/2) / (both + 1/2)
        σ²     = 1/(both + 1/2) + 1/(police only + 1/2) + 1/(authority only + 1/2)
                 + 1 / max(centre, 1/4)

    Both ends are multiplied by the odds ratio and are never below 0. The limit of 1/4 keeps the
    upper end finite where both sources recorded nearly every absence. The estimate itself always
    lies within the interval. tests/dbt/statistics/test_small_cells.py measures how often the
    interval contains the true number. It compares the log-normal interval, which has no width where
    a count is 0.

    Sources: Chapman 1951, University of California Publications in Statistics 1:131-160;
    International Working Group for Disease Monitoring and Forecasting 1995, American Journal of
    Epidemiology 142:1047-1058 (what two sources cannot tell); Gerritse, van der Heijden and Bakker
    2015, Journal of Official Statistics 31:357-379 (stated odds ratios); Sadinle 2009,
    Communications in Statistics, Simulation and Computation 38:1909-1924 (interval).
#}
{{ function('absences_at_odds_ratio') }}(both_count, police_only_count, authority_only_count, 1)
